"""A GPU that is not there: a pretence that finds what would fail, wait or wander on a real one.

Everything is computed on the CPU.  Memory that the engine takes to "cuda" is marked, everything
that is computed from marked memory is marked, and a tensor says that it is on the GPU where its
memory is marked.  It is an error to

- compute with marked and other tensors at once (but for numbers of no dimension, as in torch),
- show marked memory to NumPy,
- add floats with an operation that a GPU runs in any order.

Kernels run on the CPU behind the curtain: their C++ twins, or the references where a gradient
passes through.  So this says nothing about the GPU's kernels, their speed or their rounding; that
takes a GPU.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import fields, is_dataclass

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves

from pdengine import devices
from pdengine.distill import replay
from pdengine.kernels import Backend

GPU, CPU = torch.device("cuda", 0), torch.device("cpu")
aten = torch.ops.aten

# Sums whose order a GPU does not keep (torch.use_deterministic_algorithms lists them).
UNORDERED = {
    *(aten.index_add, aten.index_add_, aten.scatter_add, aten.scatter_add_, aten.cumsum),
    *(aten.scatter_reduce, aten.scatter_reduce_, aten.bincount, aten.put_, aten.histc),
    *(aten.upsample_bilinear2d_backward, aten.embedding_dense_backward),
}
# The host waits for their answer.
WAITING = {aten._local_scalar_dense, aten.nonzero, aten.masked_select, aten.equal, aten.bincount}
WAITING |= {aten._unique2, aten.unique_dim, aten.unique_consecutive}


class WrongDevice(AssertionError):  # noqa: N818, read as a sentence: raises(WrongDevice)
    """What a real GPU would refuse, or would not compute twice alike."""


def tensors_in(value: object) -> list[Tensor]:
    found = []
    for leaf in tree_leaves(value):
        if isinstance(leaf, Tensor):
            found.append(leaf)
        elif is_dataclass(leaf) and not isinstance(leaf, type):
            found += tensors_in([getattr(leaf, field.name) for field in fields(leaf)])
    return found


def where() -> str:
    """The innermost line of the engine that is running."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if "/pdengine/" in name:
            return f"{name.rpartition('/pdengine/')[2]}:{frame.f_lineno}"
        frame = frame.f_back
    return "a test"


class PretendGPU:
    """The pretence, as a context.

    Attributes:
        waits: how often each line of the engine made the host wait for the GPU.
        kernels: how often each op ran.
        any_order: floats may be added in any order, as in models that are not ours and in training.
    """

    WrongDevice = WrongDevice

    def __init__(self):
        self.waits: Counter[str] = Counter()
        self.kernels: Counter[str] = Counter()
        self.any_order = False
        self._marked = {}  # storages, kept alive so that no other memory takes an address of theirs
        self.inside = False  # a function of torch's, which makes tensors where its inputs are
        self._stack = ExitStack()
        self._monkeypatch = pytest.MonkeyPatch()

    def __enter__(self):
        patch = self._monkeypatch.setattr
        patch(devices, "why_no_gpu", lambda: None)
        patch(torch.cuda, "current_device", lambda: 0)
        patch(torch.cuda, "synchronize", lambda device=None: self.waits.update(["end of a stage"]))
        patch(replay, "can_capture", lambda device: False)
        patch(torch.optim.Optimizer, "_group_tensors_by_device_and_dtype", self._grouper())
        for op in devices.OPS:
            module = importlib.import_module(f"pdengine.kernels.{op}.op")
            patch(module, "choose", self._chooser(module.choose))
        self._stack.enter_context(_Operations(self))
        self._stack.enter_context(_Questions(self))
        return self

    def __exit__(self, *error):
        self._stack.close()
        self._monkeypatch.undo()

    def has(self, tensor: Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self._marked

    def put(self, tensor: Tensor, there: bool) -> Tensor:
        storage = tensor.untyped_storage()
        if there:
            self._marked[storage._cdata] = storage
        else:
            assert storage._cdata not in self._marked, "memory on the GPU became the CPU's"
        return tensor

    def waited(self) -> None:
        self.waits[where()] += 1

    def _grouper(self):
        """Optimisers sort tensors by device, in C++, which knows nothing of the pretence."""
        real = torch.optim.Optimizer._group_tensors_by_device_and_dtype

        def grouped(lists, *options):
            found = real(lists, *options).items()
            place = GPU if self.has(lists[0][0]) else CPU
            return {(place, dtype): tensors for (_, dtype), tensors in found}

        return staticmethod(grouped)

    def _chooser(self, real):
        def choose(op, backends, wanted, tensor):
            if not self.has(tensor):
                return real(op, backends, wanted, tensor)
            differentiable = op in ("sparse_conv", "soft_cross_entropy")
            name = "reference" if differentiable else "cpu"
            run = next(backend.run for backend in backends if backend.name == name)

            def pretended(*arguments):
                self.kernels[op] += 1
                strangers = [t for t in tensors_in(arguments) if not self.has(t)]
                if strangers:
                    raise WrongDevice(f"{op} was given a tensor on the CPU at {where()}")
                if differentiable:
                    return run(*arguments)
                with torch._C.DisableTorchFunction(), _disable_current_modes():
                    out = run(*arguments)
                for tensor in tensors_in(out):
                    self.put(tensor, True)
                return out

            return Backend("pretended", pretended)

        return choose


class _Operations(TorchDispatchMode):
    """Every operation of torch, those of autograd's backward passes too."""

    def __init__(self, gpu):
        super().__init__()
        self.gpu = gpu

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        gpu, packet = self.gpu, function.overloadpacket
        given = tensors_in((args, kwargs or {}))
        there = [t for t in given if gpu.has(t)]
        if not there:
            out = function(*args, **(kwargs or {}))
            if not given and gpu.inside:
                for tensor in tensors_in(out):
                    gpu.put(tensor, True)
            return out
        if packet in (aten.copy_, aten._copy_from):  # from one device to another
            return function(*args, **(kwargs or {}))
        indexed = packet in (aten.index, aten.index_put_, aten.index_put)
        rows = [t for t in args[1] if t is not None] if indexed else []
        known = {id(t) for t in rows}  # torch takes them from the CPU too
        strangers = [
            tuple(t.shape) for t in given if not gpu.has(t) and t.dim() > 0 and id(t) not in known
        ]
        if strangers:
            shapes = [tuple(t.shape) for t in there]
            raise WrongDevice(
                f"{packet} of {shapes} on the GPU and {strangers} on the CPU at {where()}"
            )
        floats = any(t.is_floating_point() for t in given)
        at = where()
        curtain = "/reference.py:" in at  # stands in for a kernel, which keeps its order
        if packet in UNORDERED and floats and not curtain and not gpu.any_order:
            raise WrongDevice(f"{packet} adds floats in any order at {at}")
        masks = any(t.dtype == torch.bool or not gpu.has(t) for t in rows)
        lengths = packet is aten.repeat_interleave and (kwargs or {}).get("output_size") is None
        if (packet in WAITING or masks or lengths) and not curtain:
            gpu.waited()
        out = function(*args, **(kwargs or {}))
        for tensor in tensors_in(out):
            gpu.put(tensor, True)
        return out


class _Questions(TorchFunctionMode):
    """What a tensor says of itself, and the ways from one device to another."""

    def __init__(self, gpu):
        self.gpu = gpu

    def __torch_function__(self, function, types, args=(), kwargs=None):
        gpu, kwargs = self.gpu, dict(kwargs or {})
        if function == Tensor.device.__get__:
            return GPU if gpu.has(args[0]) else CPU
        if function == Tensor.is_cuda.__get__:
            return gpu.has(args[0])
        if function in (Tensor.numpy, Tensor.__array__) and gpu.has(args[0]):
            raise WrongDevice(f"NumPy was shown a tensor on the GPU at {where()}")
        if function == Tensor.tolist and gpu.has(args[0]):
            gpu.waited()
        if function == Tensor.__deepcopy__ and gpu.has(args[0]):  # would copy memory unseen
            return args[0].detach().clone()
        if function == Tensor.cpu:
            return self._moved(args[0], CPU)
        if function == Tensor.cuda:
            return self._moved(args[0], GPU)
        if function == Tensor.to:
            return self._to(*args, **kwargs)
        device = kwargs.get("device")
        if function == Tensor.new_tensor and device is None:
            device = GPU if gpu.has(args[0]) else CPU
        if device is not None and torch.device(device).type != "meta":
            there = torch.device(device).type == "cuda"
            return gpu.put(function(*args, **(kwargs | {"device": "cpu"})), there)
        before, gpu.inside = gpu.inside, any(map(gpu.has, tensors_in((args, kwargs))))
        try:
            return function(*args, **kwargs)
        finally:
            gpu.inside = before

    def _to(self, tensor, *args, **kwargs):
        if args and isinstance(args[0], Tensor):
            args = (GPU if self.gpu.has(args[0]) else CPU, args[0].dtype, *args[1:])
        if kwargs.pop("copy", False):  # which torch's own reader of these does not take
            tensor = tensor.clone()
        device, dtype, _, layout = torch._C._nn._parse_to(*args, **kwargs)
        if dtype is not None or layout is not None:
            tensor = tensor.to(
                dtype=dtype or tensor.dtype, memory_format=layout or torch.preserve_format
            )
        return tensor if device is None else self._moved(tensor, device)

    def _moved(self, tensor, device):
        there = torch.device(device).type == "cuda"
        if self.gpu.has(tensor) == there:
            return tensor
        if not there:
            self.gpu.waited()
        with _disable_current_modes():  # else the copy would be where the original is
            copy = tensor.clone()
        return self.gpu.put(copy, there)
