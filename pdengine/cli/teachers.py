"""`pdengine teachers`: who can look at the views.  Each command imports its work when it runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import tyro

from pdengine.cli.options import FLAG


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
class PullTeacher:
    """Fetch a teacher's weights now, so that it runs without a network later.

    Example: pdengine teachers pull grounding-dino-tiny
    """

    name: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="NAME")]
    """A name of `pdengine teachers list`."""
    offline: Annotated[bool, FLAG] = False
    """Fetch nothing: only check that the weights are here."""

    def run(self) -> int:
        from pdengine.cli.teaching import pull_teacher

        pull_teacher(sys.stdout, self.name, self.offline)
        return 0


@dataclass(frozen=True)
class Teachers:
    """Who can look at the views: list them, fetch their weights."""

    do: (
        Annotated[ListTeachers, tyro.conf.subcommand("list", prefix_name=False)]
        | Annotated[PullTeacher, tyro.conf.subcommand("pull", prefix_name=False)]
    )

    def run(self) -> int:
        return self.do.run()
