"""How a bag is carried: by its panels, by its top, over a shoulder, on the back, by the wrist."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, reshaped, turned
from pdengine.shapes.bag_bodies import Body
from pdengine.shapes.bodies import ball, tube
from pdengine.shapes.curves import Array, circle, rounded_rectangle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.luggage import arch_path, grip, leaned, ring_handle, strap_section
from pdengine.shapes.primitives import Surface, X, Z, slab, superellipsoid, sweep


def _at(body: Body, y: float) -> float:
    return float(body.front(np.array([y]))[0])


def panel_handles(dice: Dice, body: Body, low: float = 0.0) -> list[Surface]:
    """One handle on the front panel and one behind, standing or fallen over.

    Args:
        low: how far down the panels they begin, at least, as a share of the height.
    """
    half = body.width * dice.between(0.12, 0.3)
    rise = dice.log_between(0.15, 0.75)
    wide = dice.log_between(0.03, 0.11)
    thick = dice.log_between(0.018, 0.035)
    down = max(low, dice.between(0.08, 0.3) if dice.chance(0.7) else dice.between(0.3, 0.85))
    start = (1 - down) * body.height
    total = rise + body.height - start
    power = dice.between(2.0, 6.0)
    # The straps run straight up the panel and bend only above the rim.
    legs = min((total - rise) / total + dice.between(0.0, 0.2), 0.9)
    path = arch_path(half, total, power, legs, 36)
    # The second axis of the outline lies in the plane of the handle.
    cut = strap_section(dice, wide, thick)[:, ::-1]
    one = sweep(path, cut, 1.0, Z, ends=0.2 * thick)
    # Straps lie on the panel and leave it a little below the rim, where the top may turn in.
    leave = 0.92 * body.height
    edge = _at(body, leave)
    pieces = [moved(one, y=start)]
    if dice.chance(0.35):  # patches or rings where they are sewn on
        patch = slab(circle(0.9 * wide, 18), 1.6 * thick, 0.3 * thick)
        pieces += mirrored(moved(turned(patch, "x", pi / 2), x=half, y=start))
    fallen = dice.chance(0.25)
    falls = (
        [dice.between(0.3, 2.2), dice.between(0.0, 0.3)]
        if fallen
        else [dice.between(-0.15, 0.35)] * 2
    )
    if low:
        falls = [dice.between(-0.3, -0.05)] * 2  # over a roll they lean together
    handles = []
    for side, fall in zip((1, -1), falls, strict=True):
        for piece in pieces:
            placed = reshaped(piece, lambda v: _laid_on(v, body, leave))
            placed = _folded(placed, fall, leave, edge)
            turned_piece = placed if side > 0 else turned(placed, "y", pi)
            handles.append(turned_piece)
    return handles


def _laid_on(v: Array, body: Body, leave: float) -> Array:
    return np.stack([v[:, 0], v[:, 1], v[:, 2] + body.front(np.minimum(v[:, 1], leave))], 1)


def _folded(surface: Surface, angle: float, y: float, z: float) -> Surface:
    """Bend what is above the rim forwards by an angle, softly."""
    v = surface.vertices.copy()
    up = np.clip(v[:, 1] - y, 0, None)
    soft = 0.12
    # An arc of radius soft / |angle| and then straight on.
    share = np.clip(up / soft, 0, 1)
    turn = angle * share
    radius = soft / max(abs(angle), 1e-6)
    rest = np.clip(up - soft, 0, None)
    sign = np.sign(angle) or 1.0
    high = radius * np.sin(np.abs(turn)) + rest * np.cos(turn)
    out = sign * radius * (1 - np.cos(turn)) + rest * np.sin(turn)
    away = v[:, 2] - z
    bent = up > 0
    v[:, 1] = np.where(bent, y + high - away * np.sin(turn), v[:, 1])
    v[:, 2] = np.where(bent, z + out + away * np.cos(turn), v[:, 2])
    return Surface(v, surface.faces)


def top_handles(
    dice: Dice, body: Body, single: bool | None = None, small: bool = False
) -> list[Surface]:
    """One bow on the middle of the top, or two next to each other."""
    one = dice.chance(0.55) if single is None else single
    wide = dice.log_between(0.03, 0.09)
    thick = dice.log_between(0.022, 0.045)
    half = body.width * (dice.between(0.1, 0.2) if small else dice.between(0.14, 0.36))
    rise = dice.between(0.06, 0.2) if small else dice.log_between(0.12, 0.55)
    pieces = grip(dice, half, rise, wide, thick)
    if dice.chance(0.4):  # rings or feet it is fixed to
        foot = ball((0, 0, 0), (0.07, 0.07, 1.3 * wide), 14)
        pieces += mirrored(moved(foot, x=half))
    top = body.height - 0.02
    if one:
        return [moved(p, y=top) for p in pieces]
    edge = max(0.7 * _at(body, top), 0.6 * wide)
    fall = dice.between(-0.25, 0.2) if dice.chance(0.75) else dice.between(0.3, 1.2)
    front = [leaned(moved(p, y=top, z=edge), fall, (0, top, edge)) for p in pieces]
    return [*front, *(turned(p, "y", pi) for p in front)]


def shoulder_strap(dice: Dice, body: Body) -> list[Surface]:
    """A long strap from one end of the bag to the other: held up, slack, or fallen to a side."""
    x, y = body.corner
    rise = dice.log_between(0.3, 1.3)
    half_wide = dice.log_between(0.02, 0.06)
    thin = dice.log_between(0.012, 0.022)
    kind = dice.weighted({"up": 5.0, "fallen": 2.0, "slack": 1.0})
    bulge = dice.between(0.75, 1.1) * x
    out = body.depth / 2 + 0.06
    if kind == "up":
        top = y + rise
        half: list[tuple[float, float, float]] = [(x, y - 0.08, 0), (x, y + 0.1, 0)]
        half += [(0.9 * bulge, y + 0.6 * rise, 0), (0.45 * bulge, y + 0.93 * rise, 0)]
        middle = (0.0, top, 0.0)
    elif kind == "fallen":  # in front of the bag or behind it
        side = dice.pick([-1.0, 1.0])
        low = dice.between(0.1, 0.6) * body.height
        half = [(x, y - 0.05, 0), (x, y + 0.08, 0), (0.9 * x, y + 0.02, 0.7 * side * out)]
        half += [(0.6 * x, 0.5 * (y + low), side * out)]
        middle = (0.0, low, side * out)
    else:  # it stands beside in a bow and sinks in the middle
        half = [(x, y - 0.05, 0), (x + 0.12, y + 0.1, 0.05), (0.8 * x, y + 0.6 * rise, 0.1)]
        half += [(0.4 * x, body.height + 0.3 * rise, 0.06)]
        middle = (0.0, body.height + 0.15 * rise, 0.03)
    left = [(-a, b, c) for a, b, c in half]
    knots = [*left, middle, *half[::-1]]
    if dice.chance(0.18):  # a chain
        path = smooth(knots, 110)
        beads = 0.02 * (1 + 0.45 * np.sin(np.arange(110) * 1.3))
        return [tube(path, beads, 10)]
    straps = [ring_handle(knots, [thin, half_wide], 54)]
    if dice.chance(0.3) and kind == "up":  # a pad for the shoulder
        pad = smooth(knots, 54)[20:34]
        straps.append(tube(pad, np.broadcast_to([1.8 * thin, 1.6 * half_wide], (14, 2)), 14, 0.5))
    if dice.chance(0.35):  # rings at both ends
        ring = ball((0, 0, 0), (0.05, 0.08, 2.4 * half_wide), 14)
        straps += mirrored(moved(ring, x=x, y=y))
    return straps


def back_straps(dice: Dice, body: Body) -> list[Surface]:
    """Two straps behind a backpack and a loop to hang it up by."""
    w, h = body.width, body.height
    back = -_at(body, 0.5 * h)
    half_wide = dice.log_between(0.035, 0.08)
    thin = dice.log_between(0.014, 0.03)
    out = dice.between(0.06, 0.28)
    top, low = dice.between(0.8, 0.93) * h, dice.between(0.06, 0.25) * h
    near, far = dice.between(0.12, 0.2) * w, dice.between(0.26, 0.4) * w
    knots = [(near, top, back + 0.05), (near, top + 0.02, back - 0.4 * out)]
    knots += [(1.1 * near, 0.7 * h, back - out), (0.5 * (near + far), 0.4 * h, back - 0.9 * out)]
    knots += [(far, low + 0.06, back - 0.3 * out), (far, low, back + 0.05)]
    path = smooth(knots, 44)
    t = np.linspace(0, 1, 44)
    narrow = np.where(
        t < 0.55, 1.0, 1.0 - dice.between(0.0, 0.6) * np.clip((t - 0.55) / 0.15, 0, 1)
    )
    cut = rounded_rectangle(2 * half_wide, 2 * thin, 0.9 * thin, 16)
    strap = sweep(path, cut, np.stack([narrow, np.ones(44)], 1), X, ends=0.3 * thin)
    straps = mirrored(strap) if dice.chance(0.95) else [strap]
    if dice.chance(0.8):
        loop = grip(dice, dice.between(0.06, 0.14) * w, dice.between(0.06, 0.16), 0.05, 0.025)
        straps += [
            leaned(moved(p, y=top - 0.01, z=0.9 * back), -0.3, (0, top, back))
            for p in _up(loop, h - top)
        ]
    return straps


def _up(pieces: list[Surface], rise: float) -> list[Surface]:
    return [moved(p, y=0.75 * rise) for p in pieces]


def wrist_loop(dice: Dice, body: Body) -> list[Surface]:
    """A loop that hangs from one end of a clutch."""
    x, y = body.corner
    long, wide = dice.between(0.25, 0.6), dice.between(0.04, 0.14)
    angle = np.linspace(0.15, 2 * pi - 0.15, 46)
    loop = np.stack(
        [wide * np.sin(angle), -long / 2 * (1 - np.cos(angle)), 0.02 * np.sin(2 * angle)], 1
    )
    lift = dice.between(-1.0, 2.2)
    cut = strap_section(dice, dice.between(0.03, 0.06), 0.022)
    strap = turned(sweep(loop, cut, 1.0, Z, ends=0.01), "z", lift)
    tab = turned(slab(rounded_rectangle(0.1, 0.06, 0.02, 16), 0.035, 0.01), "x", pi / 2)
    return [moved(strap, x=x + 0.04, y=y), moved(tab, x=x, y=y)]


def belt(dice: Dice, body: Body) -> list[Surface]:
    """The belt of a bag that is worn around the waist, with its buckle."""
    radius = dice.between(0.5, 0.85)
    deep = radius * dice.between(0.6, 1.0)
    path: Array = np.stack(
        [np.sin(a := np.arange(64) * (2 * pi / 64)) * radius, 0 * a, deep * np.cos(a)], 1
    )
    cut = rounded_rectangle(dice.between(0.06, 0.14), 0.035, 0.014, 16)
    level = dice.between(0.5, 0.75) * body.height
    strap = sweep(path, cut, 1.0, (0.0, 1.0, 0.0), loop=True)
    buckle = superellipsoid((0.16, 0.14, 0.07), 4.0, 3.0)
    return [moved(strap, y=level, z=-deep), moved(buckle, y=level, z=-2 * deep)]
