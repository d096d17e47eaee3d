"""Carts: shopping carts, hand trucks, wagons, wheelbarrows, platform and service trolleys.

handle is what hands hold, with the bars that lead to it: a push bar, the shafts, the drawbar.
"""

import numpy as np

from pdengine.shapes.assembly import Assembly, mirrored, moved, turned
from pdengine.shapes.cart_parts import Tub, board, cart_wheel, caster, pipe, plank
from pdengine.shapes.cart_pulled import add_barrow, add_hand_cart, add_wagon
from pdengine.shapes.dice import Dice
from pdengine.shapes.labelled_mesh import LabelledMesh
from pdengine.shapes.primitives import Surface
from pdengine.shapes.warp import warp

PARTS = ("body", "wheel", "handle")
KINDS = {
    "shopping": 4.0,
    "hand truck": 3.0,
    "wagon": 3.0,
    "barrow": 3.0,
    "platform": 2.0,
    "shelves": 2.0,
    "hand cart": 1.8,
}


def make_cart(seed: int) -> LabelledMesh:
    """Metres; rolls towards +z on the ground y = 0."""
    dice = Dice("cart", seed)
    cart = Assembly(dice, PARTS)
    kind = dice.weighted(KINDS)
    makers = {
        "shopping": _shopping,
        "hand truck": _hand_truck,
        "wagon": add_wagon,
        "barrow": add_barrow,
        "platform": _platform,
        "shelves": _shelves,
        "hand cart": add_hand_cart,
    }
    makers[kind](dice, cart)
    return cart.mesh(warp(dice, (0.2, 0.2, 0.2)))


def _add_casters(
    dice: Dice, cart: Assembly, corners: list[tuple[float, float]], radius: float, top: float
) -> None:
    """Small wheels under the points (x, z) of something at y = top; front ones may swivel."""
    swivel = dice.chance(0.5)
    state = dice.whole(0, 10_000)
    for x, z in corners:
        turn = dice.between(-1.5, 1.5) if swivel and z == corners[0][1] else 0.0
        wheels, fork = caster(Dice("caster", state), radius, top, turn)
        cart.add("wheel", *(moved(w, x, 0, z) for w in wheels))
        cart.add("body", *(moved(f, x, 0, z) for f in fork))


def _push_bar(
    dice: Dice, cart: Assembly, half: float, foot: tuple[float, float], tip: tuple[float, float]
) -> None:
    """A hoop from (y, z) at both sides up to the hands at tip, perhaps with a grip on it."""
    thin = dice.between(0.014, 0.025)
    knots = [(half, *foot), (half, *tip), (-half, *tip), (-half, *foot)]
    cart.add("handle", pipe(knots, thin, dice.between(0.03, 0.15)))
    if dice.chance(0.5):
        share = dice.between(0.5, 0.9) * half
        cart.add("handle", pipe([(-share, *tip), (share, *tip)], 1.5 * thin, 0, 10))


def _shopping(dice: Dice, cart: Assembly) -> None:
    """A basket of wire or of plastic over a frame that runs low to the front wheels."""
    half, long = dice.between(0.22, 0.34), dice.between(0.6, 1.0)
    rim, deep = dice.between(0.8, 1.05), dice.between(0.28, 0.5)
    slope = dice.between(0.0, 0.1)
    wheel = dice.between(0.05, 0.085)
    shrink = dice.between(0.65, 0.9)
    low = (2 * half * shrink, long * shrink, rim - deep, 0.02)
    tub = Tub(low, (2 * half, long, rim, 0.0), dice.between(0.02, 0.08))

    def sloped(surface: Surface) -> Surface:
        """The basket is higher at the hands."""
        vertices = surface.vertices.copy()
        share = (vertices[:, 1] - rim + deep) / deep
        vertices[:, 1] -= slope * share * (vertices[:, 2] / long + 0.5)
        return Surface(vertices, surface.faces)

    wire = dice.chance(0.7)
    pieces = tub.wires(dice, dice.between(0.007, 0.011)) if wire else [tub.walls(0.015)]
    cart.add("body", *(sloped(piece) for piece in pieces))
    thin, out = dice.between(0.013, 0.02), 0.9 * half
    front, rear = 0.5 * long * dice.between(0.8, 1.1), -0.5 * long * dice.between(0.9, 1.1)
    base = 2.6 * wheel
    post = (out, rim - 0.02, -0.5 * long)
    if dice.chance(0.6):  # a Z from the hands to the front wheels
        side = [
            post,
            (out, rim - deep - 0.05, rear + 0.1),
            (out, base, rear),
            (0.75 * out, base, front),
        ]
        cart.add("body", *mirrored(pipe(side, thin, 0.08)))
        cart.add(
            "body",
            *mirrored(
                pipe(
                    [
                        (out, rim - deep, rear + 0.12),
                        (0.8 * low[0] / 2, rim - deep - 0.01, 0.4 * long),
                    ],
                    thin,
                )
            ),
        )
        cart.add(
            "body",
            *mirrored(
                pipe([(0.75 * out, base, 0.3 * front), (0.7 * out, rim - deep, 0.3 * front)], thin)
            ),
        )
    else:
        side = [
            post,
            (out, base, rear),
            (0.75 * out, base, front),
            (0.75 * out, rim - deep, front * 0.6),
        ]
        cart.add("body", *mirrored(pipe(side, thin, 0.08)))
    for z, x in ((front - 0.01, 0.75 * out), (rear + 0.02, out)):
        cart.add("body", pipe([(-x, base, z), (x, base, z)], thin))
    if dice.chance(0.5):  # a rack below
        for k in range(4):
            x = 0.7 * out * (k / 1.5 - 1)
            cart.add("body", pipe([(x, base, front), (x, base, rear)], 0.009, 0, 6))
    if dice.chance(0.3):  # the child's seat, folded open
        seat = board(1.6 * half, 0.16, 0.02, (0, rim - 0.2, -0.5 * long + 0.12))
        flap = turned(board(1.6 * half, 0.2, 0.015, (0, 0, 0)), "x", 1.3)
        cart.add("body", seat, moved(flap, y=rim - 0.1, z=-0.5 * long + 0.22))
    corners = [(0.75 * out, front), (-0.75 * out, front), (out, rear), (-out, rear)]
    _add_casters(dice, cart, corners, wheel, base)
    rise, back = dice.between(0.0, 0.14), dice.between(0.03, 0.2)
    grip = (rim + rise, -0.5 * long - back)
    thick = dice.between(0.016, 0.026)
    cart.add("handle", pipe([(-half, *grip), (half, *grip)], thick, 0, 12))
    arm = [(0.95 * half, *grip), (0.95 * half, rim - 0.02, -0.48 * long)]
    cart.add("handle", *mirrored(pipe(arm, 0.8 * thick, 0.04)))


def _hand_truck(dice: Dice, cart: Assembly) -> None:
    """Two uprights, rungs, a toe plate and two wheels at its heel."""
    half, tall = dice.between(0.16, 0.27), dice.between(0.95, 1.45)
    lean = dice.between(0.0, 0.35) if dice.chance(0.6) else 0.0
    wheel = dice.between(0.09, 0.17)
    thin = dice.between(0.014, 0.022)
    kind = dice.weighted({"loop": 3.0, "two": 3.0, "single": 1.5, "bow": 1.0})
    body: list[Surface] = []
    handle: list[Surface] = []
    top = tall * (0.8 if kind != "loop" else 0.78)
    body += mirrored(pipe([(half, 0.02, 0), (half, top, 0)], thin, 0, 10))
    rungs = dice.whole(2, 5)
    for k in range(rungs):
        y = 0.12 + (top - 0.14) * k / (rungs - 1)
        bow = dice.between(-0.05, 0.0) if dice.chance(0.3) else 0.0
        body.append(pipe([(-half, y, 0), (0, y, bow), (half, y, 0)], 0.9 * thin, 0.1))
    if dice.chance(0.45):  # uprights in between, or a board
        if dice.chance(0.5):
            body.append(pipe([(0, 0.03, 0), (0, top, 0)], 0.8 * thin))
        else:
            body.append(plank((1.7 * half, 0.75 * top, 0.02), (0, 0.45 * top, 0)))
    toe = dice.between(0.18, 0.4)
    body.append(board(2 * half * dice.between(0.9, 1.25), toe, 0.016, (0, 0.02, toe / 2)))
    track, behind = half + dice.between(-0.02, 0.08), -wheel * dice.between(0.7, 1.1)
    wheels = cart_wheel(dice, dice.pick(["rubber", "rubber", "solid"]), wheel)
    placed = mirrored(*(moved(w, track, wheel, behind) for w in wheels))
    body.append(pipe([(-track, wheel, behind), (track, wheel, behind)], 0.012))
    body += mirrored(
        pipe([(half, wheel + 0.2, 0), (0.9 * half, wheel, behind), (half, 0.06, 0)], 0.013, 0.03)
    )
    back = dice.between(0.05, 0.2)
    if kind == "loop":
        handle.append(
            pipe(
                [(half, top - 0.02, 0), (half, tall, 0), (-half, tall, 0), (-half, top - 0.02, 0)],
                1.15 * thin,
                dice.between(0.05, 0.25),
            )
        )
    elif kind == "two":
        handle += mirrored(
            pipe(
                [(half, top - 0.02, 0), (half, tall - 0.1, 0), (half, tall, -back)],
                1.3 * thin,
                0.1,
                10,
            )
        )
    elif kind == "single":
        bar = [(0, tall - 0.02, -back), (0, tall, -back - 0.16)]
        body += mirrored(
            pipe(
                [
                    (half, top - 0.02, 0),
                    (0.5 * half, tall - 0.06, -0.6 * back),
                    (0, tall - 0.02, -back),
                ],
                thin,
                0.1,
            )
        )
        handle.append(pipe(bar, 1.5 * thin, 0, 10))
        handle.append(
            pipe(
                [
                    (0, tall, -back - 0.16),
                    (0, tall - 0.16, -back - 0.14),
                    (0, tall - 0.22, -0.5 * back),
                ],
                1.2 * thin,
                0.06,
                10,
            )
        )
    else:
        handle.append(
            pipe(
                [
                    (half, top - 0.02, 0),
                    (half, tall - 0.15, -back),
                    (-half, tall - 0.15, -back),
                    (-half, top - 0.02, 0),
                ],
                1.2 * thin,
                0.12,
            )
        )
    folded = [turned(s, "x", -lean) for s in body]
    cart.add("body", *folded)
    cart.add("handle", *(turned(s, "x", -lean) for s in handle))
    cart.add("wheel", *(turned(s, "x", -lean) for s in placed))


def _platform(dice: Dice, cart: Assembly) -> None:
    """A flat bed on casters with a hoop at one end, or at both."""
    half, long = dice.between(0.22, 0.4), dice.between(0.7, 1.3)
    wheel = dice.between(0.05, 0.11)
    floor = wheel * dice.between(2.5, 2.9)
    thick = dice.between(0.03, 0.08)
    cart.add("body", board(2 * half, long, thick, (0, floor, 0), dice.between(0.01, 0.1)))
    if dice.chance(0.4):
        cart.add("body", board(1.9 * half, 0.96 * long, 0.03, (0, floor + thick / 2 + 0.01, 0)))
    tall, lean = dice.between(0.65, 1.0), dice.between(0.0, 0.18)
    ends = [-0.46 * long] if dice.chance(0.8) else [-0.46 * long, 0.46 * long]
    for z in ends:
        back = z - lean if z < 0 else z + lean
        _push_bar(dice, cart, 0.88 * half, (floor, z), (floor + tall, back))
        if dice.chance(0.4):
            y = floor + tall * dice.between(0.3, 0.6)
            at = z + (back - z) * (y - floor) / tall
            cart.add("handle", pipe([(-0.88 * half, y, at), (0.88 * half, y, at)], 0.013))
    if dice.chance(0.25):  # a cage
        x = 0.9 * half
        for z in np.linspace(-0.4, 0.45, 5) * long:
            post = [(x, floor, float(z)), (x, floor + 0.6 * tall, float(z))]
            cart.add("body", *mirrored(pipe(post, 0.01, 0, 6)))
        for y in (0.3, 0.6):
            rail = [(x, floor + y * tall, -0.45 * long), (x, floor + y * tall, 0.45 * long)]
            cart.add("body", *mirrored(pipe(rail, 0.012, 0, 6)))
    x, z = 0.78 * half, 0.4 * long
    _add_casters(dice, cart, [(x, z), (-x, z), (x, -z), (-x, -z)], wheel, floor)


def _shelves(dice: Dice, cart: Assembly) -> None:
    """Two to four trays between posts: a tea trolley, a tool cart, a library cart."""
    half, long = dice.between(0.2, 0.36), dice.between(0.5, 0.95)
    tall = dice.between(0.65, 1.15)
    wheel = dice.between(0.035, 0.09)
    low = 2.8 * wheel
    count = dice.whole(2, 4)
    thin = dice.between(0.012, 0.02)
    lip = dice.between(0.03, 0.16) if dice.chance(0.6) else 0.0
    cabinet = dice.chance(0.15)  # closed sides
    for k in range(count):
        y = low + 0.02 + (tall - low - 0.04) * k / (count - 1)
        if lip:
            tray = Tub((2 * half, long, y - 0.01, 0.0), (2 * half, long, y + lip, 0.0), 0.03)
            cart.add("body", tray.walls(0.014))
        else:
            cart.add("body", board(2 * half, long, dice.between(0.02, 0.03), (0, y, 0)))
    if cabinet:
        cart.add(
            "body",
            *mirrored(plank((0.02, tall - low, 0.98 * long), (half - 0.01, (tall + low) / 2, 0))),
        )
        cart.add("body", plank((2 * half, tall - low, 0.02), (0, (tall + low) / 2, 0.48 * long)))
    x, z = 0.97 * half, 0.47 * long
    rise = dice.between(0.0, 0.1)
    for end in (z, -z):
        cart.add("body", *mirrored(pipe([(x, low - 0.01, end), (x, tall + rise, end)], thin)))
    if dice.chance(0.5):
        for end in (z, -z):
            cart.add("body", pipe([(-x, tall + rise, end), (x, tall + rise, end)], thin))
    back, up = dice.between(0.08, 0.18), dice.between(-0.05, 0.2)
    foot = (tall + rise - 0.01, -z)
    _push_bar(dice, cart, x, foot, (tall + up, -z - back))
    if dice.chance(0.25):
        _push_bar(dice, cart, x, (foot[0], z), (tall + up, z + back))
    _add_casters(dice, cart, [(x, z), (-x, z), (x, -z), (-x, -z)], wheel, low)
