"""Grids: what a voxel holds, and shapes that share a grid without ever meeting."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from pdengine.distill.canonical import cube_rotations
from pdengine.distill.encoder import WIDTHS
from pdengine.distill.features import surroundings
from pdengine.distill.grid import CELL, make_grid


def test_a_voxel_holds_the_mean_of_its_points():
    xyz = torch.tensor([[0.01, 0.01, 0.01], [0.55, 0.01, 0.01], [0.02, 0.03, 0.04]])
    grid = make_grid([xyz], 1)
    assert grid.voxel.tolist() == [0, 1, 0]
    assert grid.count.tolist() == [2, 1]
    values = torch.tensor([[1.0, 10.0], [5.0, 50.0], [3.0, 30.0]])
    assert grid.mean(values).tolist() == [[2.0, 20.0], [5.0, 50.0]]


def test_every_level_is_coarser_and_one_step_leads_to_the_next():
    xyz = torch.rand(500, 3, generator=torch.Generator().manual_seed(0)) * 2
    grid = make_grid([xyz], len(WIDTHS))
    sizes = [len(level.forward) for level in grid.levels]
    assert sizes[0] == len(grid.count)
    assert sizes == sorted(sizes, reverse=True)
    assert len(grid.downs) == len(grid.levels) - 1
    steps = [(len(down.backward), len(down.forward)) for down in grid.downs]
    assert steps == list(pairwise(sizes))


def test_shapes_follow_each_other_in_the_rows():
    one, two = torch.zeros(2, 3), torch.tensor([[0.0, 0, 0], [5 * CELL, 0, 0], [0, 0, 0]])
    grid = make_grid([one, two], 1)
    assert grid.voxel.tolist() == [0, 0, 1, 2, 1]
    assert grid.count.tolist() == [2, 2, 1]


@pytest.fixture
def three_shapes(make_blobs):
    """Shapes of different size, one of them as far out as a grid reaches."""
    shapes = [surroundings(make_blobs(k)[0].xyz[:: k + 1]) for k in range(2)]
    long = torch.zeros(120, 3)
    long[:, 0] = torch.linspace(-1, 1, 120) ** 31 * 40  # most points in the middle
    shapes.append(surroundings(long).turned(cube_rotations()[0]))
    return shapes


def test_shapes_in_one_grid_never_touch(three_shapes, encoder):
    """A batch has the embeddings of each shape alone, up to the rounding of larger products."""
    order = [2, 0, 2, 1]
    shapes = [three_shapes[k] for k in order]
    features = [encoder.standardised(s.features()) for s in shapes]
    grid = make_grid([s.xyz for s in shapes], len(WIDTHS))
    with torch.no_grad():
        together = encoder(torch.cat(features), grid).split([len(f) for f in features])
        exact = type(encoder)(len(encoder.mean), dice=None).double()
        exact.load_state_dict(encoder.state_dict())
        for batched, shape, own in zip(together, shapes, features, strict=True):
            lone = make_grid([shape.xyz], len(WIDTHS))
            alone, truth = encoder(own, lone), exact(own.double(), lone)
            ulp = torch.finfo(torch.float32).eps * truth.abs().max()
            error = (batched - truth).abs().max()
            assert error <= 2 * (alone - truth).abs().max() + ulp


def test_what_one_shape_is_changes_no_bit_of_the_other(three_shapes, encoder):
    """Neighbours of the same number of voxels: then even the rounding is the same."""
    first, second, _ = three_shapes
    own, other = (encoder.standardised(s.features()) for s in (first, second))
    grid = make_grid([first.xyz, second.xyz], len(WIDTHS))
    with torch.no_grad():
        one = encoder(torch.cat([own, other]), grid)[: len(own)]
        two = encoder(torch.cat([own, -other]), grid)[: len(own)]
    assert torch.equal(one, two)
