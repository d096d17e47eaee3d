"""How a prompt is read."""

from __future__ import annotations

import pytest

from pdengine.errors import PartError
from pdengine.teach import parse_parts
from pdengine.types import PartList


def test_names_with_a_category():
    assert parse_parts("chair: back, seat, leg") == PartList(("back", "seat", "leg"), "chair")


def test_names_without_a_category():
    assert parse_parts(" back ,seat") == PartList(("back", "seat"), None)


def test_names_one_by_one():
    assert parse_parts(["back", "gas tank"]) == PartList(("back", "gas tank"), None)
    assert parse_parts(("Öse",)) == PartList(("Öse",), None)


def test_a_part_list_is_checked_and_returned():
    parts = PartList(("body",), "mug")
    assert parse_parts(parts) == parts
    with pytest.raises(PartError, match="must differ"):
        parse_parts(PartList(("body", "body")))


def test_the_first_doubled_name_may_be_the_same_object():
    name = "leg"
    with pytest.raises(PartError, match="part names must differ, got 'leg' and 'leg'"):
        parse_parts([name, name])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("", "must name at least one part, got none"),
        ("   ", "must name at least one part"),
        ([], "must name at least one part"),
        ("chair:", "must name at least one part"),
        (": back", "a category must not be empty"),
        ("back,,seat", "a part name must not be empty"),
        (["back", " "], "a part name must not be empty"),
        ("leg, Leg", "part names must differ, got 'leg' and 'Leg'"),
        (["a\nb"], "must have no control character"),
        (["leg\n"], "must have no control character"),
        (["a\0b"], "must have no control character"),
        (["a/b"], "must not contain '/', got 'a/b'"),
        (["a\\b"], "must not contain"),
        (["../leg"], "must not contain"),
        (["a..b"], r"must not contain '\.\.'"),
        (["x" * 65], "at most 64 characters, got 65"),
        (["leg", 3], "a part name must be text, got int"),
        (3, "parts must be text or a list of names, got int"),
    ],
)
def test_says_what_is_wrong(parts, message):
    with pytest.raises(PartError, match=message):
        parse_parts(parts)
