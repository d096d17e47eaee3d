"""Triton kernels as they are launched, so that they compile and are looked at without a GPU."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

_ALIGNED = 16  # bytes; what a launch finds out about pointers to torch's memory


@dataclass(frozen=True)
class Build:
    """One kernel in one configuration.

    Attributes:
        name: for messages.
        kernel: a triton.jit function.
        signature: type per argument: "*fp32", "*i32", "i32", "fp32"; "constexpr" where constants
            gives the value.
        constants: values of the constexpr arguments.
        warps, stages: as in the launch.
        fused: whether a product and a sum may become one multiply-add; False where the result has
            to round as on the CPU.  Triton's default changes with its version, so a launch always
            gives enable_fp_fusion.
        instructions: that must be in the machine code, e.g. "HGMMA".
        registers: the most that a thread may take.
    """

    name: str
    kernel: Any
    signature: Mapping[str, str]
    constants: Mapping[str, Any] = field(default_factory=dict)
    warps: int = 4
    stages: int = 3
    fused: bool = True
    instructions: tuple[str, ...] = ()
    registers: int = 255

    def with_ones(self, *names: str) -> Build:
        """As it is launched where these integers are 1: Triton makes them constants then."""
        return replace(
            self,
            name=f"{self.name}, {' = '.join(names)} = 1",
            signature={k: v for k, v in self.signature.items() if k not in names},
            constants={**self.constants, **dict.fromkeys(names, 1)},
        )


@dataclass(frozen=True)
class Compiled:
    """Machine code.

    Attributes:
        cubin: the binary.
        shared: bytes of shared memory per block.
    """

    cubin: bytes
    shared: int

    @cached_property
    def registers(self) -> int:
        """Per thread."""
        return int(self._usage("REG"))

    @cached_property
    def spilled(self) -> int:
        """Bytes of local memory per thread: the stack."""
        return int(self._usage("STACK")) + int(self._usage("LOCAL"))

    @cached_property
    def sass(self) -> str:
        return _cuobjdump("-sass", self.cubin)

    def _usage(self, what: str) -> str:
        found = re.search(rf"\b{what}:(\d+)", _cuobjdump("-res-usage", self.cubin))
        assert found is not None, f"cuobjdump says nothing about {what}"
        return found[1]


def compile_ahead(build: Build, capability: int = 90) -> Compiled:
    """Compile for a GPU that need not be here.

    Raises:
        RuntimeError: TRITON_INTERPRET was set when the kernel was imported.
    """
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    if not isinstance(build.kernel, triton.runtime.JITFunction):
        raise RuntimeError(f"{build.name}: an interpreted kernel cannot be compiled")
    names = build.kernel.arg_names
    signature = {name: build.signature.get(name, "constexpr") for name in names}
    constants = {(names.index(name),): value for name, value in build.constants.items()}
    aligned = {
        (k,): [["tt.divisibility", _ALIGNED]]
        for k, name in enumerate(names)
        if signature[name].startswith("*")
    }
    source = ASTSource(build.kernel, signature, constants, aligned)
    options = {
        "num_warps": build.warps,
        "num_stages": build.stages,
        "enable_fp_fusion": build.fused,
    }
    found = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    return Compiled(found.asm["cubin"], found.metadata.shared)


def _cuobjdump(option: str, cubin: bytes) -> str:
    """The tool that comes with triton."""
    import triton

    folder = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [str(folder / "cuobjdump"), option, file.name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
