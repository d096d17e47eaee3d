"""`pdengine teachers`: who can look at the views.  Each command imports its work when it runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import tyro

from pdengine.cli.options import FLAG, word


@dataclass(frozen=True)
class ListTeachers:
    """List them: what each is good at, what its licence allows, and if it can run here."""

    json: Annotated[bool, FLAG] = False
    """Print JSON instead of a table."""

    def run(self) -> int:
        from pdengine.cli.teaching import print_teachers

        print_teachers(sys.stdout, self.json)
        return 0


@dataclass(frozen=True)
class ShowTeacher:
    """Say all about one: its terms, its weights, and what --teacher-option takes.

    Example: pdengine teachers show grounding-dino-tiny
    """

    name: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="NAME")]
    """A name of `pdengine teachers list`, with +sam or +sam2 behind a detector's."""
    json: Annotated[bool, FLAG] = False
    """Print JSON instead of text."""

    def run(self) -> int:
        from pdengine.cli.teaching import show_teacher

        show_teacher(sys.stdout, self.name, self.json)
        return 0


@dataclass(frozen=True)
class PullTeacher:
    """Fetch a teacher's weights now, so that it runs without a network later.

    Example: pdengine teachers pull grounding-dino-tiny
    """

    name: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="NAME")]
    """A name of `pdengine teachers list`."""
    revision: Annotated[str | None, word("COMMIT")] = None
    """Another commit, branch or tag of its repository than the pinned one."""
    cutter_revision: Annotated[str | None, word("COMMIT")] = None
    """The same of what cuts its boxes out, for a name with +sam or +sam2."""
    offline: Annotated[bool, FLAG] = False
    """Fetch nothing: only check that the weights are here."""

    def run(self) -> int:
        from pdengine.cli.teaching import pull_teacher

        pull_teacher(sys.stdout, self.name, self.offline, self.revision, self.cutter_revision)
        return 0


@dataclass(frozen=True)
class Teachers:
    """Who can look at the views: list, show, pull."""

    do: (
        Annotated[ListTeachers, tyro.conf.subcommand("list", prefix_name=False)]
        | Annotated[ShowTeacher, tyro.conf.subcommand("show", prefix_name=False)]
        | Annotated[PullTeacher, tyro.conf.subcommand("pull", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
