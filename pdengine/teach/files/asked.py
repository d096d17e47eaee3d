"""What a file's words mean here: its pictures are views, its names are parts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pdengine.errors import LoadError
from pdengine.types import PartList

# view_07.png, also as a tool may have renamed it: view_07_png.rf.0a1b.jpg.  7.png is PartSLIP's.
_VIEW = re.compile(r"view_?(\d{1,6})(?!\d)|(\d{1,6})(?=\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Pictures:
    """The views as somebody outside knows them.

    Attributes:
        names: the file name of each.
        size: height and width in pixels.
    """

    names: tuple[str, ...]
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.names)

    def view(self, name: str) -> int | None:
        """The view that a file name means, or None.  Folders before it are not looked at."""
        base = PurePosixPath(name.replace("\\", "/")).name
        if base in self.names:
            return self.names.index(base)
        found = _VIEW.match(base)
        number = int(found[1] or found[2]) if found else len(self)
        return number if number < len(self) else None


@dataclass(frozen=True)
class Names:
    """The parts, by every word that means one of them.

    Upper and lower case are the same, and so are "_", "-" and a blank; "chair back" and "back of a
    chair" are the back where the category is a chair.
    """

    parts: PartList

    def label(self, word: str) -> int | None:
        """The part, or None.  The part's own name comes first."""
        names = [name.casefold() for name in self.parts.names]
        if word.strip().casefold() in names:
            return names.index(word.strip().casefold())
        loose = [_loose(name) for name in self.parts.names]
        bare = _without(_loose(word), _loose(self.parts.category or ""))
        for wanted in (_loose(word), bare):
            if loose.count(wanted) == 1:
                return loose.index(wanted)
        return None


def _loose(word: str) -> str:
    return " ".join(re.split(r"[\s_-]+", word.strip().casefold()))


def _without(word: str, category: str) -> str:
    """The word without the category that stands before or behind it."""
    if not category:
        return word
    for article in ("a ", "an ", "the ", ""):
        word = word.removesuffix(f" of {article}{category}")
    return word.removeprefix(f"{category} ")


@dataclass
class Tally:
    """What of a file could not be used, or not as it is: counted, and said in the end.

    Attributes:
        path: the file or folder.
        parts: what was asked for, for the message.
        ignore_unknown: names that are no part are left out; else they are an error.
        placed: how many detections, or files, are of a view.
        astray: the pictures of the others, by name.
    """

    path: str
    parts: PartList
    ignore_unknown: bool = False
    count: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    placed: int = 0
    astray: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, times: int = 1) -> None:
        """One more of these."""
        self.count[what] += times

    def add_unknown(self, word: str) -> None:
        """One more detection of this name."""
        self.unknown[word] += 1

    def of_view(self, view: int | None, picture: str, what: str) -> bool:
        """Whether a detection, or a file, is of a view; one that is not is counted as `what`."""
        if view is None:
            self.add(what)
            self.astray[picture] += 1
        else:
            self.placed += 1
        return view is not None

    def check_placed(self, views: int) -> None:
        """Raises LoadError where something was found, and all of it in pictures that are no view.

        Args:
            views: how many there are.
        """
        if self.astray and not self.placed:
            last = f"view_{views - 1:02}.png"
            rule = f"detections must be of the views, view_00.png to {last} or 0 to {views - 1}"
            raise LoadError(self.path, rule, _listed(repr(word) for word in self.astray))

    def remarks(self) -> tuple[str, ...]:
        """A sentence per thing that was counted, in the order of their first.

        Raises:
            LoadError: a name is no part, and that is not ignored.
        """
        said = [f"{self.path}: {what}: {times}" for what, times in self.count.items()]
        if self.unknown:
            listed = _listed(f"{word!r} ({times})" for word, times in self.unknown.items())
            if not self.ignore_unknown:
                known = ", ".join(self.parts.names)
                rule = f"a name must be one of {known}, unless unknown ones are ignored"
                raise LoadError(self.path, rule, listed)
            said.append(f"{self.path}: detections left out, for their names are no parts: {listed}")
        return tuple(said)


def _listed(words: Iterable[str], most: int = 8) -> str:
    every = list(words)
    rest = [f"{len(every) - most} more"] if len(every) > most else []
    return ", ".join([*every[:most], *rest])
