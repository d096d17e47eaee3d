"""superpoints, as a definition: rounds of mergers, each over all edges at once."""

from __future__ import annotations

import torch
from torch import Tensor

STEP = 2**16  # of features and weights
MEAN_STEP = 2.0**30  # of a length as a share of the longest
GAIN_BITS = 20  # of a gain that do not count
DWARFED = 8  # times the points: then a region is joined without choosing back


def superpoints(
    positions: Tensor,  # [N, 3]
    features: Tensor,  # [N, C]
    graph: Tensor,  # [N, k]
    regularisation: float,
    smallest: int,
) -> Tensor:  # [N]
    count = len(positions)
    source, target, weight = _edges(positions, features, graph)
    label = torch.arange(count, device=positions.device)
    size = torch.ones_like(label)  # [R]
    first = label  # [R] point of each region
    total = (features * STEP).round().long()  # [R, C] sums over the points of each region
    filling = False  # from the second half on, small regions join whatever it costs
    while True:
        gain = _gain(total, size, source, target, weight, regularisation)
        may = size[source] < smallest if filling else gain > 0
        choice = _choose(source[may], target[may], gain[may], first)  # [R], -1 for none
        chosen_back = choice[choice] == torch.arange(len(size), device=choice.device)
        joins = choice >= 0
        if not filling:
            joins &= chosen_back | (size[choice] >= DWARFED * size)
        if not bool(joins.any()):
            if filling:
                return label
            filling = True
            continue
        region = _connect(choice, joins)  # [R] the new number of each
        label = region[label]
        new = int(region.max()) + 1
        first = first.new_zeros(new).scatter_reduce(0, region, first, "amin", include_self=False)
        size = size.new_zeros(new).index_add_(0, region, size)
        total = total.new_zeros(new, total.shape[1]).index_add_(0, region, total)
        source, target, weight = _merge(region[source], region[target], weight, new)


def _edges(positions: Tensor, features: Tensor, graph: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Both directions of every edge, each once, with its weight in steps."""
    count, k = graph.shape
    source = torch.arange(count, device=graph.device).repeat_interleave(k)
    target = graph.flatten()
    edge = source != target
    source, target = source[edge], target[edge]
    away = 1 + _relative(positions, source, target) + _relative(features, source, target)
    nearness = 1 / away
    weight = (nearness * nearness * STEP).round().long().clamp_min(1)
    source, target = torch.cat([source, target]), torch.cat([target, source])
    return _merge(source, target, weight.repeat(2), count)


def _relative(values: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """The distance of every edge's ends, over the mean of all; 0 where all are 0."""
    square = values.new_zeros(len(source))
    for column in values.unbind(1):
        difference = column[source] - column[target]
        square = square + difference * difference
    length = square.sqrt()
    longest = length.max() if len(length) else length.sum()
    if longest == 0:
        return length
    share = length / longest
    steps = (share * MEAN_STEP).round().long().sum()
    return share / (steps.double() / (MEAN_STEP * len(share))).float()


def _merge(
    source: Tensor, target: Tensor, weight: Tensor, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Sum the edges between the same two regions; drop those inside one."""
    outer = source != target
    pair, place = (source * count + target)[outer].unique(return_inverse=True)
    weight = weight.new_zeros(len(pair)).index_add_(0, place, weight[outer])
    return pair // max(count, 1), pair % max(count, 1), weight


def _gain(
    total: Tensor,
    size: Tensor,
    source: Tensor,
    target: Tensor,
    weight: Tensor,
    regularisation: float,
) -> Tensor:  # [E]
    """By how much the energy falls when an edge's two regions become one."""
    mean = (total.double() / (size * STEP).double()[:, None]).float()
    a, b = size[source].float(), size[target].float()
    square = torch.zeros_like(a)
    for column in mean.unbind(1):
        difference = column[source] - column[target]
        square = square + difference * difference
    cut = weight.float() * (1 / STEP)
    return torch.tensor(regularisation, dtype=torch.float32) * cut - square * (a * b / (a + b))


def _choose(source: Tensor, target: Tensor, gain: Tensor, first: Tensor) -> Tensor:  # [R]
    """Each region's target of the highest gain, then the lowest hash, then the first."""
    order = torch.arange(len(source), device=source.device)
    chance = _hash(first[source], first[target])
    for key in (first[target], chance, -_rank(gain), source):  # the last counts most
        order = order[key[order].sort(stable=True).indices]
    source, target = source[order], target[order]
    best = torch.ones_like(source, dtype=torch.bool)
    best[1:] = source[1:] != source[:-1]
    choice = torch.full_like(first, -1)
    choice[source[best]] = target[best]
    return choice


def _rank(gain: Tensor) -> Tensor:
    """An integer that orders like the gain, without the bits that do not count."""
    bits = gain.view(torch.int32)
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits).long() >> GAIN_BITS


def _hash(one: Tensor, other: Tensor) -> Tensor:
    """32 bits that look random, the same for both directions."""
    low, high = torch.minimum(one, other), torch.maximum(one, other)
    mask = 0xFFFFFFFF
    mixed = (low * 0x9E3779B1 & mask) ^ (high * 0x85EBCA77 + 0x165667B1 & mask)
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & mask
    mixed = (mixed ^ mixed >> 12) * 0x297A2D39 & mask
    return mixed ^ mixed >> 15


def _connect(choice: Tensor, joins: Tensor) -> Tensor:  # [R]
    """Number the groups that the joins connect, in the order of their first regions."""
    root = torch.arange(len(choice), device=choice.device)
    one, other = joins.nonzero()[:, 0], choice[joins]
    while True:
        lower = torch.minimum(root[one], root[other])
        spread = root.scatter_reduce(0, one, lower, "amin").scatter_reduce(0, other, lower, "amin")
        if torch.equal(spread, root):
            number: Tensor = root.unique(return_inverse=True)[1]
            return number
        root = spread
