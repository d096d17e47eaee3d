"""Choosing a backend: the first that can run here, or the one that was asked for, or a reason."""

from __future__ import annotations

import functools
import importlib.util
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from pdengine import _C

log = logging.getLogger("pdengine.kernels")

taken: dict[str, str] = {}  # the backend that each op ran on last


@dataclass(frozen=True)
class Backend:
    """One implementation of an op.

    Attributes:
        name: "reference", "cpu", "triton" or "cuda".
        run: the implementation.
        why_not: given the op's leading tensor, one sentence on why this backend cannot run it, or
            None when it can.
    """

    name: str
    run: Callable[..., Any]
    why_not: Callable[[Tensor], str | None] = lambda tensor: None


def choose(op: str, backends: Sequence[Backend], wanted: str | None, tensor: Tensor) -> Backend:
    """The backend to run.

    Args:
        op: the op's name, for messages.
        backends: in order of preference; what stands behind "reference", which can always run,
            runs only where it is asked for.
        wanted: a backend's name, or None for the first that can run.
        tensor: the tensor that decides (its device and dtype).

    Where nothing but the reference is left, a warning says why, once.

    Raises:
        RuntimeError: the wanted backend cannot run here, with the reason.
        ValueError: there is no backend of that name.
    """
    reason: str | None = None
    for backend in backends:
        if wanted is not None and backend.name != wanted:
            continue
        before, reason = reason, backend.why_not(tensor)
        if reason is None:
            if before is not None and backend.name == "reference":
                _say_once(f"{op}: runs slowly, in its reference, because {before}")
            taken[op] = backend.name
            return backend
        if wanted is not None:
            raise RuntimeError(f"{op}: backend {wanted!r} cannot run here, {reason}")
        log.debug("%s: backend %r steps aside, %s", op, backend.name, reason)
    names = ", ".join(backend.name for backend in backends)
    if wanted is not None:
        raise ValueError(f"{op}: backend must be one of {names}, got {wanted!r}")
    raise RuntimeError(f"{op}: none of its backends ({names}) can run on {tensor.device}")


@functools.cache
def _say_once(sentence: str) -> None:
    log.warning(sentence)


def as_array(tensor: Tensor) -> Any:
    """What the C++ core reads: the tensor's numbers, in order, without its history."""
    return tensor.detach().contiguous().numpy()


def cpu_only(tensor: Tensor) -> str | None:
    """The reason of every C++ backend."""
    if tensor.device.type != "cpu":
        return f"the C++ kernel needs a CPU tensor, got one on {tensor.device}"
    return None


def cuda_only(tensor: Tensor) -> str | None:
    """The reason of every CUDA backend; an emulated library takes tensors on the CPU."""
    if tensor.is_cuda:
        return _why_not_on(tensor.get_device())
    if tensor.device.type == "cpu" and _C.cuda_emulated():
        return _C.cuda_reason()
    return f"the CUDA kernel needs a CUDA tensor, got one on {tensor.device}"


_answered: set[int] = set()  # the GPUs that were found to run the CUDA library


def _why_not_on(device: int) -> str | None:
    if device in _answered:
        return None
    # It is asked while it is current, and no other GPU is: asking takes memory there.
    with torch.cuda.device(device):
        reason = _C.cuda_reason(device)
    if reason is None:
        _answered.add(device)
    return reason


def triton_only(tensor: Tensor) -> str | None:
    """The reason of every Triton backend; Triton's interpreter takes tensors on the CPU."""
    if importlib.util.find_spec("triton") is None:
        return "triton is not installed"
    if tensor.is_cuda or os.environ.get("TRITON_INTERPRET") == "1":
        return None
    return f"the Triton kernel needs a CUDA tensor, got one on {tensor.device}"


_thread_limit: int | None = None


def thread_limit() -> int:
    """The most threads a C++ kernel may use: set_thread_limit's, else the cores of this process."""
    if _thread_limit is not None:
        return _thread_limit
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_thread_limit(limit: int | None) -> None:
    """Bound the threads of every C++ kernel; None lifts the bound.  Results do not depend on it.

    Raises:
        ValueError: limit is less than 1.
    """
    global _thread_limit
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    _thread_limit = limit
