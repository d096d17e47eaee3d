"""The peak of this process's memory since it was last asked to begin anew."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

_SELF = Path("/proc/self")


def begin_peak() -> None:
    """Forget the peak so far, where the system can (Linux); else it is the process's."""
    with contextlib.suppress(OSError):
        (_SELF / "clear_refs").write_text("5")


def peak_mib() -> float:
    """The largest resident size, MiB."""
    with contextlib.suppress(OSError):
        for line in (_SELF / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
