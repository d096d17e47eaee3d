"""Which code ran."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path


@functools.cache
def commit() -> str | None:
    """The commit of the tree that this package lies in, "+" where a tracked file has changed.

    None where there is no such tree, or no git.
    """
    head, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "-uno")
    tracked = _git("ls-files", "--error-unmatch", Path(__file__).name)
    if head is None or not tracked:
        return None
    return head[:12] + ("+" if changes else "")


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
