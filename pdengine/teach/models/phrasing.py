"""Parts in a model's own words: several phrases for one part, and the way back to the part."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from pdengine.errors import ConfigError, PartError, TeacherError
from pdengine.types import PartList

COMBINE = ("max", "mean")
MAX_FILE = 1 << 20  # bytes
MAX_PHRASES = 64  # for one part


@dataclass(frozen=True)
class Asked:
    """What a model is asked, and for whom.

    Attributes:
        phrases: P of them, grouped by part, in the order of the parts.
        part: the index of each phrase's part, ascending.
        count: R, the number of parts.
    """

    phrases: tuple[str, ...]
    part: tuple[int, ...]
    count: int

    def of(self, part: int) -> list[str]:
        """The phrases of one part."""
        return [p for p, owner in zip(self.phrases, self.part, strict=True) if owner == part]

    def combine(self, score: Tensor, how: str) -> Tensor:
        """One value per part from one per phrase.

        Args:
            score: [..., P].
            how: "max" or "mean" over a part's phrases.

        Returns:
            [..., R].
        """
        owner = torch.tensor(self.part, device=score.device)
        columns = [score[..., owner == part] for part in range(self.count)]
        over = [c.amax(-1) if how == "max" else c.mean(-1) for c in columns]
        return torch.stack(over, -1)


def check_apart(teacher: str, asked: Asked, read: Sequence[Hashable]) -> None:
    """Refuse phrases of two parts that a model reads alike: nobody could say whose a box is.

    Args:
        teacher: its name, for the message.
        asked: P phrases.
        read: P of them, each as the model reads it: its tokens.

    Raises:
        PartError: naming the two.
    """
    first: dict[Hashable, int] = {}
    for number, words in enumerate(read):
        other = first.setdefault(words, number)
        if asked.part[other] != asked.part[number]:
            raise PartError(
                f"{teacher}: two parts must not read alike, got {asked.phrases[other]!r} and "
                f"{asked.phrases[number]!r}; the option phrases takes words of your own"
            )


@dataclass(frozen=True)
class Phrasing:
    """How part names become phrases.

    Attributes:
        templates: with {part}, and {category} where a template needs one; such a template is left
            out when the prompt has no category.
        given: phrases of one's own per part name, which replace the templates; every part that is
            asked for must be among them, and no phrase may be two parts'.
        of_category: the same for one category, by its name in lower case; they go before given.
        source: the file that they are from, for messages.
    """

    templates: tuple[str, ...]
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_category: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    source: str = ""

    def ask(self, parts: PartList) -> Asked:
        """The phrases for a part list; none is two parts', or nobody could say whose it is.

        Raises:
            TeacherError: there is no phrase for a part, or one for two.
        """
        own = bool(self.given or self.of_category)
        said = self._written(parts) if own else self._made(parts)
        phrases = tuple(phrase for some in said for phrase in some)
        owner = tuple(number for number, some in enumerate(said) for _ in some)
        return Asked(phrases, owner, len(parts))

    def _written(self, parts: PartList) -> list[Sequence[str]]:
        """Of each part, from the file."""
        own = {**self.given, **self.of_category.get((parts.category or "").lower(), {})}
        of = "" if parts.category is None else f" of {parts.category!r}"
        owner: dict[str, str] = {}
        for part in parts.names:
            if part not in own:
                raise TeacherError(
                    f"{self.source} must have phrases for every part, none for {part!r}{of}"
                )
            for phrase in own[part]:
                first = owner.setdefault(phrase.lower(), part)
                if first != part:
                    raise TeacherError(
                        f"{self.source} must have each phrase for one part{of}, got {phrase!r} for "
                        f"{first!r} and {part!r}"
                    )
        return [own[part] for part in parts.names]

    def _made(self, parts: PartList) -> list[Sequence[str]]:
        """Of each part, from the templates.

        "chair back" is the back of a chair, but not where "chair back" is itself a part.
        """
        named = {phrase: part for part in parts.names for phrase in self._filled(part, None)}
        return [
            [p for p in self._filled(part, parts.category) if named.get(p, part) == part]
            for part in parts.names
        ]

    def _filled(self, part: str, category: str | None) -> list[str]:
        words = {"part": part.lower(), "category": (category or "").lower()}
        usable = [t for t in self.templates if category is not None or "{category}" not in t]
        phrases = [t.format(**words) for t in usable]
        return list(dict.fromkeys(phrases))


def read_phrases(path: str | Path) -> Phrasing:
    """Phrases from a JSON file, without templates.

    Per part, {"leg": ["a chair leg", "the leg of a chair"], ...}, or per category and part,
    {"chair": {"leg": [...], ...}, "table": {...}}, or both.

    Raises:
        ConfigError: it cannot be read, or is something else.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_FILE:
            raise ConfigError(f"{path}: a file of phrases must have at most {MAX_FILE} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file of phrases") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path}: a file of phrases must be JSON ({type(error).__name__})"
        ) from None
    if not isinstance(found, dict) or not found:
        raise ConfigError(f"{path}: must be a JSON object from part names to lists of phrases")
    categories = {name: parts for name, parts in found.items() if isinstance(parts, dict)}
    general = {part: said for part, said in found.items() if part not in categories}
    if len({name.lower() for name in categories}) < len(categories):
        raise ConfigError(f"{path}: a category must stand there once, got {', '.join(categories)}")
    each = {name.lower(): _all(path, parts) for name, parts in categories.items()}
    return Phrasing((), _all(path, general), each, str(path))


def _all(path: Path, given: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    return {part: _phrases(path, part, phrases) for part, phrases in given.items()}


def _phrases(path: Path, part: str, phrases: object) -> tuple[str, ...]:
    rule = f"{path}: {part!r} must have a list of 1 to {MAX_PHRASES} phrases"
    if not isinstance(phrases, list) or not 1 <= len(phrases) <= MAX_PHRASES:
        raise ConfigError(f"{rule}, got {str(phrases)[:80]}")
    if not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
        raise ConfigError(f"{rule} that are not empty, got {str(phrases)[:80]}")
    return tuple(phrase.strip() for phrase in phrases)


def make_phrasing(
    templates: Sequence[str], phrases: str | Path | None, combine: str = "max"
) -> Phrasing:
    """The phrasing of a teacher: its own templates, or the phrases of a file.

    Raises:
        ConfigError: the file cannot be read, or there is no such way to combine.
    """
    if combine not in COMBINE:
        raise ConfigError(f"combine must be one of {', '.join(COMBINE)}, got {combine!r}")
    if phrases is None:
        return Phrasing(tuple(templates))
    return replace(read_phrases(phrases), templates=tuple(templates))
