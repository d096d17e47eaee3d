"""What to type for a package that only some teachers need."""

from __future__ import annotations

from importlib.metadata import version

EXTRA = 'pip install "pdengine[teach]"'


def how_to_install(package: str) -> str:
    """A line to type.

    torchvision is not in the extra: pip takes the newest, and with it the torch that it was built
    beside, gigabytes of CUDA in place of a torch for the CPU.  Of the release that goes with the
    installed torch, and without its dependencies, which are all there, it is 8 MB.
    """
    if package == "torchvision":
        return f'pip install --no-deps "torchvision{beside(version("torch"))}"'
    if package == "segment_anything":
        return "pip install --no-deps segment-anything"
    return EXTRA


def beside(torch: str) -> str:
    """The releases of torchvision that go with a release of torch.

    0.25 was made beside torch 2.10, 0.28 beside 2.13, and so on.  0.29 is for every torch from
    2.14 on, as its metadata say.

    Args:
        torch: such as "2.13.0+cpu".

    Returns:
        Such as "==0.28.*"; "" for a torch that is not 2.
    """
    major, minor = torch.split(".")[:2]
    return f"==0.{min(int(minor), 14) + 15}.*" if major == "2" else ""
