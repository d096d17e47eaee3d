"""From labelled points back to the user's own rows, vertices and faces."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pdengine.kernels.knn import knn
from pdengine.types import Mesh, PointCloud, Shape

NEIGHBOURS = 3
_BLOCK = 1 << 20  # rows that are carried to at once: what is worked out for a row is 100 times it


@dataclass(frozen=True)
class Carried:
    """Labels on the user's own rows.

    Attributes:
        labels: [rows] int64 per row of the cloud or vertex of the mesh, -1 unlabelled.
        scores: [rows, R] float32, 0 in unlabelled rows.
        vote_labels: [rows] int64.
        face_labels: [F] int64 for a mesh, else None.

    All are on the CPU, as the user's shape is.
    """

    labels: Tensor
    scores: Tensor
    vote_labels: Tensor
    face_labels: Tensor | None


def carry_back(
    shape: Shape,
    cloud: PointCloud,
    labels: Tensor,  # [N]
    scores: Tensor,  # [N, R]
    vote_labels: Tensor,  # [N]
    *,
    by_majority: bool = False,
) -> Carried:
    """Give every row of the user's shape the label of the points around it.

    A row that is a labelled point keeps that point's label.  Other rows, vertices and face centres
    take the part that the scores of their three nearest points favour, nearer points counting more.
    Rows that are not finite are unlabelled; without any labelled point everything is.

    Args:
        shape: the user's cloud or mesh.
        cloud: the labelled points: sampled on the mesh, or rows of the user's cloud.  The work is
            done where it lies, and labels and scores lie there too.
        labels: [N] int64, -1 unlabelled.
        scores: [N, R] float32.
        vote_labels: [N] int64, the voting baseline's.
        by_majority: the highest score is not always the label: other rows take the label that the
            three points favour, and not the part.
    """
    if isinstance(shape, Mesh):
        return _to_mesh(shape, cloud, labels, scores, vote_labels, by_majority)
    rows = len(shape.world)
    out = Carried(
        torch.full((rows,), -1), torch.zeros(rows, scores.shape[1]), torch.full((rows,), -1), None
    )
    finite = shape.rows
    known = torch.zeros(rows, dtype=torch.bool)
    known[cloud.rows] = True
    for missing in finite[~known[finite]].split(_BLOCK):
        around = _around(shape.world[missing], cloud)
        out.labels[missing], out.scores[missing] = _favoured(around, labels, scores, by_majority)
        out.vote_labels[missing] = _majority(around, vote_labels)
    out.labels[cloud.rows] = labels.cpu()
    out.scores[cloud.rows] = torch.where(labels[:, None] >= 0, scores, 0.0).cpu()
    out.vote_labels[cloud.rows] = vote_labels.cpu()
    return out


def _to_mesh(
    mesh: Mesh,
    cloud: PointCloud,
    labels: Tensor,
    scores: Tensor,
    vote_labels: Tensor,
    by_majority: bool,
) -> Carried:
    finite = mesh.vertices.isfinite().all(1)
    rows = len(mesh.vertices)
    out = Carried(
        torch.full((rows,), -1),
        torch.zeros(rows, scores.shape[1]),
        torch.full((rows,), -1),
        torch.full((len(mesh.faces),), -1),
    )
    for some in finite.nonzero()[:, 0].split(_BLOCK):
        around = _around(mesh.vertices[some], cloud)
        out.labels[some], out.scores[some] = _favoured(around, labels, scores, by_majority)
        out.vote_labels[some] = _majority(around, vote_labels)

    assert out.face_labels is not None
    for faces in torch.arange(len(mesh.faces)).split(_BLOCK):
        centre = mesh.vertices[mesh.faces[faces]].mean(1)  # [F, 3]
        solid = centre.isfinite().all(1)
        around = _around(centre[solid], cloud)
        out.face_labels[faces[solid]], _ = _favoured(around, labels, scores, by_majority)
    return out


def _around(world: Tensor, cloud: PointCloud) -> tuple[Tensor, Tensor]:
    """The nearest points of the cloud, [Q, k], and their weights, which sum to 1 in every row.

    Both are where the cloud is.
    """
    query = ((world.double() - cloud.origin) / cloud.scale).float().to(cloud.xyz.device)
    index, squared = knn(query, cloud.xyz, min(NEIGHBOURS, len(cloud)))
    # A point that coincides with the query outweighs all others.
    weight = 1 / squared.double().clamp(min=1e-12)
    return index, weight / weight.sum(1, keepdim=True)


def _favoured(
    around: tuple[Tensor, Tensor], labels: Tensor, scores: Tensor, by_majority: bool
) -> tuple[Tensor, Tensor]:
    """The part that the nearest points' scores favour.  Unlabelled points do not vote.  CPU."""
    index, weight = around
    known = labels >= 0
    given = torch.where(known[:, None], scores, 0.0).double()
    mixed = torch.einsum("qk,qkr->qr", weight, given[index])  # [Q, R]
    share = (weight * known[index]).sum(1)
    some = share > 0
    mixed = mixed / share.clamp(min=1e-12)[:, None]
    found = _majority(around, labels) if by_majority else mixed.argmax(1).cpu()
    found = torch.where(some.cpu(), found, -1)
    return found, torch.where(some[:, None], mixed, 0.0).float().cpu()


def _majority(around: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
    """The label with the largest weight among the nearest points; -1 where none has one.  CPU."""
    index, weight = around
    near = labels[index]  # [Q, k]
    same = (near[:, :, None] == near[:, None, :]) & (near >= 0)[:, None, :]
    total = (same * weight[:, None, :]).sum(2)  # [Q, k]
    best = total.argmax(1, keepdim=True)
    found = near.gather(1, best)[:, 0]
    return torch.where((near >= 0).any(1), found, -1).cpu()
