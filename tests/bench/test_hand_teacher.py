"""The teacher around the network, with a network that a child could write."""

from __future__ import annotations

import importlib.util
import math
import sys

import pytest
import torch
from hand_teacher import HandTeacher, Look, all_around, looks_at, skin
from torch import Tensor

import pdengine as pde
from pdengine.cameras import rig
from pdengine.errors import TeacherError
from pdengine.teach import check_detections, parse_parts
from pdengine.types import PartList, Views

# The wrist, the thumb and four fingers straight up, in a view of 100 pixels.
HAND = torch.tensor(
    [[35, 80], [28, 68], [18, 58], [14, 56], [12, 55]]
    + [[x, y] for x in (20, 30, 40, 50) for y in (40, 28, 19, 12)],
    dtype=torch.float32,
)
PARTS = parse_parts("hand: finger1, finger2, finger3, finger4, hand, thumb")


def drawn(images: Tensor, seen: Tensor) -> Views:
    depth = torch.where(seen, 2.0, torch.inf)
    index = torch.where(seen, 0, -1).int()
    return Views(images, index, depth, torch.zeros(*seen.shape, 3), rig(len(seen)))


def square_view(count: int = 1) -> Views:
    """A hand that is a square of 80 pixels in pictures of 100."""
    seen = torch.zeros(count, 100, 100, dtype=torch.bool)
    seen[:, 10:90, 10:90] = True
    return drawn(torch.full((count, 100, 100, 3), 0.8), seen)


def finds_nothing(picture: Tensor) -> None:
    return None


class FindsTheSame:
    """Finds the same hand in the view, however it is turned: knows what it will be shown."""

    identity: str

    def __init__(self, every: int = 1) -> None:
        y, x = (square_view().index[0] >= 0).nonzero().unbind(1)
        self.looks = looks_at(torch.stack([x, y], 1) + 0.5, turns=4)
        self.every, self.asked = every, 0

    def __call__(self, picture: Tensor) -> Tensor | None:
        look = self.looks[self.asked % len(self.looks)]
        self.asked += 1
        if (self.asked - 1) % self.every:
            return None
        side = len(picture)
        assert picture.shape == (side, side, 3)
        assert picture.dtype == torch.uint8
        return into_picture(look, HAND, side)


def into_picture(look: Look, points: Tensor, side_px: int) -> Tensor:
    """The inverse of Look.in_view, from three points: every look is an affine map."""
    corner = torch.tensor([[0.0, 0.0], [1, 0], [0, 1]], dtype=torch.float64)
    at = look.in_view(corner, side_px)
    forward = torch.stack([at[1] - at[0], at[2] - at[0]], 1)
    return torch.linalg.solve(forward, (points.double() - at[0]).T).T.float()


def test_a_look_straight_on_is_the_picture_itself() -> None:
    image = torch.zeros(4, 4, 3)
    image[0, 3] = 1.0  # the upper right pixel
    look = Look(torch.tensor([2.0, 2.0]), side=4.0)
    assert look.picture(image, 0.0, 4)[..., 0].tolist() == [
        [0, 0, 0, 255],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_a_mirrored_look_exchanges_left_and_right() -> None:
    image = torch.zeros(4, 4, 3)
    image[0, 3] = 1.0
    look = Look(torch.tensor([2.0, 2.0]), side=4.0, mirrored=True)
    assert look.picture(image, 0.0, 4)[0, :, 0].tolist() == [255, 0, 0, 0]
    assert look.in_view(torch.tensor([0.5, 0.5]), 4).tolist() == [3.5, 0.5]


def test_a_look_turned_by_a_quarter_shows_the_right_side_on_top() -> None:
    image = torch.zeros(4, 4, 3)
    image[:, 3] = 1.0
    look = Look(torch.tensor([2.0, 2.0]), side=4.0, angle=math.pi / 2)
    assert look.picture(image, 0.0, 4)[..., 0].tolist() == [[255] * 4, *([[0] * 4] * 3)]


def test_outside_the_view_lies_the_ground() -> None:
    look = Look(torch.tensor([1.0, 1.0]), side=8.0)
    shown = look.picture(torch.ones(2, 2, 3), 0.2, 8)[..., 0]
    assert int(shown[0, 0]) == 51
    assert int(shown[4, 4]) == 255


def test_a_grey_shape_gets_the_colour_of_skin_and_its_own_colours_stay() -> None:
    image = torch.full((1, 2, 3), 0.5)
    seen = torch.tensor([[True, False]])
    red, green, blue = skin(image, seen, has_colour=False)[0, 0].tolist()
    assert red > green > blue
    assert skin(image, seen, has_colour=True)[0, 0].tolist() == [0.5, 0.5, 0.5]
    assert len(set(skin(image, seen, has_colour=True)[0, 1].tolist())) == 1


def test_looks_that_agree_give_each_part_a_mask_of_score_one() -> None:
    views = square_view()
    said = HandTeacher(FindsTheSame(), turns=4)(views, PARTS)
    check_detections(said, views, PARTS)
    assert said.label.tolist() == [0, 1, 2, 3, 4, 5]
    # A pixel on a seam falls to either side by the rounding of a turned look.
    assert bool((said.score > 0.95).all())
    names = [PARTS.names[int(said.label[b])] for b in said.mask[:, 60, 35].nonzero()[:, 0]]
    assert names == ["hand"]
    assert bool((said.mask.sum(0) <= 1).all())
    assert not bool(said.mask[:, :10].any())  # nothing is said of the background


def test_the_score_is_the_share_of_the_looks_that_found_it() -> None:
    half = HandTeacher(FindsTheSame(every=2), turns=4, agree=0.25)(square_view(), PARTS)
    assert len(half.label) == 6
    assert bool((half.score <= 0.5).all())
    assert bool((half.score > 0.45).all())
    assert (
        len(HandTeacher(FindsTheSame(every=2), turns=4, agree=0.6)(square_view(), PARTS).label) == 0
    )


def test_a_view_without_a_hand_says_nothing_at_all() -> None:
    views = square_view(3)
    said = HandTeacher(finds_nothing)(views, PARTS)
    check_detections(said, views, PARTS)
    assert len(said.label) == 0
    blank = drawn(torch.ones(1, 100, 100, 3), torch.zeros(1, 100, 100, dtype=torch.bool))
    assert len(HandTeacher(finds_nothing)(blank, PARTS).label) == 0


def test_parts_come_in_the_users_order_and_words() -> None:
    said = HandTeacher(FindsTheSame(), turns=4)(square_view(), PartList(("Thumb", "palm")))
    assert said.label.tolist() == [0, 1]
    assert int(said.mask[0].sum()) < int(said.mask[1].sum())


def test_a_word_that_is_no_part_of_a_hand_is_refused() -> None:
    with pytest.raises(TeacherError, match=r"hand-landmarks: part must be one of .*, got 'toe'"):
        HandTeacher(finds_nothing).check_parts(PartList(("thumb", "toe")))


def test_answers_are_cached_only_of_a_network_that_can_be_told_from_another() -> None:
    assert not hasattr(HandTeacher(finds_nothing), "identity")
    known = FindsTheSame()
    known.identity = "same 1"
    said = {HandTeacher(known, turns=turns).identity for turns in (2, 4)}
    assert len(said) == 2
    assert all("same 1" in one for one in said)


def test_without_mediapipe_the_command_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from hands import main

    monkeypatch.setitem(sys.modules, "mediapipe", None)
    assert main(["--psb", "nowhere", "--json", "nowhere"]) == 1
    assert "pip install mediapipe==0.10.14" in capsys.readouterr().err


def test_cameras_stand_all_around_and_look_at_the_middle() -> None:
    cameras = all_around(24)
    eye = -(cameras.rotation.transpose(1, 2) @ cameras.translation[..., None])[..., 0]
    assert float((eye.norm(dim=1) - 2.2).abs().max()) < 1e-5
    assert float(eye.mean(0).norm()) < 0.1
    assert float(torch.cdist(eye, eye).fill_diagonal_(9).min()) > 0.9


def test_the_engine_draws_from_the_teachers_cameras() -> None:
    seen = []

    def network(picture: Tensor) -> None:
        seen.append(picture)

    points = torch.rand(500, 3, generator=torch.Generator().manual_seed(0))
    result = pde.segment(
        points, "hand: palm, thumb", teacher=HandTeacher(network, views=5, turns=2), mode="vote"
    )
    assert len(seen) == 5 * 2 * 2
    assert not result.found


@pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None,
    reason="mediapipe is not installed: pip install mediapipe==0.10.14",
)
def test_the_network_finds_nothing_in_an_empty_picture() -> None:
    from hands import MediapipeHands

    assert MediapipeHands()(torch.full((64, 64, 3), 40, dtype=torch.uint8)) is None
