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


class CMakeBuild(build_ext):
    def build_extension(self, ext: Extension) -> None:
        import pybind11

        subprocess.run([sys.executable, str(ROOT / "tools" / "check_machine.py")], check=True)
        output = Path(self.get_ext_fullpath(ext.name)).resolve().parent
        build = ROOT / "build" / f"cmake-{sys.implementation.cache_tag}"
        build.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                "cmake", "-S", str(ROOT), "-B", str(build), "-G", "Ninja",
                "-DCMAKE_BUILD_TYPE=Release",
                f"-DPython_EXECUTABLE={sys.executable}",
                f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
                f"-DPDENGINE_OUTPUT={output}",
                f"-DPDENGINE_CUDA={os.environ.get('PDENGINE_CUDA', 'auto')}",
                f"-DPDENGINE_CUDA_ARCHS={os.environ.get('PDENGINE_CUDA_ARCHS', '90')}",
            ],
            check=True,
        )  # fmt: skip
        subprocess.run(["cmake", "--build", str(build)], check=True)
        if self.editable_mode or self.inplace:  # setuptools copies the extension alone
            built, kept = (place / "libpdengine_cuda.so" for place in (output, ROOT / "pdengine"))
            kept.unlink(missing_ok=True)
            if built.exists():
                shutil.copy2(built, kept)


setup(
    # kernels/ stands at the top of the tree for its readers and is linked as pdengine/kernels, so
    # that it is importable under one name only; find_packages follows the link.
    packages=find_packages(include=["pdengine", "pdengine.*"]),
    package_data={"pdengine": ["py.typed", "*.pyi", "**/*.safetensors", "**/*.json", "**/*.html"]},
    ext_modules=[Extension("pdengine._C", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
