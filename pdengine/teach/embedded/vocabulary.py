"""What the embedded teacher takes words for."""

from __future__ import annotations

import difflib
import functools
from itertools import combinations

import torch
from torch import Tensor

from pdengine.errors import PartError, TeacherError
from pdengine.teach.embedded.layout import Layout
from pdengine.teach.embedded.words import CATEGORY_WORDS, WORDS
from pdengine.teach.models.catalogue import CLIPSEG, GROUNDING_DINO_TINY, OWLV2_BASE
from pdengine.types import PartList


def meanings(parts: PartList, layout: Layout) -> dict[str, Tensor]:
    """What a prompt can mean.

    Without a category, a prompt means every category that knows all of its names, or, where there
    is none, every category that knows one.  A concept that two names claim goes to the name with
    the narrower meaning ("tail, rudder": the rudder is no longer part of the tail), and is shared
    where both are as narrow.

    Args:
        parts: the prompt.
        layout: what the network knows.

    Returns:
        For each possible category, weights [R, concepts of the category] float32 that turn the
        concepts' probabilities into the names'.

    Raises:
        TeacherError: a name or the category is not in the vocabulary, with near words.
    """
    known = _read(parts, layout)
    return {c: _weights(names, len(layout.concepts[c])) for c, names in known.items()}


def check_words(parts: PartList, layout: Layout) -> None:
    """Refuse a word that is not known, and one part that is written twice: "legs, leg".

    Raises:
        TeacherError: see meanings.
        PartError: two names are one word.
    """
    for first, second, one_word in _same_part(parts, layout):
        if one_word:
            one = f"{first!r} and {second!r} are one part to the embedded teacher"
            raise PartError(f"{one}: ask for one of them")


def remarks_on(parts: PartList, layout: Layout) -> tuple[str, ...]:
    """A sentence on two words that are told apart by people and benchmarks, and not here.

    They share the score of their concept, and where they are as likely the first one wins.
    """
    return tuple(
        f"{first} and {second} are one part to the embedded teacher, which cannot tell them apart: "
        "ask for one of them"
        for first, second, _ in _same_part(parts, layout)
    )


def _same_part(parts: PartList, layout: Layout) -> list[tuple[str, str, bool]]:
    """Two names that stand for the same concepts whatever is meant, and whether they are one word.

    "legs" and "leg", or "back" and "chair back", are; the "lid" and "door" of a trash can are not.
    """
    known = _read(parts, layout)
    found = []
    for a, b in combinations(range(len(parts)), 2):
        meant = {c: names[a] for c, names in known.items() if names[a] or names[b]}
        if meant and all(names == known[c][b] for c, names in meant.items()):
            spelt = [[_spellings(c, parts.names[r]) for c in meant] for r in (a, b)]
            one_word = any(x & y for x, y in zip(*spelt, strict=True))
            found.append((parts.names[a], parts.names[b], one_word))
    return found


def _spellings(category: str, name: str) -> set[str]:
    """The readings of a name, without the blanks between words."""
    return {reading.replace(" ", "") for reading in _readings(category, name)}


def _read(parts: PartList, layout: Layout) -> dict[str, list[tuple[int, ...]]]:
    """The concepts of every name, for each category that is meant.

    Raises:
        TeacherError: see meanings.
    """
    candidates = list(layout.categories)
    if parts.category is not None:
        candidates = [_category(parts.category, layout)]
    known = {
        category: [_concepts(category, layout.concepts[category], name) for name in parts.names]
        for category in candidates
    }
    for r, name in enumerate(parts.names):
        if not any(concepts[r] for concepts in known.values()):
            raise TeacherError(_unknown_part(name, candidates, layout))
    full = {category: concepts for category, concepts in known.items() if all(concepts)}
    some = {category: concepts for category, concepts in known.items() if any(concepts)}
    return full or some


def _weights(names: list[tuple[int, ...]], count: int) -> Tensor:
    """[R, count]: which concepts a name stands for, 1 / claims where several names claim one."""
    weights = torch.zeros(len(names), count)
    for concept in range(weights.shape[1]):
        claims = [r for r, concepts in enumerate(names) if concept in concepts]
        narrowest = min((len(names[r]) for r in claims), default=0)
        claims = [r for r in claims if len(names[r]) == narrowest]
        for r in claims:
            weights[r, concept] = 1 / len(claims)
    return weights


def _category(word: str, layout: Layout) -> str:
    for category in layout.categories:
        if _plain(word) in _words_for(category):
            return category
    near = _near(word, [w for c in layout.categories for w in _words_for(c)])
    known = ", ".join(layout.categories)
    raise TeacherError(
        f"embedded: category {word!r} is not in its vocabulary ({known}){near}{_ELSE}"
    )


@functools.lru_cache(maxsize=4096)  # a prompt is read for its check, its answer and its remarks
def _concepts(category: str, concepts: tuple[str, ...], name: str) -> tuple[int, ...]:
    """The category's concepts that a name stands for: "chair legs" -> [leg]."""
    for reading in _readings(category, name):
        # A concept's own name means it alone: a "back" is no "body" that has one.
        own = tuple(k for k, concept in enumerate(concepts) if reading == _plain(concept))
        found = tuple(k for k, c in enumerate(concepts) if reading in _words_of(category, c))
        if own or found:
            return own or found
    return ()


def _readings(category: str, name: str) -> list[str]:
    """How a name can be read, with and without whose part it is."""
    name = _plain(name)
    readings = [name]
    for owner in _words_for(category):
        readings += [name.removeprefix(owner + " "), _plain(name.removesuffix(" of the " + owner))]
    return readings


@functools.cache
def _words_for(category: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in (category, *CATEGORY_WORDS.get(category, ())))


@functools.cache
def _words_of(category: str, concept: str) -> frozenset[str]:
    words = WORDS.get(category, {}).get(concept, ())
    return frozenset(_plain(word) for word in (concept, *words))


_PLURALS = {
    "knives": "knife", "shelves": "shelf", "leaves": "leaf", "wolves": "wolf", "calves": "calf",
    "men": "man", "women": "woman", "children": "child",
}  # fmt: skip


def _plain(name: str) -> str:
    """Lower case, single spaces, singular."""
    words = name.lower().replace("_", " ").replace("-", " ").split()
    return " ".join([*words[:-1], *map(_singular, words[-1:])])


def _singular(word: str) -> str:
    """Of "legs", leg; of "bodies", body; of "switches", switch."""
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


# A detector and a segmenter that read any words, each the smallest of its kind.
FREE_TEXT = (GROUNDING_DINO_TINY.card.name, OWLV2_BASE.card.name, CLIPSEG.card.name)
_ELSE = (
    f"; teachers that read any words: --teacher {', '.join(FREE_TEXT[:-1])} or {FREE_TEXT[-1]} "
    "(all: pdengine teachers list), or your own, any callable that takes (views, parts)"
)


def _unknown_part(word: str, categories: list[str], layout: Layout) -> str:
    category = next((c for c in categories if _plain(word) in _words_for(c)), None)
    if category is not None:  # "chair", where "chair: seat" was meant
        prompt = f"{category}: {', '.join(layout.concepts[category])}"
        return f'embedded: {word!r} is a category and no part: ask for parts, as in "{prompt}"'
    every = [w for c in categories for part in layout.concepts[c] for w in _words_of(c, part)]
    if len(categories) == 1:
        (category,) = categories
        listed = f"{category}: {', '.join(layout.concepts[category])}"
    else:
        listed = f"{layout.count} parts of {', '.join(categories)}"
    return f"embedded: part {word!r} is not in its vocabulary ({listed}){_near(word, every)}{_ELSE}"


def _near(word: str, words: list[str]) -> str:
    """Up to three known words that look like this one, or like one word of a phrase."""
    plain, known = _plain(word), sorted(set(words))
    near = difflib.get_close_matches(plain, known, n=3, cutoff=0.6)
    for piece in plain.split():
        near += difflib.get_close_matches(piece, known, n=1, cutoff=0.8)
    return f", near words: {', '.join(list(dict.fromkeys(near))[:3])}" if near else ""
