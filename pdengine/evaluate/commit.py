"""Which code ran."""

from __future__ import annotations

import functools
import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = tuple(str(ROOT / name) for name in ("pdengine", "kernels", "csrc"))


@functools.cache
def commit() -> str | None:
    """The commit of the tree that this package lies in, and a digest of what has changed since.

    E.g. "3f2c1ab09d41", or "3f2c1ab09d41+5e884898" where tracked files differ: other changes, other
    digest.  None where there is no such tree, or no git.
    """
    return _with_changes(_git("rev-parse", "HEAD"))


@functools.cache
def code() -> str | None:
    """The last commit that changed the package's own sources, and a digest of what has since.

    As commit(), but a change to a page, a test or a benchmark is none: no row depends on it.
    """
    return _with_changes(_git("log", "-1", "--format=%H", "--", *SOURCES), *SOURCES)


def _with_changes(found: str | None, *paths: str) -> str | None:
    """A commit, and a digest of what differs from it below these paths, or anywhere."""
    changes = _git("diff", "--binary", "--no-ext-diff", "HEAD", "--", *paths)
    tracked = _git("ls-files", "--error-unmatch", Path(__file__).name)
    if not found or not tracked:
        return None
    if not changes:
        return found[:12]
    return f"{found[:12]}+{hashlib.sha256(changes.encode()).hexdigest()[:8]}"


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
