"""What the shapes of a category must agree on: their parts, which a student learns by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pdengine.data import Example
from pdengine.errors import ConfigError, LoadError


def speakers(examples: Iterable[Example]) -> dict[str, Example]:
    """One example of each category, the first whose part names can be read, in their order.

    Where none can, it is the first of all.
    """
    found: dict[str, Example] = {}
    sure: set[str] = set()
    for example in examples:
        if example.category not in sure:
            found.setdefault(example.category, example)
            if _readable(example):
                found[example.category] = example
                sure.add(example.category)
    return found


def check_alike(examples: Sequence[Example], speaker: Example) -> None:
    """Every example of a category names the speaker's parts, or cannot be read.

    Raises:
        ConfigError: one names others, or in another order, or is asked for others.
        LoadError: the speaker cannot be read, and so nobody can.
    """
    wanted = (speaker.parts, speaker.prompt)
    for example in examples:
        if _readable(example) and (example.parts, example.prompt) != wanted:
            one, other = ", ".join(speaker.parts), ", ".join(example.parts)
            raise ConfigError(
                f"{speaker.category}: {speaker.name} and {example.name} must have the same parts, "
                f"got {one} and {other}"
            )


def _readable(example: Example) -> bool:
    try:
        return bool(example.parts)
    except LoadError:
        return False
