"""Times cases on request, in a process of its own: one JSON line in, one out.

{"case": NAME, "threads": N, "seconds": S} is answered by {"ms": [...]}, {"case": NAME, "memory":
true} by {"peak": BYTES, "most": BYTES}, and what goes wrong by {"error": WHY, "gate": whether it is
the answer that is wrong}.  The first line tells
which pdengine was imported.  run.py starts it with another PYTHONPATH for an older commit, or with
another allocation policy to measure memory.
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent
_DISABLE_LARGE_PAGES = 41  # PR_SET_THP_DISABLE: a page of 2 MiB would count as wholly used

# Every block from 64 KiB up is mapped by itself and goes back when it is freed, so that the
# process's peak is what was alive, not what an earlier call left behind.
EXACT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0"}


class Worker:
    """The other end: a running worker.

    Raises:
        RuntimeError: it cannot start, with the end of what it said.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(BENCH / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.home = Path(str(self._answer()["pdengine"]))

    def ask(self, **request: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self.process.wait()}; see above")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def status(key: str) -> int:
    """Bytes, from the kernel's account of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {key}")


def peak_bytes(run: Callable[[], object]) -> int:
    """How far the process grows in a call, its result included: the most of three calls.

    Linux counts pages in batches for each core, so this is right to within a mebibyte or two, and
    what is smaller can read as 0.

    Raises:
        OSError: this system does not let a process reset its peak.
    """
    run()  # warms up
    most = 0
    for _ in range(3):
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before = status("VmRSS")
        run()
        most = max(most, status("VmHWM") - before)
    return most


def main() -> None:
    # Answers go out where the process was given its output; whatever else prints goes to stderr.
    answers = sys.stdout
    sys.stdout = sys.stderr
    from harness import collect, on_threads, prepare, times_ms

    import pdengine

    def answer(found: dict[str, object]) -> None:
        answers.write(json.dumps(found) + "\n")
        answers.flush()

    answer({"pdengine": str(Path(pdengine.__file__).parent)})
    cases = {case.name: case for case in collect()}
    ready: tuple[str, Any] = ("", None)
    for line in sys.stdin:
        request = json.loads(line)
        name = request["case"]
        try:
            if name != ready[0]:
                ready = ("", None)  # the last workload goes before the next comes
                ready = (name, prepare(cases[name]))
            run = ready[1].run
            if request.get("memory"):
                ctypes.CDLL(None).prctl(_DISABLE_LARGE_PAGES, 1, 0, 0, 0)
                with on_threads(max(cases[name].threads)):
                    answer({"peak": peak_bytes(run), "most": ready[1].most_bytes})
            else:
                with on_threads(request["threads"]):
                    answer({"ms": times_ms(run, request["seconds"])})
        except AssertionError as error:
            answer({"error": str(error) or "a check failed", "gate": True})
        except Exception as error:  # an older commit may lack anything; the other end decides
            answer({"error": f"{type(error).__name__}: {error}", "gate": False})


if __name__ == "__main__":
    main()
