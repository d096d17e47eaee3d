"""From the 21 landmarks of a hand to its parts, in one picture.

The landmarks are those of MediaPipe Hands: the wrist, then four per digit from its root to its tip,
thumb first.
"""

from __future__ import annotations

import torch
from torch import Tensor

REGIONS = ("palm", "thumb", "index finger", "middle finger", "ring finger", "little finger")
LANDMARKS = 21
_WRIST = 0
_KNUCKLES = (5, 9, 13, 17)

# Where the free part of a finger begins, from its knuckle (0) to its middle joint (1).  The crease
# at its root lies about half way on the palm's side; on the back the finger begins at the knuckle.
_FREE = 0.25


def hand_regions(
    landmarks: Tensor,  # [21, 2]
    pixels: Tensor,  # [P, 2]
) -> Tensor:  # [P]
    """The part that each pixel of a hand belongs to: that of the nearest bone.

    A digit is the chain of its bones, the thumb from its knuckle on, a finger from where it leaves
    the palm.  The palm is the area between the wrist, the thumb's root and the knuckles.

    Args:
        landmarks: [21, 2] float32, pixels, x right and y down.
        pixels: [P, 2] float32, centres of pixels that show the hand.

    Returns:
        [P] int64 into REGIONS.  Where two are equally near, the earlier one.

    Raises:
        ValueError: landmarks are not [21, 2].
    """
    if landmarks.shape != (LANDMARKS, 2):
        raise ValueError(f"landmarks must be [{LANDMARKS}, 2], got {list(landmarks.shape)}")
    distance = [_to_area(pixels, landmarks)]
    distance += [_to_chain(pixels, _digit(landmarks, digit)) for digit in range(5)]
    return torch.stack(distance, 1).argmin(1)


def _digit(landmarks: Tensor, digit: int) -> Tensor:
    """The joints of the free part of a digit, root first. [joints, 2]."""
    root = 1 + 4 * digit
    if digit == 0:  # its first bone lies in the palm
        return landmarks[root + 1 : root + 4]
    start = torch.lerp(landmarks[root], landmarks[root + 1], _FREE)
    return torch.cat([start[None], landmarks[root + 1 : root + 4]])


def _to_area(pixels: Tensor, landmarks: Tensor) -> Tensor:  # [P]
    """Distance to the palm, 0 inside."""
    starts = [torch.lerp(landmarks[k], landmarks[k + 1], _FREE) for k in _KNUCKLES]
    outline = torch.stack([landmarks[_WRIST], landmarks[1], landmarks[2], *starts])
    closed = torch.cat([outline, outline[:1]])
    outside = ~_inside(pixels, closed)
    return _to_chain(pixels, closed) * outside


def _to_chain(
    pixels: Tensor,  # [P, 2]
    joints: Tensor,  # [J, 2]
) -> Tensor:  # [P]
    """Distance to the nearest of the segments between consecutive joints."""
    start, along = joints[:-1], joints.diff(dim=0)
    offset = pixels[:, None] - start  # [P, J - 1, 2]
    length = (along * along).sum(-1).clamp(min=1e-12)
    share = ((offset * along).sum(-1) / length).clamp(0, 1)
    return (offset - share[..., None] * along).norm(dim=-1).amin(1)


def _inside(
    pixels: Tensor,  # [P, 2]
    closed: Tensor,  # [J, 2], the first corner again at the end
) -> Tensor:  # [P] bool
    """A ray to the right crosses the outline an odd number of times."""
    (x0, y0), (x1, y1) = closed[:-1].T, closed[1:].T
    x, y = pixels[:, :1], pixels[:, 1:]
    spans = (y0 <= y) != (y1 <= y)
    slope = (x1 - x0) / torch.where(y1 == y0, torch.ones_like(y0), y1 - y0)
    crossed = spans & (x < x0 + (y - y0) * slope)
    return crossed.sum(1) % 2 == 1
