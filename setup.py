"""Builds the C++ core with CMake; everything else stands in pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent


def tool(name: str) -> str:
    """A program that pip installs: on the PATH, or beside this Python where that is not on it."""
    places = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    found = shutil.which(name, path=places)
    if found is None:
        sys.exit(f"pdengine: {name} is needed to build it: pip install cmake ninja pybind11")
    return found


class CMakeBuild(build_ext):
    def build_extension(self, ext: Extension) -> None:
        checked = subprocess.run([sys.executable, str(ROOT / "tools" / "check_machine.py")])
        if checked.returncode != 0:  # it has said why
            sys.exit(1)
        cmake, ninja = tool("cmake"), tool("ninja")
        try:
            import pybind11
        except ImportError:
            sys.exit("pdengine: pybind11 is needed to build it: pip install cmake ninja pybind11")
        output = Path(self.get_ext_fullpath(ext.name)).resolve().parent
        build = ROOT / "build" / f"cmake-{sys.implementation.cache_tag}"
        build.mkdir(parents=True, exist_ok=True)
        archs = os.environ.get("PDENGINE_CUDA_ARCHS")
        configured = subprocess.run(
            [
                cmake, "-S", str(ROOT), "-B", str(build), "-G", "Ninja",
                "-DCMAKE_BUILD_TYPE=Release",
                f"-DCMAKE_MAKE_PROGRAM={ninja}",  # the last one may have gone with its build
                f"-DPython_EXECUTABLE={sys.executable}",
                f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
                f"-DPDENGINE_OUTPUT={output}",
                f"-DPDENGINE_CUDA={os.environ.get('PDENGINE_CUDA', 'auto')}",
                # Unset, CMakeLists.txt says which, not what an earlier build was told.
                f"-DPDENGINE_CUDA_ARCHS={archs}" if archs else "-UPDENGINE_CUDA_ARCHS",
            ],
        )  # fmt: skip
        if configured.returncode != 0 or subprocess.run([cmake, "--build", str(build)]).returncode:
            sys.exit("pdengine: the C++ core was not built; CMake and the compiler say why above")
        if self.editable_mode or self.inplace:  # setuptools copies the extension alone
            built, kept = (place / "libpdengine_cuda.so" for place in (output, ROOT / "pdengine"))
            kept.unlink(missing_ok=True)
            if built.exists():
                shutil.copy2(built, kept)


setup(
    # kernels/ stands at the top of the tree for its readers and is linked as pdengine/kernels, so
    # that it is importable under one name only; find_packages follows the link.
    packages=find_packages(include=["pdengine", "pdengine.*"]),
    package_data={
        "pdengine": ["py.typed", "*.pyi", "**/*.safetensors", "**/*.json", "**/*.html", "**/*.md"]
    },
    ext_modules=[Extension("pdengine._C", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
