"""File names that mean views, words that mean parts."""

from __future__ import annotations

import pytest

from pdengine.teach import parse_parts
from pdengine.teach.files.asked import Names, Pictures

PICTURES = Pictures(tuple(f"view_{v:02}.png" for v in range(12)), (20, 40))


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("view_07.png", 7),
        ("deep/er/view_07.png", 7),
        ("C:\\views\\view_07.PNG", 7),
        ("view_7.jpg", 7),
        ("view07", 7),
        ("view_11_png.rf.0a1b.jpg", 11),
        ("7.png", 7),
        ("7", 7),
        ("rendered_img/0.png", 0),
        ("view_12.png", None),
        ("7_3.png", None),
        ("-1", None),
        ("a7.png", None),
        ("review_07.png", None),
        ("view_9999999.png", None),
        ("../../etc/passwd", None),
        ("", None),
        ("..", None),
    ],
)
def test_a_file_name_means_a_view(name: str, view: int | None) -> None:
    assert PICTURES.view(name) == view


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("back", "back"),
        (" BACK ", "back"),
        ("chair back", "back"),
        ("Chair_Back", "back"),
        ("back of a chair", "back"),
        ("arm-rest", "arm rest"),
        ("chair arm rest", "arm rest"),
        ("chair leg", "chair leg"),
        ("leg", None),
        ("chair", None),
        ("backs", None),
        ("", None),
    ],
)
def test_a_word_means_a_part(word: str, part: str | None) -> None:
    parts = parse_parts("chair: back, arm rest, chair leg")
    label = Names(parts).label(word)
    assert (None if label is None else parts.names[label]) == part


def test_a_word_that_means_two_parts_means_none() -> None:
    names = Names(parse_parts("a-b, a_b"))
    assert names.label("A-B") == 0
    assert names.label("a_b") == 1
    assert names.label("a b") is None
