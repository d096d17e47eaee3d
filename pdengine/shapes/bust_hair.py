"""Hair, beards and whatever covers the head of a bust: caps, hats, helmets, hoods, wreaths."""

from math import pi

import numpy as np

from pdengine.shapes.assembly import mirrored, moved, turned
from pdengine.shapes.bodies import ball, jointed, posed, trunk, tube
from pdengine.shapes.bust_face import Head
from pdengine.shapes.curves import Array, circle, smooth
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, lathe, skin, slab

HAIR = {
    "bald": 2.5,
    "short": 5.0,
    "curly": 2.5,
    "combed": 2.0,
    "monk": 0.8,
    "long": 2.5,
    "bob": 1.5,
    "bun": 1.5,
    "tail": 1.0,
    "wig": 1.0,
    "cap": 0.8,
    "hat": 0.8,
    "helmet": 0.8,
    "hood": 0.8,
    "headdress": 0.6,
}
LOCKED = ("short", "long", "bob", "wig", "combed")  # may have locks as fat as fingers
COVERED_EARS = {"long": 0.6, "bob": 0.75, "hood": 1.0, "headdress": 0.5, "wig": 0.6}
BEARDS = {"none": 6.0, "full": 1.8, "long": 0.8, "goatee": 0.6, "moustache": 0.8}


def hair(dice: Dice, head: Head, style: str) -> list[Surface]:
    if style == "bald":
        return []
    if style in ("cap", "hat", "helmet"):
        return _hat(dice, head, style)
    thick = dice.between(0.02, 0.05)
    pieces = []
    if style == "hood":
        return [_shell(head, _hood(dice, head), dice.between(0.03, 0.09), 0.01, dice)]
    waves = 0.012
    if dice.chance(0.25):  # cut close into the stone: only its locks tell it from the face
        thick = dice.between(0.01, 0.022)
        waves = 0.8 * thick
    if style == "curly":
        thick, waves = dice.between(0.05, 0.13), dice.between(0.02, 0.045)
    elif style == "wig":
        thick, waves = dice.between(0.06, 0.12), 0.015
    elif style == "combed":
        thick = dice.between(0.04, 0.08)
    low = style in ("long", "bob")
    inside = _hairline(dice, head, low, style == "monk")
    pieces.append(_shell(head, inside, thick, waves, dice))
    if dice.chance(0.75 if style == "curly" else 0.3 if style in LOCKED else 0.0):
        pieces += _locks(dice, head, inside, thick)
    w, d = head.wide, head.deep
    if low or style == "headdress":
        end = dice.between(-0.7, -0.4) if style == "bob" else dice.between(-1.15, -0.65)
        if style == "headdress":  # a cloth that spreads to the shoulders
            end = dice.between(-0.9, -0.6)
        spread = dice.between(0.9, 1.2) if style != "headdress" else dice.between(1.3, 1.8)
        grow = 1 + 1.6 * thick
        knots = [
            (0.0, 0.25, -0.1 * d, grow * w, 0.72 * d),
            (0.0, -0.05, -0.16 * d, 1.06 * grow * w, 0.7 * d),
            (0.0, 0.5 * end - 0.1, -0.24 * d, 0.5 * (1.06 + spread) * w, 0.6 * d),
            (0.0, end, -0.28 * d, spread * w, dice.between(0.3, 0.5) * d),
        ]
        pieces.append(_ruffled(dice, trunk(knots, 14, 26, 0.5)))
    elif style == "bun":
        size = dice.between(0.22, 0.42)
        rise = dice.between(-0.3, 1.3)
        at = (0.0, 0.05 + 0.5 * np.sin(rise), -(0.5 * d + 0.2 * size) * np.cos(rise))
        pieces.append(ball(at, (size, size, 0.85 * size), 18))
    elif style == "tail":
        end = -dice.between(0.4, 0.9)
        knots3 = [(0, 0.12, -0.45 * d), (0, 0.1, -0.62 * d), (0, end, -0.6 * d)]
        pieces.append(jointed(knots3, [0.07, 0.1, 0.05], 14))
    elif style == "wig":  # rolls of curls over the ears
        size = dice.between(0.09, 0.13)
        for k in range(dice.whole(2, 3)):
            y = head.eye_y + 0.08 - k * 1.5 * size
            path = smooth([(head.side(y), y, 0.14 * d), (head.side(y) + 0.04, y, -0.3 * d)], 5)
            pieces += mirrored(tube(path, np.full(5, size), 9))
    if style in ("short", "bun", "long") and dice.chance(0.15):
        pieces.append(_wreath(dice, head))
    return pieces


def _shell(head: Head, inside: Array, thick: float, waves: float, dice: Dice) -> Surface:
    """The skin of the head blown up where there is hair, and sunk below the skin elsewhere.

    Args:
        inside: [R, P], 1 well within the hair, -1 well outside.
        waves: height of the locks.
    """
    middle = np.array([0.0, 0.02, -0.02 * head.deep])
    out = head.grid - middle
    out = out / np.sqrt((out * out).sum(-1, keepdims=True))
    step = np.clip(0.5 + 0.5 * inside, 0, 1)
    step = step * step * (3 - 2 * step)
    rate = [dice.between(14, 40) for _ in range(3)]
    phase = [dice.between(0, 2 * pi) for _ in range(3)]
    x, y, z = head.grid[..., 0], head.grid[..., 1], head.grid[..., 2]
    locks = (
        np.sin(rate[0] * x + phase[0])
        * np.sin(rate[1] * y + phase[1] + 2 * x)
        * np.cos(rate[2] * z + phase[2])
    )
    lift = step * (thick + waves * locks + 0.04) - 0.04
    used = np.flatnonzero((inside > -1).any(1))  # rings without hair stay away
    rows = slice(max(int(used[0]) - 1, 0), int(used[-1]) + 2)
    return skin((head.grid + lift[..., None] * out)[rows])


def _locks(dice: Dice, head: Head, inside: Array, thick: float) -> list[Surface]:
    """Curls and tufts that stand off the hair, all over or in a fringe."""
    size = dice.log_between(0.09, 0.2)
    long = dice.log_between(1.0, 2.2)
    middle = np.array([0.0, 0.02, -0.02 * head.deep])
    places = head.grid[inside > 0.6]
    if len(places) == 0:
        return []
    locks = []
    for _ in range(dice.whole(8, 16)):
        at = dice.pick(list(places))
        out = (at - middle) / float(np.sqrt(((at - middle) ** 2).sum()))
        shape = size * dice.between(0.7, 1.3) * np.array([1.0, long, 0.7])
        lock = ball((0, 0, 0), shape, 8)
        place = at + (thick - 0.05 * size) * out
        locks += posed([lock], place, 0.0, float(np.arctan2(out[0], out[2])), dice.between(-1, 1))
    return locks


def _hairline(dice: Dice, head: Head, low: bool, monk: bool) -> Array:
    """1 above the line from the forehead over the temples and ears to the nape. [R, P]."""
    brow = dice.between(0.2, 0.4) if dice.chance(0.75) else dice.between(0.12, 0.24)
    temple = brow - dice.between(0.0, 0.1) if dice.chance(0.6) else brow + 0.04
    burns = head.eye_y + dice.between(-0.18, 0.06)
    ear, nape = head.eye_y + dice.between(0.02, 0.08), dice.between(-0.42, -0.25)
    if low:
        burns, ear = dice.between(-0.35, -0.1), -0.4
    theta = [0.0, 0.55, 0.9, 1.2, 1.5, 1.85, 2.2, pi]
    line = [brow, brow, temple, burns + 0.06, max(burns, ear) if not low else ear, ear, nape, nape]
    part = dice.between(-0.08, 0.08)
    y = head.grid[..., 1]
    inside = (y - np.interp(head.angle, theta, line) - part * head.grid[..., 0]) / 0.03
    if monk:
        crown = dice.between(0.26, 0.4)
        inside = np.minimum(inside, (crown - y) / 0.03)
        if dice.chance(0.6):
            inside = np.minimum(inside, (head.angle - dice.between(0.9, 1.3)) / 0.1)
    return np.asarray(np.clip(inside, -1, 1))


def _hood(dice: Dice, head: Head) -> Array:
    """Everything but the oval of the face. [R, P]."""
    middle, high = -0.08 + dice.between(-0.04, 0.06), dice.between(0.38, 0.46)
    wide = dice.between(0.85, 1.15)
    y = head.grid[..., 1]
    far = np.sqrt((head.angle / wide) ** 2 + ((y - middle) / high) ** 2)
    return np.asarray(np.clip((far - 1) / 0.06, -1, 1))


def _ruffled(dice: Dice, surface: Surface) -> Surface:
    """Locks that hang down, or the pleats of a cloth."""
    x, y, z = surface.vertices.T
    depth, count = dice.between(0.0, 0.05), dice.whole(8, 20)
    middle = float(z.mean())
    around = np.arctan2(x, z - middle)
    grow = 1 + depth * np.sin(count * around + 2 * y)
    return Surface(np.stack([x * grow, y, middle + (z - middle) * grow], 1), surface.faces)


def _wreath(dice: Dice, head: Head) -> Surface:
    """A band, a fillet or a laurel around the hair."""
    turn = np.linspace(0, 2 * pi, 33)[:-1]
    grow = np.array([1.1, 1.0, 1.1]) + dice.between(0.0, 0.06) * np.array([1, 0, 1])
    rise = dice.between(-0.12, 0.08)  # of the rear over the front
    path = head.around(turn, dice.between(0.22, 0.3) - rise * np.cos(turn)) * grow
    thick = dice.between(0.03, 0.06) * (1 + 0.3 * np.abs(np.sin(12 * turn)))
    ring = np.stack([np.sin(turn), 0 * turn, np.cos(turn)], 1)
    angle = np.arange(8) * (2 * pi / 8)
    outline = np.cos(angle)[:, None] * ring[:, None] + np.sin(angle)[:, None] * np.array(
        [0, 1.0, 0]
    )
    return skin(path[:, None] + thick[:, None, None] * outline, loop=True)


def _hat(dice: Dice, head: Head, style: str) -> list[Surface]:
    """Something to put on: its lower rim runs above the brows and dips behind."""
    rim = dice.between(0.14, 0.28)
    tilt = dice.between(-0.05, 0.25)
    grow = dice.between(1.05, 1.15)
    tall = dice.between(0.3, 0.5) if style != "hat" else dice.between(0.25, 0.65)
    round_ = dice.between(0.35, 0.6) if style != "hat" else dice.between(0.15, 0.45)
    tall = max(tall, 0.6 - rim)  # or the crown of the head would look out
    t = np.linspace(0, 1, 16)
    shape = np.sqrt(np.clip(1 - t ** (1 / round_), 0, 1)) * 0.97 + 0.03
    crown = lathe(np.stack([shape, -0.05 + t * (tall + 0.05)], 1), circle(1.0, 24))
    wide, deep = 0.5 * grow * head.wide, 0.51 * grow * head.deep
    pieces = [Surface(crown.vertices * [wide, 1.0, deep], crown.faces)]
    if style == "hat":
        brim = dice.between(1.3, 1.9)
        plate = slab(circle(1.0, 24), 0.035, 0.012)
        pieces.append(Surface(plate.vertices * [brim * wide, 1.0, brim * deep], plate.faces))
    elif style == "cap":
        visor = slab(circle(1.0, 24), 0.035, 0.012)
        long = dice.between(0.2, 0.4)
        shifted = visor.vertices * [0.85 * wide, 1.0, 0.4 * deep + long] + [0, 0.0, 0.7 * deep]
        pieces.append(Surface(shifted, visor.faces))
    elif dice.chance(0.6):  # the crest of a helmet
        turn = np.linspace(-0.3, 0.85, 20) * pi
        path = np.stack([0 * turn, tall * np.sin(turn).clip(-0.1), deep * np.cos(turn)], 1) * 1.02
        half = np.stack(
            [np.full(20, 0.04), 0.03 + 0.14 * np.sin(np.linspace(0.1, 0.95, 20) * pi)], 1
        )
        pieces.append(tube(path, half, 14))
    pieces = [moved(turned(piece, "x", -tilt), y=rim, z=-0.02 * head.deep) for piece in pieces]
    if dice.chance(0.6):  # the hair below it
        thick = dice.between(0.02, 0.04)
        pieces.append(_shell(head, _hairline(dice, head, False, False), thick, 0.01, dice))
    return pieces


def beard(dice: Dice, head: Head, style: str) -> list[Surface]:
    kind = dice.weighted(BEARDS)
    if kind == "none" or style in ("wig", "hood"):
        return []
    pieces = []
    lip = head.mouth_y
    if kind in ("full", "long", "goatee"):
        y, x = head.grid[..., 1], head.grid[..., 0]
        wide = dice.between(0.09, 0.14) if kind == "goatee" else 1.0
        top = np.interp(
            head.angle, [0.0, 0.5, 1.0, 1.35], [lip - 0.055, lip - 0.02, lip + 0.1, head.eye_y]
        )
        inside = np.minimum((top - y) / 0.03, (1.5 - head.angle) / 0.12)
        inside = np.minimum(inside, (wide - np.abs(x)) / 0.03)
        thick = dice.between(0.03, 0.09)
        pieces.append(_shell(head, np.clip(inside, -1, 1), thick, 0.3 * thick, dice))
    if kind == "long":
        end = -dice.between(0.62, 1.0)
        deep = float(head.front(np.array(0.0), np.array(-0.42)))
        knots = [
            (0.0, -0.36, 0.7 * deep, 0.5 * head.wide, 0.5 * deep),
            (0.0, -0.5, 0.78 * deep, 0.5 * head.wide, 0.5 * deep),
            (0.0, end, 0.75 * deep, dice.between(0.08, 0.3), 0.2 * deep),
        ]
        pieces.append(_ruffled(dice, trunk(knots, 10, 16, 0.6)))
    if kind in ("moustache", "full", "long") or dice.chance(0.3):
        t = np.linspace(0, 1, 10)
        half, droop = dice.between(0.12, 0.22), dice.between(-0.03, 0.1)
        height = 0.5 * (lip + head.nose_y) + 0.02 - droop * t**2
        path = np.stack([half * t, height, head.front(half * t, height)], 1)
        thick = dice.between(0.022, 0.04)
        pieces += mirrored(tube(path, thick * (1.05 - 0.65 * t), 8))
    return pieces
