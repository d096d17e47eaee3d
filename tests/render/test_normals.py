"""Normals from points alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from pdengine.kernels.knn import knn
from pdengine.render import estimate_normals


def test_a_tilted_plane_has_one_normal():
    normal = F.normalize(torch.tensor([1.0, 2.0, 3.0]), dim=0)
    points = torch.randn(300, 3, generator=torch.Generator().manual_seed(0))
    plane = points - (points @ normal)[:, None] * normal
    found = estimate_normals(plane)
    assert ((found @ normal).abs() > 0.9999).all()


def test_on_a_sphere_they_point_along_the_radius():
    points = F.normalize(torch.randn(4000, 3, generator=torch.Generator().manual_seed(0)), dim=1)
    found = estimate_normals(points)
    assert ((found * points).sum(1).abs() > 0.98).float().mean() > 0.99


def test_they_are_the_smallest_principal_axis():
    points = torch.randn(200, 3, generator=torch.Generator().manual_seed(3)) * torch.tensor(
        [1.0, 0.7, 0.3]
    )
    found = estimate_normals(points, k=200)
    axis = torch.linalg.eigh(torch.cov(points.double().T))[1][:, 0].float()
    torch.testing.assert_close((found @ axis).abs(), torch.ones(200), atol=1e-4, rtol=0)


def test_a_line_gets_normals_across_it():
    along = torch.tensor([1.0, 1.0, 0.0]) / 2**0.5
    found = estimate_normals(torch.linspace(-1, 1, 50)[:, None] * along)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(50))
    assert (found @ along).abs().max() < 1e-3


def test_points_without_extent_still_get_a_unit_vector():
    for count in (0, 1, 2, 5):
        found = estimate_normals(torch.ones(count, 3))
        assert found.shape == (count, 3)
        torch.testing.assert_close(found.norm(dim=1), torch.ones(count))


def test_some_points_have_the_normals_that_they_have_among_all():
    points = torch.randn(300, 3, generator=torch.Generator().manual_seed(1))
    rows = torch.tensor([7, 0, 299, 41])
    assert torch.equal(estimate_normals(points, at=rows), estimate_normals(points)[rows])
    assert estimate_normals(points[:2], at=rows[1:2]).tolist() == [[0, 0, 1]]


def test_neighbours_that_a_caller_has_are_not_looked_for():
    points = torch.rand(300, 3, generator=torch.Generator().manual_seed(3))
    near = knn(points, points, 20)[0]
    given = estimate_normals(points, neighbour=near[:, :12])
    assert torch.equal(given, estimate_normals(points, 12))
    assert not torch.equal(given, estimate_normals(points, 20))
