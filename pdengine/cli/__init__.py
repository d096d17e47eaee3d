"""The command `pdengine`.  Commands import what they need when they run: --help stays quick."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence

from pdengine._version import __version__
from pdengine.cli.stopping import Terminated, stopped_by_signals
from pdengine.errors import PdengineError

OK, NOTHING_FOUND, FAILED, INTERRUPTED, TERMINATED = 0, 3, 2, 130, 143
# What pyproject.toml depends on, as it is imported; another that is missing is a mistake of ours.
NEEDED = {name: name for name in ("torch", "numpy", "safetensors", "tyro", "rich", "jinja2")}
NEEDED["PIL"] = "pillow"

DESCRIPTION = """Zero-shot 3D part segmentation.

A shape and part names go in, a part for every point comes out.  Start with: pdengine demo.
`pdengine --version` prints the version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 fine; 1 doctor found what must be mended; 2 an error of the caller, said in one line; 3
        nothing found and --strict; 130 interrupted, 143 terminated.
    """
    for name in ("stdout", "stderr"):  # a service starts us without them
        if getattr(sys, name) is None:
            setattr(sys, name, io.StringIO())
    try:
        with stopped_by_signals() as handled:
            return _main(arguments, handled)
    except KeyboardInterrupt as stop:  # told again when all was done but to leave
        return _stopped(stop)


def _main(arguments: Sequence[str] | None, handled: Callable[[], None]) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"]):
        sys.stdout.write(f"pdengine {__version__}\n")
        return OK
    try:
        return _run(words)
    except PdengineError as error:
        sys.stderr.write(f"error: {one_line(str(error))}\n")
        return FAILED
    except ImportError as error:
        sys.stderr.write(f"error: {_what_to_install(error)}\n")
        return FAILED
    except KeyboardInterrupt as stop:
        handled()
        return _stopped(stop)
    except BrokenPipeError:  # the reader of our output went away: | head
        sys.stderr.close()
        return OK
    except OSError as error:  # the disk is full, a folder went away
        sys.stderr.write(f"error: {one_line(str(error))}\n")
        return FAILED


def _stopped(stop: KeyboardInterrupt) -> int:
    how = "terminated" if isinstance(stop, Terminated) else "interrupted"
    sys.stderr.write(f"\n{how}; what was written is whole\n")
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def _run(words: list[str]) -> int:
    import tyro

    from pdengine.cli.commands import offered

    try:
        command = tyro.cli(
            offered(words),
            prog="pdengine",
            description=DESCRIPTION,
            args=joined(words or ["--help"]),
            config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
        )
    except SystemExit as stop:  # --help, or a usage error that tyro has explained
        return stop.code if isinstance(stop.code, int) else FAILED
    code: int = command.run()
    return code


def _what_to_install(error: ImportError) -> str:
    """One sentence on an incomplete installation.

    Raises:
        ImportError: the same, where it is a mistake of ours.
    """
    package = NEEDED.get(error.name or "")
    if package is not None:
        return f"pdengine needs {package}, which is not installed: pip install {package}"
    if "_C" in str(error) and (error.name or "").startswith("pdengine"):
        return "pdengine's C++ core is not built for this Python: pip install . in its folder"
    raise error


def joined(words: Sequence[str]) -> list[str]:
    """Write `--up -z` as `--up=-z`, for -z looks like an option of its own."""
    out: list[str] = []
    for word in words:
        if out and out[-1] == "--up" and word.startswith("-") and not word.startswith("--"):
            out[-1] = f"--up={word}"
        else:
            out.append(word)
    return out


def one_line(text: str) -> str:
    """A message as one printable line: a file name may hold line breaks or escape sequences."""
    return "".join(c if c.isprintable() else " " for c in text)
