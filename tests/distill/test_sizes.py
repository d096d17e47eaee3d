"""Which shapes are aligned side by side: what may be, within bounds, without much left empty."""

from __future__ import annotations

from dataclasses import replace

import torch

from pdengine.devices import on
from pdengine.distill import sizes
from pdengine.distill.sizes import Sizes, size_of, stacks, together


def test_what_cannot_be_stacked_is_aligned_alone(four, small, pretend_gpu):
    lessons, parts = four
    lessons = on(lessons, "cuda")
    assert list(stacks(lessons, parts, small)) == [[0, 1, 2, 3]]
    for settings in (
        {"weights": "all"}, {"pose": "turned"}, {"backward": "soft"}, {"backward": "published"}
    ):  # fmt: skip
        assert list(stacks(lessons, parts, replace(small, **settings))) == [[0], [1], [2], [3]]
    trusted = replace(lessons[2], labels=torch.zeros(600, dtype=torch.int64, device="cuda"))
    assert list(stacks([*lessons[:2], trusted], parts[:3], small)) == [[2], [0, 1]]


def test_stacks_are_bounded_and_waste_less_than_half(monkeypatch, four, small, pretend_gpu):
    lessons, parts = four
    lessons = on(lessons, "cuda")
    needed = [size_of(lesson, count) for lesson, count in zip(lessons, parts, strict=True)]
    assert needed[2] == Sizes(1, 256, 5, 3, 16)
    assert needed[3] == Sizes(1, 200, 2, 2, 16)
    assert together(needed) == Sizes(4, 256, 5, 3, 16)
    assert needed[0].numbers == 256 * (98 + 2 * (3 + 8) + 2 * (3 + 16))
    monkeypatch.setattr(sizes, "MOST_NUMBERS", together(needed[:3]).numbers)
    assert list(stacks(lessons, parts, small)) == [[0, 1, 2], [3]]
    monkeypatch.setattr(sizes, "MOST_SHAPES", 2)
    assert list(stacks(lessons, parts, small)) == [[0, 1], [2, 3]]
    assert [Sizes(1, a, 2, 2, 16).bucket[0] for a in (128, 129, 200, 256, 257)] == [7, 8, 8, 8, 9]
