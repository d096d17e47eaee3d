"""A common pose for shapes that stand, lie and face as they please.

Shapes of one category look alike in one pose and not in another.  Every shape is tried in the 24
poses of the cube, from its own axes and from its principal ones, and takes the pose in which it
lies nearest to the others.

Source: exhaustive search over cube rotations with the Chamfer distance, as commonly done to align
collections (e.g. Averkiou et al., Eurographics 2016).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from pdengine.distill.features import centred
from pdengine.distill.threads import one_thread

SKETCH = 128  # points that stand for a shape
ROUNDS = 2
MOST = 24  # shapes that are compared with all others: the work grows with their number alone


@functools.cache  # a millisecond, and every shape that a student labels is tried in all of them
def cube_rotations() -> Tensor:
    """The 24 rotations that take axes to axes, on the CPU; nobody may change them. [24, 3, 3]."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            turn = torch.zeros(3, 3, device="cpu")
            turn[[0, 1, 2], list(order)] = turn.new_tensor(signs)
            if torch.linalg.det(turn) > 0:
                found.append(turn)
    return torch.stack(found)


def random_rotation(gaussian: Tensor) -> Tensor:
    """Any rotation is as likely as any other. [3, 3] float32.

    Args:
        gaussian: [3, 3], independent standard normal numbers.

    Source: QR with the signs of the diagonal, Mezzadri 2007.
    """
    q, r = torch.linalg.qr(gaussian.double())
    q = q * r.diagonal().sign()
    turn: Tensor = q * torch.linalg.det(q)
    return turn.float()


def sketch(xyz: Tensor, count: int = SKETCH) -> Tensor:
    """Points far apart from each other, centred, root mean square distance 1. [count, 3].

    Args:
        xyz: [N, 3] float32, N >= 1; a shape of fewer points is all of its sketch.
    """
    xyz = centred(xyz)
    picked = xyz.new_zeros(min(count, len(xyz)), dtype=torch.int64)
    picked[0] = (xyz * xyz).sum(1).argmax()
    gap = xyz.new_full((len(xyz),), torch.inf)
    for k in range(1, len(picked)):
        offset = xyz - xyz[picked[k - 1]]
        gap = torch.minimum(gap, (offset * offset).sum(1))
        picked[k] = gap.argmax()
    return xyz[picked]


def candidates(points: Tensor) -> Tensor:
    """Rotations worth trying: the cube's, from the axes and from the principal axes. [48, 3, 3]."""
    cube = cube_rotations().to(points.device)
    axes = torch.linalg.eigh((points.T @ points).double())[1].T.float()
    axes = axes * torch.linalg.det(axes)
    return torch.cat([cube, cube @ axes])


def distances(points: Tensor, others: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """How far a sketch lies from others in every candidate pose.

    Returns:
        The Chamfer distances [48, len(others)] and the rotations [48, 3, 3].
    """
    turns = candidates(points)
    posed = points @ turns.transpose(1, 2)  # [48, P, 3]
    # All squared distances as one product: (-2 a, |a|^2, 1) . (b, 1, |b|^2).
    square = (posed * posed).sum(2, keepdim=True)
    left = torch.cat([-2 * posed, square, torch.ones_like(square)], 2)
    columns = []
    for other in others:
        square = (other * other).sum(1, keepdim=True)
        right = torch.cat([other, torch.ones_like(square), square], 1)
        apart = left @ right.T  # [48, P, Q]
        there, back = apart.amin(2).clamp(min=0).sqrt(), apart.amin(1).clamp(min=0).sqrt()
        columns.append(there.mean(1) + back.mean(1))
    return torch.stack(columns, 1), turns


def nearest_pose(points: Tensor, others: Sequence[Tensor]) -> Tensor:
    """The rotation in which a sketch lies nearest to the nearer half of others. [3, 3]."""
    apart, turns = distances(points, others)
    half = apart.sort(1).values[:, : max(min(3, len(others)), len(others) // 2)].mean(1)
    return turns[half.argmin()]


def common_pose(sketches: Sequence[Tensor]) -> list[Tensor]:
    """Rotations [3, 3], one per sketch, that bring a collection into one pose.

    The shape that is nearest to all others keeps its pose; the rest turns towards it, then, twice,
    towards the nearer half of the others.
    """
    with one_thread():
        if len(sketches) == 1:
            return [torch.eye(3, device=sketches[0].device)]
        few = list(range(0, len(sketches), -(-len(sketches) // MOST)))  # who the rest turns to
        total = sketches[0].new_zeros(len(few))
        turns: list[list[Tensor]] = []
        for j, points in enumerate(sketches):
            apart, tried = distances(points, [sketches[k] for k in few])
            best = apart.min(0)
            total += total.new_tensor(
                [0.0 if k == j else v for k, v in zip(few, best.values.tolist(), strict=True)]
            )
            turns.append([tried[k] for k in best.indices])
        middle = int(total.argmin())
        found = [turn[middle] for turn in turns]
        found[few[middle]] = torch.eye(3, device=total.device)
        posed = [points @ turn.T for points, turn in zip(sketches, found, strict=True)]
        for _ in range(ROUNDS):
            for j, points in enumerate(sketches):
                found[j] = nearest_pose(points, [posed[k] for k in few if k != j])
                posed[j] = points @ found[j].T
        return found
