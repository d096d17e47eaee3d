"""Airplanes as toys and statuettes are: a smooth cigar, wings like flattened sausages."""

from dataclasses import dataclass
from math import pi

import numpy as np

from pdengine.shapes.airplane_engines import propeller
from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.curves import Array, superellipse
from pdengine.shapes.dice import Dice
from pdengine.shapes.primitives import Surface, skin, slab, superellipsoid


@dataclass(frozen=True)
class Blade:
    """A wing, half a stabilizer or a fin: thick, its tip round, its root swollen.

    Attributes:
        chord: length of the section at the root.
        taper: chord at the tip over that at the root.
        back: how far the tip lies behind the root, a share of the span.
        thick: of the section, as a share of its chord.
        tip: length over which the tip rounds off, as a share of the chord there.
        swell: how much longer and thicker the section is in the body than outside, a share.
        section: 2 is an ellipse, 3 a flat sausage.
        drop: where the section is thickest, 0 in the middle, 1 at the front, as on true wings.
    """

    chord: float
    taper: float
    back: float
    thick: float
    tip: float
    swell: float
    section: float
    drop: float

    def make(self, inner: float, reach: float, rise: float, root: float) -> Surface:
        """Along x from ``inner`` to ``reach``; the middle of its chord starts at the origin.

        Args:
            rise: how far the tip is above the root.
            root: how far from ``inner`` the swelling reaches.
        """
        t = np.concatenate([np.linspace(0, 0.82, 16), 0.82 + 0.18 * np.sin([0.4, 0.8, 1.2, 1.5])])
        t[-1] = 1.0
        x = inner + t * (reach - inner)
        chord = self.chord * (1 + (self.taper - 1) * t)
        tip = min(self.tip * float(chord[-1]), 0.6 * (reach - inner))
        left = np.clip((reach - x) / tip, 0.0, 1.0)
        rounded = np.sqrt(np.maximum(1 - (1 - left) ** 2, 0.01))
        grow = 1 + self.swell * np.exp(-(((x - inner) / root) ** 2))
        chord = chord * rounded * grow
        thick = chord * self.thick * grow**0.8
        section = superellipse(1.0, 1.0, self.section, 24)
        along = section[:, 1]
        wedge = 1 + 0.8 * self.drop * along  # thinner towards the tail
        z = -self.back * (x - inner)
        rings = np.empty((len(x), 24, 3))
        rings[..., 0] = x[:, None]
        rings[..., 1] = (rise * t)[:, None] + thick[:, None] * (section[:, 0] * wedge)
        rings[..., 2] = z[:, None] + chord[:, None] * along
        return skin(rings)


def sculpted(dice: Dice, plane: Assembly) -> None:
    """Add all parts of one; the body is 2 long, its nose at z = 1."""
    toy = dice.chance(0.4)  # plump
    radius = dice.log_between(0.13, 0.26) if toy else dice.log_between(0.08, 0.15)
    hull = _Hull(dice, radius)
    plane.add("body", hull.surface(dice))
    if dice.chance(0.3):
        z = dice.between(0.25, 0.65)
        r, y = hull.at(z)
        size = (r * dice.between(0.9, 1.4), r * dice.between(0.8, 1.4), dice.between(0.25, 0.5))
        bump = superellipsoid(size, 2.0, dice.between(2.0, 2.6))
        plane.add("body", moved(bump, y=y + r * dice.between(0.6, 0.85), z=z))
    back = dice.weighted({0.0: 3.0, 0.35: 2.0, 0.75: 2.0}) + dice.between(-0.1, 0.25)
    section, drop = dice.between(2.0, 3.2), dice.between(0.0, 0.9)
    chord, swell = dice.log_between(0.22, 0.55), dice.between(0.0, 0.7)
    # A wing that crosses a slim body must not swallow it.
    thickest = 1.3 * radius / (chord * (1 + swell) ** 1.8)
    wing_ = Blade(
        chord,
        dice.between(0.35, 1.05),
        back,
        min(dice.log_between(0.13, 0.38), thickest),
        dice.between(0.3, 1.2),
        swell,
        section,
        drop,
    )
    _wings(dice, hull, wing_, plane)
    _tail(dice, hull, wing_, plane)


class _Hull:
    """A cigar with a blunt nose and a tail that thins out."""

    def __init__(self, dice: Dice, radius: float) -> None:
        self.radius = radius
        self.nose = dice.between(0.15, 0.8)
        self.blunt = dice.between(0.4, 0.8)
        self.tail = dice.between(0.5, 1.5)
        self.end = dice.between(0.15, 0.75)
        self.lift = dice.between(-0.1, 0.8) * radius
        self.wide = dice.between(0.85, 1.25)
        self.power = dice.between(2.0, 2.6)

    def hull(self, z: Array) -> tuple[Array, Array]:
        """Radius and height of the middle at z. [R], [R]."""
        front = np.clip((1 - z) / self.nose, 0, 1)
        grow = np.maximum(1 - (1 - front) ** 2, 1e-5) ** self.blunt
        back = np.clip((z + 1) / self.tail, 0, 1)
        shrink = self.end + (1 - self.end) * np.sin(back * pi / 2) ** 1.3
        short = np.clip((z + 1) / (1.2 * self.end * self.radius), 0, 1)  # the end is round too
        shrink = shrink * np.sqrt(np.maximum(1 - (1 - short) ** 2, 1e-3))
        return self.radius * grow * shrink, self.lift * (1 - back) ** 1.5

    def at(self, z: float) -> tuple[float, float]:
        radius, y = self.hull(np.array([z]))
        return float(radius[0]), float(y[0])

    def surface(self, dice: Dice) -> Surface:
        z = np.cos(np.linspace(0.0, pi, 48))
        radius, y = self.hull(z)
        outline = superellipse(2.0, 2.0, self.power, 32)
        rings = np.empty((len(z), 32, 3))
        rings[..., 0] = radius[:, None] * outline[:, 0] * self.wide
        rings[..., 1] = radius[:, None] * outline[:, 1] + y[:, None]
        rings[..., 2] = z[:, None]
        return skin(rings)


def _wings(dice: Dice, hull: _Hull, blade: Blade, plane: Assembly) -> None:
    z = dice.between(-0.1, 0.35) + 0.25 * blade.back
    radius, y = hull.at(z)
    level = dice.weighted({-0.65: 3.0, 0.0: 2.0, 0.8: 3.0}) + dice.between(-0.15, 0.15)
    reach = max(dice.log_between(0.55, 1.25), 2.6 * radius)
    rise = dice.between(-0.12, 0.2) * reach
    inner = 0.0 if abs(level) > 0.6 else 0.4 * radius
    half = blade.make(inner, reach, rise, radius + 0.2 * blade.chord)
    plane.add("wing", *mirrored(moved(half, 0, y + level * radius, z)))
    kind = dice.weighted({"none": 5.0, "jets": 2.5, "propeller": 2.0, "tail": 0.8, "twins": 1.0})
    if kind == "propeller":
        r = hull.at(0.96)[0]
        hub = max(0.6 * r, 0.12 * hull.radius)
        screw = propeller(dice, hull.radius * dice.between(1.2, 2.2), hub)
        fat = np.array([1.0, 1.0, dice.between(1.0, 1.6)])
        plane.add("engine", *(moved(Surface(s.vertices * fat, s.faces), z=1.0) for s in screw))
    elif kind in ("jets", "twins"):
        thick = hull.radius * dice.between(0.3, 0.6)
        places = [dice.between(0.3, 0.45)]
        if kind == "jets" and dice.chance(0.3):
            places = [dice.between(0.24, 0.32), dice.between(0.5, 0.65)]
        under = 0.0 if kind == "twins" else dice.between(0.5, 1.2)
        for share in places:
            x = max(inner + share * (reach - inner), radius + 1.3 * thick)
            t = (x - inner) / (reach - inner)
            at_y = y + level * radius + rise * t - under * thick
            at_z = z - blade.back * (x - inner) + blade.chord * dice.between(0.05, 0.45)
            pod = _pod(dice, thick)
            plane.add("engine", *mirrored(*(moved(p, x, at_y, at_z) for p in pod)))
    elif kind == "tail":
        thick, z_e = hull.radius * dice.between(0.35, 0.6), -dice.between(0.35, 0.55)
        r, y_e = hull.at(z_e)
        x = r * hull.wide + thick * dice.between(0.5, 1.1)
        stub = slab(superellipse(x, 2.5 * thick, 2.5, 24), 0.5 * thick, 0.25 * thick)
        pod = [*_pod(dice, thick), moved(stub, x=-0.5 * x)]
        up = r * dice.between(0.1, 0.5)
        plane.add("engine", *mirrored(*(moved(p, x, y_e + up, z_e) for p in pod)))


def _pod(dice: Dice, thick: float) -> list[Surface]:
    """A capsule; sometimes its front is cut flat."""
    long = thick * dice.between(2.6, 5.5)
    body = superellipsoid((2 * thick, 2 * thick, long), 2.0, dice.between(2.2, 4.5))
    if dice.chance(0.35):
        limit = 0.5 * long * dice.between(0.75, 0.92)
        cut = body.vertices.copy()
        cut[:, 2] = np.minimum(cut[:, 2], limit)
        body = Surface(cut, body.faces)
    return [body]


def _tail(dice: Dice, hull: _Hull, wing_: Blade, plane: Assembly) -> None:
    """A broad fin and a thick stabilizer: on the body, at half height, or on top of the fin."""
    z = -dice.between(0.7, 0.92)
    radius, y = hull.at(z)
    chord = dice.log_between(0.25, 0.6)
    tall = dice.between(0.18, 0.42)
    lean = dice.between(0.0, 0.9)
    thick = dice.log_between(0.14, 0.45)
    fin = Blade(
        chord,
        dice.between(0.4, 1.0),
        lean,
        thick,
        dice.between(0.4, 1.2),
        dice.between(0.0, 0.6),
        wing_.section,
        wing_.drop,
    )
    base, start = y + 0.3 * radius, z + 0.3 * chord
    up = turned(fin.make(0.0, tall + 0.7 * radius, 0.0, radius + 0.2 * chord), "z", pi / 2)
    small = Blade(
        chord * dice.between(0.5, 0.9),
        dice.between(0.45, 1.0),
        max(wing_.back * dice.between(0.6, 1.2), -0.1),
        float(np.clip(thick * dice.between(0.7, 1.4), 0.12, 0.5)),
        dice.between(0.4, 1.2),
        dice.between(0.0, 0.5),
        wing_.section,
        wing_.drop,
    )
    half = dice.between(0.22, 0.48) + 0.5 * radius
    where = dice.weighted({"body": 5.0, "top": 3.0, "middle": 1.2, "twins": 0.7, "none": 0.2})
    if where == "twins":  # a fin at each end of the stabilizer
        inner = 0.2 * radius
        level, z_s = y + 0.2 * radius, z + 0.2 * chord
        plane.add("stabilizer", *mirrored(moved(small.make(inner, half, 0, radius), 0, level, z_s)))
        short = turned(fin.make(-0.35 * tall, tall, 0.0, 0.1), "z", pi / 2)
        z_f = z_s - small.back * (half - inner) + 0.1 * chord
        plane.add("rudder", *mirrored(moved(short, 0.94 * half, level, z_f)))
        return
    plane.add("rudder", moved(up, 0, base, start))
    if where == "none":
        return
    share = {"body": 0.0, "top": dice.between(0.88, 0.99), "middle": dice.between(0.4, 0.7)}[where]
    height = share * (tall + 0.7 * radius)
    level = base + height if share else y + radius * dice.between(-0.2, 0.4)
    z_s = start - fin.back * height if share else z + dice.between(0.0, 0.3) * chord
    rise = dice.between(-0.1, 0.2) * half
    pair = small.make(0.0, half, rise, 0.3 * half)
    plane.add("stabilizer", *mirrored(moved(pair, 0, level, z_s)))
