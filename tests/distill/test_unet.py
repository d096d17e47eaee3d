"""The U-Net whose gradient is written out is the network layer by layer; so is the fused loss."""

from __future__ import annotations

import pytest
import torch

from pdengine.distill.encoder import Encoder
from pdengine.distill.features import COLUMNS, surroundings
from pdengine.distill.grid import Told, make_grid, tell, tell_together
from pdengine.distill.student import Head, Student
from pdengine.kernels.soft_cross_entropy import soft_cross_entropy

WIDTHS = (8, 12, 20)


@pytest.fixture
def told(make_blobs, encoder):
    """Two shapes that share a grid, one of them much smaller, and what is told of each."""
    around = [surroundings(make_blobs(k)[0].xyz[:: 3 * k + 1]) for k in range(2)]
    features = [encoder.standardised(one.features()) for one in around]
    targets = [torch.rand(len(f), 3, generator=torch.Generator().manual_seed(1)) for f in features]
    alone = [make_grid([one.xyz], len(WIDTHS)) for one in around]
    apart = [tell(f, t, g) for f, t, g in zip(features, targets, alone, strict=True)]
    return features, targets, apart, make_grid([one.xyz for one in around], len(WIDTHS))


def network(dtype: torch.dtype) -> Encoder:
    return Encoder(COLUMNS, WIDTHS, 16, dice=torch.Generator().manual_seed(0)).to(dtype)


def gradients(out: torch.Tensor, encoder: Encoder):
    """What the voxels become, and the gradients of every weight that has made it."""
    came = torch.randn(out.shape, generator=torch.Generator().manual_seed(2)).to(out.dtype)
    weights = [w for name, w in encoder.named_parameters() if name != "from_point.weight"]
    return [out, *torch.autograd.grad(out, weights, came)]


def error(found, truth) -> torch.Tensor:
    return torch.stack([(a - b).norm() / b.norm() for a, b in zip(found, truth, strict=True)])


def test_the_walk_is_the_layers(told):
    _, _, apart, grid = told
    encoder, mean = network(torch.float64), tell_together(apart).mean.double()
    fused, layers = (gradients(run(mean, grid), encoder) for run in (encoder.fused, encoder.layers))
    assert error(fused, layers).max() < 1e-13


def test_it_errs_at_most_twice_as_much_as_torch(told):
    _, _, apart, grid = told
    exact, encoder, mean = network(torch.float64), network(torch.float32), tell_together(apart).mean
    truth = gradients(exact.layers(mean.double(), grid), exact)
    fused = gradients(encoder.fused(mean, grid), encoder)
    layers = gradients(encoder.layers(mean, grid), encoder)
    assert (error(fused, truth) <= 2 * error(layers, truth) + torch.finfo(torch.float32).eps).all()


def test_the_bits_do_not_depend_on_the_number_of_threads(told, with_threads):
    _, _, apart, grid = told
    encoder, mean = network(torch.float32), tell_together(apart).mean
    found = []
    for count in (1, 2, 5):
        with with_threads(count):
            found.append(gradients(encoder.fused(mean, grid), encoder))
    assert all(map(torch.equal, found[0], found[1]))
    assert all(map(torch.equal, found[0], found[2]))


def test_a_network_of_one_level_has_no_steps(told):
    _, _, apart, grid = told
    encoder = Encoder(COLUMNS, (8,), 16, dice=torch.Generator().manual_seed(0))
    mean = tell_together(apart).mean
    torch.testing.assert_close(encoder.fused(mean, grid), encoder.layers(mean, grid))


def test_a_weight_that_changes_before_backward_is_noticed(told):
    _, _, apart, grid = told
    encoder = network(torch.float32)
    out = encoder.fused(tell_together(apart).mean, grid)
    with torch.no_grad():
        encoder.norm.weight.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_a_graph_that_is_retained_gives_the_same_gradients_twice(told):
    _, _, apart, grid = told
    encoder = network(torch.float32)
    out = encoder.fused(tell_together(apart).mean, grid).sum()
    weights = [encoder.stem.weight, encoder.down[0].weight, encoder.norm.bias]
    first = torch.autograd.grad(out, weights, retain_graph=True)
    assert all(map(torch.equal, first, torch.autograd.grad(out, weights)))
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        torch.autograd.grad(out, weights)


def test_features_that_ask_for_a_gradient_get_one(told):
    _, _, apart, grid = told
    encoder, mean = network(torch.float32), tell_together(apart).mean.clone().requires_grad_()
    (asked,) = torch.autograd.grad(encoder.at_voxels(mean, grid).sum(), mean)
    (true,) = torch.autograd.grad(encoder.layers(mean, grid).sum(), mean)
    assert torch.equal(asked, true)
    assert asked.any()


def test_points_are_told_voxel_by_voxel(told):
    features, targets, apart, grid = told
    one = apart[0]
    assert one.voxel.tolist() == sorted(one.voxel.tolist())
    assert one.offsets.diff().tolist() == torch.bincount(one.voxel).tolist()
    assert (one.offsets[0], one.offsets[-1]) == (0, len(features[0]))
    together = tell_together(apart)
    assert isinstance(together, Told)
    whole = tell(torch.cat(features), torch.cat(targets), grid)
    for name in ("features", "targets", "mean", "offsets", "voxel"):
        assert torch.equal(getattr(together, name), getattr(whole, name)), name


def test_the_loss_is_that_of_embeddings_and_head(told):
    """With and without embeddings in memory; points in any order have the same mean."""
    features, targets, _, grid = told
    encoder = network(torch.float64)
    head = Head(16, 3, dice=torch.Generator().manual_seed(0)).double()
    embeddings = encoder(torch.cat(features).double(), grid)
    head.standardise(embeddings.detach())
    student = Student(encoder, head)
    whole = tell(torch.cat(features).double(), torch.cat(targets).double(), grid)
    plain = soft_cross_entropy(head(embeddings), torch.cat(targets).double())
    fused = student.loss(whole, grid)
    weights = list(student.parameters())
    found, true = (torch.autograd.grad(loss, weights) for loss in (fused, plain))
    torch.testing.assert_close(fused, plain, rtol=1e-10, atol=0)
    assert error(found, true).max() < 1e-9
