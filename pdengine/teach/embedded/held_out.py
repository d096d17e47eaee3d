"""What the teacher is never trained on, so that it can be asked about it."""

from __future__ import annotations

from collections.abc import Iterator

from pdengine import shapes

VALIDATION_SEED = 1_000_000  # seeds from here on are never trained on

# One style of every category, neither its commonest nor its oddest.
STYLES = {
    "airplane": "biplane", "ant": "ladybird", "bag": "wheeled", "biped": "mouse",
    "bird": "ostrich", "bottle": "thermos", "bucket": "fire", "bust": "monk", "cabinet": "files",
    "cap": "kepi", "car": "van", "cart": "hand cart", "chair": "panel", "dispenser": "mist",
    "display": "arm", "door": "saloon", "earphone": "neckband", "faucet": "bridge",
    "fish": "flat", "glasses": "brow", "guitar": "angular", "hand": "mannequin",
    "human": "squatting", "kettle": "mocha", "knife": "spreader", "lamp": "tree",
    "laptop": "clamshell", "motorbike": "mini", "mug": "goblet", "octopus": "dumbo",
    "pistol": "derringer", "pliers": "pincers", "quadruped": "camel", "rocket": "bomb",
    "scissors": "nail", "skateboard": "toy", "suitcase": "trunk", "table": "bench",
    "teddy": "lying", "toaster": "retro", "trashcan": "skip", "vase": "ewer",
}  # fmt: skip


def is_held_out(category: str, seed: int) -> bool:
    """Whether this shape is of a style that is kept for validation."""
    return shapes.make(category, seed).style == STYLES.get(category)


def seeds_of_styles(category: str, first: int = VALIDATION_SEED) -> Iterator[int]:
    """Seeds, from the first on, whose shapes are of the category's held-out style."""
    return (seed for seed in range(first, first + 100_000) if is_held_out(category, seed))
