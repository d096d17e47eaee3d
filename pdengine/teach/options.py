"""What a teacher can be told: its options, as the function that loads it declares them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdengine.errors import ConfigError

Value = str | int | float

ELSEWHERE = {"path": "--teacher-path", "offline": "--offline"}  # what is no option, but typed so
_ABOUT = {
    "phrases": "JSON file of your own words per part, see docs/models.md",
    "threshold": "what scores less is dropped, in [0, 1]",
    "overlap": "of two of one part in a view that overlap more (IoU), the better stays",
    "combine": "max or mean over the phrases of a part",
    "none": 'log-odds of "none of them"; lower finds more',
    "side": "pixels that views are squashed to; more is finer and slower",
    "look": "colour, or depth to show depth as brightness",
    "score": "of every box, since the model says none, in (0, 1]",
    "batch": "views at once; fewer where memory does not suffice",
    "precision": "on a GPU: float16, bfloat16 or float32; a CPU reckons in float32",
    "revision": "commit, branch or tag of its repository, in place of the pinned one",
    "cutter_path": "folder with the weights of what cuts boxes out",
    "cutter_revision": "as revision, of the repository of what cuts boxes out",
}
_KINDS = {float: "number", int: "whole number"}


@dataclass(frozen=True)
class Option:
    """Something that a teacher can be told.

    Attributes:
        name: what stands before the "=".
        default: what holds unless it is given; None for text that need not be there.
    """

    name: str
    default: Value | None

    @property
    def kind(self) -> str:
        """ "number", "whole number" or "text", as the default is."""
        return _KINDS.get(type(self.default), "text")

    @property
    def about(self) -> str:
        """What it means, for a table."""
        return _ABOUT.get(self.name, "")

    def read(self, teacher: str, text: str) -> Value:
        """The value that was typed.

        Raises:
            ConfigError: it is of another kind.
        """
        read = {float: float, int: int}.get(type(self.default), str)
        try:
            value: Value = read(text)
        except ValueError:
            value = ""
        self.check(teacher, value, repr(text))
        return value

    def check(self, teacher: str, value: object, said: str | None = None) -> None:
        """Refuse a value of another kind.

        Args:
            teacher: its name, for the message.
            value: a number where the default is one, else text or a path.
            said: how it was written; None shows the value.

        Raises:
            ConfigError: it is of another kind, or empty, or no finite number.
        """
        if isinstance(self.default, (int, float)):
            ok = isinstance(value, (int, float)) and not isinstance(value, bool)
            ok = ok and isinstance(value, (int, type(self.default))) and math.isfinite(value)
        else:
            ok = value is None or isinstance(value, Path) or bool(isinstance(value, str) and value)
        what = self.kind if self.kind == "text" else f"a {self.kind}"
        rule = f"teacher {teacher}: {self.name} must be {what}"
        if not ok:
            raise ConfigError(f"{rule}, got {said or repr(value)}")


REVISION = Option("revision", None)


def options_of(*loads: Callable[..., Any]) -> tuple[Option, ...]:
    """The options that these functions declare: their keywords, but for those of ELSEWHERE."""
    found: dict[str, Option] = {}
    for load in loads:
        for name, parameter in inspect.signature(load).parameters.items():
            if parameter.kind is parameter.KEYWORD_ONLY and name not in ELSEWHERE:
                found.setdefault(name, Option(name, parameter.default))
    return tuple(found.values())


def check_options(teacher: str, given: Mapping[str, Any], known: Sequence[Option]) -> None:
    """Refuse an option that the teacher does not take, or a value of another kind.

    Args:
        teacher: its name.
        given: values by name; those of ELSEWHERE are not looked at.
        known: its own.

    Raises:
        ConfigError: naming the option, and those that there are.
    """
    for name, value in given.items():
        if name not in ELSEWHERE:
            _named(teacher, name, known).check(teacher, value)


def read_options(teacher: str, given: Sequence[str], known: Sequence[Option]) -> dict[str, Value]:
    """Options as they are typed, "threshold=0.3", as values of their kinds.

    Args:
        teacher: its name.
        given: what was typed.
        known: the teacher's own.

    Raises:
        ConfigError: there is no such option, it is given twice, or its value is of another kind.
    """
    found: dict[str, Value] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise ConfigError(f"--teacher-option must be NAME=VALUE, got {text!r}")
        option = _named(teacher, name, known)
        if name in found:
            raise ConfigError(f"--teacher-option {name} must be given once, got {text!r} too")
        found[name] = option.read(teacher, value)
    return found


def _named(teacher: str, name: str, known: Sequence[Option]) -> Option:
    for option in known:
        if option.name == name:
            return option
    if name in ELSEWHERE:
        raise ConfigError(f"teacher {teacher}: {name} is no option, say {ELSEWHERE[name]}")
    takes = f"it takes {', '.join(o.name for o in known)}" if known else "it takes none"
    raise ConfigError(f"teacher {teacher} has no option {name!r}: {takes}")
