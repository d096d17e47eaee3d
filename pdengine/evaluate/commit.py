"""Which code ran."""

from __future__ import annotations

import functools
import hashlib
import subprocess
from pathlib import Path


@functools.cache
def commit() -> str | None:
    """The commit of the tree that this package lies in, and a digest of what has changed since.

    E.g. "3f2c1ab09d41", or "3f2c1ab09d41+5e884898" where tracked files differ: other changes, other
    digest.  None where there is no such tree, or no git.
    """
    head, changes = _git("rev-parse", "HEAD"), _git("diff", "--binary", "--no-ext-diff", "HEAD")
    tracked = _git("ls-files", "--error-unmatch", Path(__file__).name)
    if head is None or not tracked:
        return None
    if not changes:
        return head[:12]
    return f"{head[:12]}+{hashlib.sha256(changes.encode()).hexdigest()[:8]}"


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return done.stdout.decode(errors="backslashreplace").strip()
