"""What a teacher may be and what it may answer."""

from __future__ import annotations

import pytest
import torch

from pdengine.cameras import rig
from pdengine.errors import ConfigError, TeacherError
from pdengine.teach import Teacher, as_teacher, check_detections, make_teacher
from pdengine.types import Boxes, Masks, PartList, PixelScores, Views

PARTS = PartList(("back", "seat"))
EMPTY = Views(
    images=torch.ones(3, 4, 6, 3),
    index=torch.full((3, 4, 6), -1, dtype=torch.int32),
    depth=torch.full((3, 4, 6), torch.inf),
    normals=torch.zeros(3, 4, 6, 3),
    cameras=rig(3),
)


def boxes(box=(1.0, 1.0, 5.0, 3.0), view=2, label=1, score=0.5):
    return Boxes(
        torch.tensor([box]), torch.tensor([view]), torch.tensor([label]), torch.tensor([score])
    )


def masks(**changes):
    values = {
        "mask": torch.ones(1, 4, 6, dtype=torch.bool),
        "view": torch.tensor([0]),
        "label": torch.tensor([0]),
        "score": torch.tensor([1.0]),
    }
    return Masks(**{**values, **changes})


def test_any_callable_can_be_a_teacher():
    def sees_nothing(views, parts):
        return PixelScores(torch.zeros(len(views), len(parts), *views.size))

    teacher = as_teacher(sees_nothing)
    assert isinstance(teacher, Teacher)
    assert teacher.name == "sees_nothing"
    assert teacher(EMPTY, PARTS).score.shape == (3, 2, 4, 6)
    assert as_teacher(teacher) is teacher
    assert as_teacher(sees_nothing, "mine").name == "mine"
    assert as_teacher(lambda views, parts: None).name == "<lambda>"


def test_what_cannot_be_called_is_no_teacher():
    with pytest.raises(TeacherError, match=r"callable as teacher.views, parts., got int"):
        as_teacher(5)  # type: ignore[arg-type]
    with pytest.raises(TeacherError, match=r"got 'glip'; a name of .* goes into EngineConfig"):
        as_teacher("glip")  # type: ignore[arg-type]


def test_boxes_in_shares_of_the_picture_are_refused():
    """Nothing would be found, and nothing would be said of it."""
    shares = boxes(box=(0.1, 0.2, 0.9, 1.0))
    rule = r"mine: box must be in pixels of the 6 x 4 image, not in shares of it, got \[0.1, 0.2, 0"
    with pytest.raises(TeacherError, match=rule):
        check_detections(shares, EMPTY, PARTS, "mine")
    check_detections(boxes(box=(0.0, 0.0, 2.0, 1.0)), EMPTY, PARTS)


def test_a_single_number_is_no_list_of_labels():
    bare = Masks(torch.ones(1, 4, 6) > 0, *(torch.tensor(0) for _ in range(3)))
    with pytest.raises(TeacherError, match=r"label must be \[boxes or masks\], got \[\]"):
        check_detections(bare, EMPTY, PARTS)
    listed = Boxes([[1, 1, 5, 3]], [0], [0], [0.5])
    with pytest.raises(TeacherError, match="label must be a tensor, got list"):
        check_detections(listed, EMPTY, PARTS)


def test_good_answers_pass():
    check_detections(PixelScores(torch.full((3, 2, 4, 6), 0.5)), EMPTY, PARTS)
    check_detections(boxes(), EMPTY, PARTS)
    check_detections(boxes(box=(0.0, 0.0, 6.0, 4.0)), EMPTY, PARTS)
    check_detections(masks(), EMPTY, PARTS)
    none = torch.zeros(0, dtype=torch.int64)
    check_detections(Boxes(torch.zeros(0, 4), none, none, torch.zeros(0)), EMPTY, PARTS)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "glip: answer must be Boxes, Masks or PixelScores, got NoneType"),
        (boxes(score=float("nan")), r"glip: score must be in \[0, 1\], got nan"),
        (boxes(score=1.5), r"score must be in \[0, 1\], got 1.5"),
        (boxes(label=2), r"label must be in \[0, 2\), got 2"),
        (boxes(label=-1), r"label must be in \[0, 2\), got -1"),
        (boxes(view=3), r"view must be in \[0, 3\), got 3"),
        (boxes(box=(1.0, 1.0, 7.0, 3.0)), "box must be .* inside the 6 x 4 image, got"),
        (boxes(box=(3.0, 1.0, 3.0, 3.0)), "x0 < x1"),
        (boxes(box=(float("nan"), 1.0, 3.0, 3.0)), "got .nan"),
        (boxes(label=0.0), "label must not be float"),
        (masks(mask=torch.ones(1, 4, 5, dtype=torch.bool)), r"mask must be \[1, 4, 6\]"),
        (masks(mask=torch.ones(1, 4, 6, dtype=torch.uint8)), "mask must be bool, got torch.uint8"),
        (masks(view=torch.tensor([0, 1])), r"view must be \[1\], got \[2\]"),
        (masks(view=torch.tensor([0], dtype=torch.int32)), "view must be int64"),
        (PixelScores(torch.zeros(3, 1, 4, 6)), r"score must be \[3, 2, 4, 6\], got \[3, 1, 4, 6\]"),
        (PixelScores(torch.full((3, 2, 4, 6), 0.6)), "the sum of the scores over the parts"),
        (PixelScores(torch.full((3, 2, 4, 6), torch.nan)), "got nan"),
        (PixelScores([[0.5]]), "score must be a tensor, got list"),
    ],
)
def test_says_what_is_wrong(answer, message):
    with pytest.raises(TeacherError, match=message):
        check_detections(answer, EMPTY, PARTS, "glip")


def test_a_teacher_nobody_knows():
    with pytest.raises(ConfigError, match=r"must be one of `pdengine teachers list`, .*'oracle'"):
        make_teacher("oracle")
