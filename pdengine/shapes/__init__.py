"""Labelled shapes out of thin air: every seed is another chair, table, animal or tool."""

from collections.abc import Callable

from pdengine.shapes import (
    airplane,
    ant,
    bag,
    biped,
    bird,
    bottle,
    bucket,
    bust,
    cabinet,
    cap,
    car,
    cart,
    chair,
    dispenser,
    display,
    door,
    earphone,
    faucet,
    fish,
    glasses,
    guitar,
    hand,
    human,
    kettle,
    knife,
    lamp,
    laptop,
    motorbike,
    mug,
    octopus,
    pistol,
    pliers,
    quadruped,
    rocket,
    scissors,
    skateboard,
    suitcase,
    table,
    teddy,
    toaster,
    trashcan,
    vase,
)
from pdengine.shapes.labelled_mesh import LabelledMesh

__all__ = ["CATEGORIES", "LabelledMesh", "make", "parts_of"]

_MAKERS: dict[str, tuple[tuple[str, ...], Callable[[int], LabelledMesh]]] = {
    "airplane": (airplane.PARTS, airplane.make_airplane),
    "ant": (ant.PARTS, ant.make_ant),
    "bag": (bag.PARTS, bag.make_bag),
    "biped": (biped.PARTS, biped.make_biped),
    "bird": (bird.PARTS, bird.make_bird),
    "bottle": (bottle.PARTS, bottle.make_bottle),
    "bucket": (bucket.PARTS, bucket.make_bucket),
    "bust": (bust.PARTS, bust.make_bust),
    "cabinet": (cabinet.PARTS, cabinet.make_cabinet),
    "cap": (cap.PARTS, cap.make_cap),
    "car": (car.PARTS, car.make_car),
    "cart": (cart.PARTS, cart.make_cart),
    "chair": (chair.PARTS, chair.make_chair),
    "dispenser": (dispenser.PARTS, dispenser.make_dispenser),
    "display": (display.PARTS, display.make_display),
    "door": (door.PARTS, door.make_door),
    "earphone": (earphone.PARTS, earphone.make_earphone),
    "faucet": (faucet.PARTS, faucet.make_faucet),
    "fish": (fish.PARTS, fish.make_fish),
    "glasses": (glasses.PARTS, glasses.make_glasses),
    "guitar": (guitar.PARTS, guitar.make_guitar),
    "hand": (hand.PARTS, hand.make_hand),
    "human": (human.PARTS, human.make_human),
    "kettle": (kettle.PARTS, kettle.make_kettle),
    "knife": (knife.PARTS, knife.make_knife),
    "lamp": (lamp.PARTS, lamp.make_lamp),
    "laptop": (laptop.PARTS, laptop.make_laptop),
    "motorbike": (motorbike.PARTS, motorbike.make_motorbike),
    "mug": (mug.PARTS, mug.make_mug),
    "octopus": (octopus.PARTS, octopus.make_octopus),
    "pistol": (pistol.PARTS, pistol.make_pistol),
    "pliers": (pliers.PARTS, pliers.make_pliers),
    "quadruped": (quadruped.PARTS, quadruped.make_quadruped),
    "rocket": (rocket.PARTS, rocket.make_rocket),
    "scissors": (scissors.PARTS, scissors.make_scissors),
    "skateboard": (skateboard.PARTS, skateboard.make_skateboard),
    "suitcase": (suitcase.PARTS, suitcase.make_suitcase),
    "table": (table.PARTS, table.make_table),
    "teddy": (teddy.PARTS, teddy.make_teddy),
    "toaster": (toaster.PARTS, toaster.make_toaster),
    "trashcan": (trashcan.PARTS, trashcan.make_trashcan),
    "vase": (vase.PARTS, vase.make_vase),
}
CATEGORIES = tuple(_MAKERS)


def make(category: str, seed: int) -> LabelledMesh:
    """Make the shape with this number; the same arguments give the same bytes.

    Raises:
        ValueError: no such category, or a negative seed.
    """
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")
    return _maker(category)[1](seed)


def parts_of(category: str) -> tuple[str, ...]:
    """The part names that ``face_label`` of this category indexes."""
    return _maker(category)[0]


def _maker(category: str) -> tuple[tuple[str, ...], Callable[[int], LabelledMesh]]:
    if category not in _MAKERS:
        raise ValueError(f"category must be one of {', '.join(_MAKERS)}, got {category!r}")
    return _MAKERS[category]
