"""The words the embedded teacher understands, and what each of them means."""

from __future__ import annotations

import difflib

import torch
from torch import Tensor

from pdengine.errors import TeacherError
from pdengine.types import PartList

# Every concept of a category, with the words for it; a word may stand for several concepts.
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "airplane": {
        "body": ("body", "fuselage", "hull", "cabin"),
        "wing": ("wing", "main wing"),
        "engine": ("engine", "jet engine", "turbine", "nacelle", "motor", "propeller"),
        "stabilizer": (
            "stabilizer", "stabiliser", "horizontal stabilizer", "horizontal stabiliser",
            "horizontal tail", "tailplane", "elevator", "tail", "empennage", "tail wing",
        ),
        "rudder": (
            "rudder", "vertical stabilizer", "vertical stabiliser", "vertical tail", "tail fin",
            "fin", "vertical fin", "tail", "empennage",
        ),
    },
    "chair": {
        "back": ("back", "backrest", "back rest", "back support"),
        "seat": ("seat", "cushion", "seat cushion", "support", "seating", "seat pan"),
        "leg": ("leg", "base", "foot", "feet", "leg support", "frame", "pedestal"),
        "arm": ("arm", "armrest", "arm rest", "arm support"),
    },
    "mug": {
        "body": ("body", "cup", "mug", "vessel", "container", "bowl"),
        "handle": ("handle", "grip", "ear", "loop"),
    },
    "table": {
        "top": ("top", "tabletop", "table top", "support", "surface", "plate", "desktop", "board"),
        "leg": ("leg", "base", "foot", "feet", "leg support", "frame", "pedestal"),
    },
}  # fmt: skip
_CATEGORY_WORDS = {
    "airplane": ("airplane", "plane", "aeroplane", "jet", "aircraft", "airliner"),
    "chair": ("chair", "armchair", "stool", "office chair"),
    "mug": ("mug", "cup"),
    "table": ("table", "desk"),
}

CATEGORIES = tuple(_WORDS)
CONCEPTS = {category: tuple(words) for category, words in _WORDS.items()}
FIRST = {
    category: sum(len(CONCEPTS[other]) for other in CATEGORIES[:k])
    for k, category in enumerate(CATEGORIES)
}
COUNT = sum(len(concepts) for concepts in CONCEPTS.values())


def meanings(parts: PartList) -> dict[str, Tensor]:
    """What a prompt can mean.

    Without a category, a prompt means every category that knows all of its names, or, where there
    is none, every category that knows one.  A concept that two names claim goes to the name with
    the narrower meaning ("tail, rudder": the rudder is no longer part of the tail), and is shared
    where both are as narrow.

    Returns:
        For each possible category, weights [R, concepts of the category] float32 that turn the
        concepts' probabilities into the names'.

    Raises:
        TeacherError: a name or the category is not in the vocabulary, with near words.
    """
    candidates = list(CATEGORIES) if parts.category is None else [_category(parts.category)]
    known = {
        category: [_concepts(category, name) for name in parts.names] for category in candidates
    }
    for r, name in enumerate(parts.names):
        if not any(concepts[r] for concepts in known.values()):
            raise TeacherError(_unknown("part", name, candidates))
    full = {category: concepts for category, concepts in known.items() if all(concepts)}
    some = {category: concepts for category, concepts in known.items() if any(concepts)}
    return {category: _weights(category, names) for category, names in (full or some).items()}


def _weights(category: str, names: list[list[int]]) -> Tensor:
    weights = torch.zeros(len(names), len(CONCEPTS[category]))
    for concept in range(weights.shape[1]):
        claims = [r for r, concepts in enumerate(names) if concept in concepts]
        narrowest = min((len(names[r]) for r in claims), default=0)
        claims = [r for r in claims if len(names[r]) == narrowest]
        for r in claims:
            weights[r, concept] = 1 / len(claims)
    return weights


def _category(word: str) -> str:
    for category, words in _CATEGORY_WORDS.items():
        if _plain(word) in words:
            return category
    raise TeacherError(_unknown("category", word, []))


def _concepts(category: str, name: str) -> list[int]:
    """The category's concepts that a name stands for: "chair legs" -> [leg]."""
    name = _plain(name)
    readings = [name]
    for owner in _CATEGORY_WORDS[category]:
        readings += [name.removeprefix(owner + " "), _plain(name.removesuffix(" of the " + owner))]
    for reading in readings:
        found = [k for k, words in enumerate(_WORDS[category].values()) if reading in words]
        if found:
            return found
    return []


def _plain(name: str) -> str:
    """Lower case, single spaces, singular."""
    words = name.lower().replace("_", " ").replace("-", " ").split()
    if words and words[-1].endswith("s") and not words[-1].endswith("ss"):
        words[-1] = words[-1][:-1]
    return " ".join(words)


def _unknown(what: str, word: str, categories: list[str]) -> str:
    if what == "category":
        vocabulary = [word for words in _CATEGORY_WORDS.values() for word in words]
        listed = ", ".join(CATEGORIES)
    else:
        vocabulary = [
            word for category in categories for words in _WORDS[category].values() for word in words
        ]
        listed = "; ".join(f"{c}: {', '.join(CONCEPTS[c])}" for c in categories)
    near = difflib.get_close_matches(_plain(word), vocabulary, n=3, cutoff=0.6)
    hint = f", near words: {', '.join(dict.fromkeys(near))}" if near else ""
    return (
        f"embedded: {what} {word!r} is not in its vocabulary ({listed}){hint}; for other shapes "
        "pass your own teacher, any callable that takes (views, parts)"
    )
