"""Boxes cut out by the package segment-anything, as its own predictor does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pdengine.errors import TeacherError
from pdengine.teach.models.pictures import pictures
from pdengine.teach.models.segment_anything import SegmentAnything, find_file
from pdengine.types import Views

Look = Callable[[int, int, int], Views]
CPU = torch.device("cpu")
BOXES = [[3.0, 4.0, 20.0, 30.0], [10.0, 2.0, 31.0, 25.0]]


def test_segment_anything_equals_itself(
    segment_anything: Path, look: Look, build_small_sam: Callable[..., Any]
) -> None:
    from segment_anything import SamPredictor

    (picture,) = pictures(look(1, 40, 60))
    predictor = SamPredictor(build_small_sam(0))
    predictor.set_image(np.asarray(picture))
    theirs = [predictor.predict(box=np.array(box), multimask_output=False)[0][0] for box in BOXES]
    ours = SegmentAnything("found+segment-anything", segment_anything)(
        picture, torch.tensor(BOXES), CPU
    )
    assert ours.shape == (2, 40, 60)
    # Both boxes at once round otherwise than one by one.
    differing = [(mask.numpy() != one).mean() for mask, one in zip(ours, theirs, strict=True)]
    assert max(differing) <= 0.001
    assert 0 < float(ours.float().mean()) < 1


def test_says_what_is_wrong_with_the_authors_weights(
    segment_anything: Path, tmp_path: Path
) -> None:
    with pytest.raises(TeacherError, match=r"give the folder of SAM's weights with cutter_path"):
        find_file("found", None)
    with pytest.raises(TeacherError, match=r"must hold one \*.safetensors file, got 0"):
        find_file("found", tmp_path)
    save_file({"image_encoder.blocks.0.x": torch.zeros(1)}, tmp_path / "some.safetensors")
    assert find_file("found", tmp_path) == tmp_path
    with pytest.raises(TeacherError, match="must hold SAM with 12, 24 or 32 blocks, got 1"):
        SegmentAnything("found", tmp_path)
    (tmp_path / "some.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(TeacherError, match=r"some\.safetensors cannot be read: .*header"):
        SegmentAnything("found", tmp_path)
    blocks = {f"image_encoder.blocks.{k}.x": torch.zeros(1) for k in range(12)}
    save_file(blocks, tmp_path / "some.safetensors")
    with pytest.raises(TeacherError, match="must fill SAM: Error"):
        SegmentAnything("found", tmp_path)
