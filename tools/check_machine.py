"""Says what is missing for a build, before a package manager says it in fifty lines."""

import os
import shutil
import sys
import sysconfig


def header_folder():
    """Where this Python keeps its C headers."""
    return sysconfig.get_paths()["include"]


def missing() -> list:
    """One sentence per missing thing.  Runs on any Python 3, so that an old one hears why."""
    found = []
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        version = ".".join(map(str, sys.version_info[:2]))
        found.append(
            f"Python 3.10 to 3.13 is needed, {sys.executable} is {version}; "
            "name another with make PYTHON=python3.12"
        )
    compiler = os.environ.get("CXX", "").split()
    if not any(shutil.which(name) for name in [*compiler[:1], "g++", "clang++"]):
        found.append("a C++17 compiler is needed (Debian/Ubuntu: apt install g++)")
    header = os.path.join(header_folder(), "Python.h")
    if not os.path.exists(header):
        found.append(
            f"the Python headers are needed, {header} (Debian/Ubuntu: apt install python3-dev)"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        found.append("Python's venv module is needed (Debian/Ubuntu: apt install python3-venv)")
    return found


if __name__ == "__main__":
    problems = missing()
    for problem in problems:
        sys.stderr.write(f"pdengine: {problem}\n")
    sys.exit(1 if problems else 0)
