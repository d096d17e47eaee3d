"""Neighbours and what hangs together, against brute force."""

from __future__ import annotations

import pytest
import torch

from pdengine.instances import InstanceConfig
from pdengine.instances.touching import components, touching


def test_a_chain_is_one_component_and_its_lowest_node_names_it() -> None:
    edges = torch.tensor([[4, 2, 6], [2, 3, 5]])
    assert components(edges, 7).tolist() == [0, 1, 2, 2, 2, 5, 5]


@pytest.mark.parametrize(
    ("count", "edges"), [(0, 0), (1, 0), (50, 20), (50, 60), (300, 290), (9, 99)]
)
def test_components_match_flooding(count: int, edges: int) -> None:
    dice = torch.Generator().manual_seed(count + edges)
    pairs = torch.randint(max(count, 1), (2, edges), generator=dice)
    expected = list(range(count))
    for _ in range(count):
        for a, b in pairs.T.tolist():
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert components(pairs, count).tolist() == expected


def test_points_touch_within_their_part_alone() -> None:
    xyz = torch.tensor([[0.0, 0, 0], [0.01, 0, 0], [0.015, 0, 0], [0.02, 0, 0], [0.5, 0, 0]])
    labels = torch.tensor([0, 1, 0, -1, -1])
    edges = touching(xyz, labels, InstanceConfig())
    assert {tuple(sorted(e)) for e in edges.T.tolist()} == {(0, 2)}


def test_edges_match_brute_force() -> None:
    dice = torch.Generator().manual_seed(0)
    xyz = torch.rand(300, 3, generator=dice) * 2 - 1
    labels = torch.randint(-1, 3, (300,), generator=dice)
    config = InstanceConfig()
    distance = torch.cdist(xyz.double(), xyz.double())
    reach = (config.stretch * distance.sort(1).values[:, 4]).clamp(min=config.gap)
    expected = set()
    for i in range(300):
        mine = (labels == labels[i]).nonzero()[:, 0]
        near = mine[distance[i, mine].argsort()[: config.neighbours + 1]]
        for j in near.tolist():
            close = distance[i, j] <= min(reach[i], reach[j])
            if i != j and labels[i] >= 0 and close:
                expected.add((min(i, j), max(i, j)))
    found = {tuple(sorted(e)) for e in touching(xyz, labels, config).T.tolist()}
    assert found == expected
