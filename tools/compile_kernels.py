"""Compile every Triton kernel for a GPU that need not be here, and look at the machine code.

    python tools/compile_kernels.py [--capability 90] [op ...]

Writes one JSON line per kernel and configuration: registers and local memory per thread, shared
memory per block.  Ends with 1 where a kernel spills, takes more registers or shared memory than it
may, or lacks an instruction that its room asks for.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

from pdengine import kernels
from pdengine.kernels._triton import Build, Compiled, compile_ahead

SHARED = 227 * 1024  # bytes that a block may have on capability 9.0
ROOMS = Path(kernels.__file__).resolve().parent


def faults(build: Build, compiled: Compiled) -> list[str]:
    found = [f"lacks {name}" for name in build.instructions if name not in compiled.sass]
    if compiled.spilled:
        found.append(f"{compiled.spilled} bytes of local memory")
    if compiled.registers > build.registers:
        found.append(f"{compiled.registers} registers, may take {build.registers}")
    if compiled.shared > SHARED:
        found.append(f"{compiled.shared} bytes of shared memory, may take {SHARED}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("ops", nargs="*", help="default: all that have Triton kernels")
    parser.add_argument("--capability", type=int, default=90)
    options = parser.parse_args()
    ops = options.ops or sorted(path.parent.name for path in ROOMS.glob("*/triton_kernels.py"))
    wrong = 0
    for op in ops:
        room = importlib.import_module(f"pdengine.kernels.{op}.triton_kernels")
        for build in room.BUILDS:
            compiled = compile_ahead(build, options.capability)
            row = {
                "op": op, "kernel": build.name, "registers": compiled.registers,
                "local": compiled.spilled, "shared": compiled.shared,
                "faults": faults(build, compiled),
            }  # fmt: skip
            wrong += bool(row["faults"])
            print(json.dumps(row), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
