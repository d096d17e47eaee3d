"""label_components: connected components of maps of classes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine import _C
from pdengine.kernels._checks import check_dtype, check_shape
from pdengine.kernels._cuda import call
from pdengine.kernels._dispatch import Backend, choose, cpu_only, cuda_only, thread_limit
from pdengine.kernels.label_components import reference


@dataclass(frozen=True)
class Components:
    """The components of all views, numbered in raster order of their first pixels.

    Attributes:
        label: [V, H, W] int32, the component of each pixel, -1 background.
        view: [K] int64, ascending.
        class_: [K] int64.
        size: [K] int64, pixels.
    """

    label: Tensor
    view: Tensor
    class_: Tensor
    size: Tensor

    def __len__(self) -> int:
        return len(self.view)

    def mean(
        self,
        values: Tensor,  # [V, H, W]
    ) -> Tensor:  # [K]
        """The mean of float32 values over each component's pixels.

        Summed as integers, in steps of 2^-32, so that the order does not matter: a GPU adds in
        any.  From 2^-8 to 1 a value is a whole number of steps, and the sum is exact.
        """
        inside = (self.label >= 0).flatten().nonzero()[:, 0]
        label = self.label.flatten()[inside].long()
        steps = (values.flatten()[inside].double() * 2**32).round_().long()
        total = torch.zeros_like(self.size).index_add_(0, label, steps)
        return (total.double() / 2**32 / self.size).float()


def label_components(
    classes: Tensor,  # [V, H, W]
    *,
    backend: str | None = None,
) -> Components:
    """Find the connected components of each view's map of classes.

    Two pixels are connected when they have the same class and touch at a side or a corner.

    Args:
        classes: [V, H, W] int32, -1 (or any negative number) is background; H * W < 2^31.
        backend: "cpu", "cuda" or "reference"; None takes the first that can run.

    Raises:
        TypeError: classes is not int32.
        ValueError: a shape does not match, or a view has 2^31 pixels or more.

    Source: run-based labelling with union-find, He, Chao and Suzuki, IEEE TIP 17 (2008).
    """
    sizes = check_shape("classes", classes, "V", "H", "W")
    check_dtype("classes", classes, torch.int32)
    if sizes["H"] * sizes["W"] >= 2**31:
        raise ValueError(f"classes must have H * W < 2^31, got {list(classes.shape)}")

    if classes.numel() == 0:
        none = torch.zeros(0, dtype=torch.int64, device=classes.device)
        return Components(classes.clone(), none, none.clone(), none.clone())

    run = choose("label_components", BACKENDS, backend, classes).run
    return Components(*run(classes.contiguous()))


def _run_cpu(classes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    label = torch.empty(classes.shape, dtype=torch.int32)
    found = _C.label_components(classes.numpy(), label.numpy(), thread_limit())
    view, class_, size = map(torch.from_numpy, found)
    return label, view, class_, size


def _run_cuda(classes: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    views, height, width = classes.shape
    image: dict[str, Tensor | int]
    image = {"classes": classes, "views": views, "height": height, "width": width}
    first, label = torch.empty_like(classes), torch.empty_like(classes)
    is_first = torch.empty_like(classes, dtype=torch.bool)
    call(_C.find_components_cuda, **image, first=first, is_first=is_first)

    # A component's number is the place of its first pixel in this list.
    components = is_first.flatten().nonzero().squeeze(1)
    view, class_, size = (torch.empty_like(components) for _ in range(3))
    call(
        _C.number_components_cuda,
        **image,
        first=first,
        components=components,
        count=len(components),
        label=label,
        view=view,
        class_=class_,
        size=size,
    )
    return label, view, class_, size


BACKENDS = (
    Backend("cpu", _run_cpu, cpu_only),
    Backend("cuda", _run_cuda, cuda_only),
    Backend("reference", reference.label_components),
)
