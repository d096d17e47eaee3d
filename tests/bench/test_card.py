import pytest
import torch
from card import belief_table, replaced, shapes_table
from teacher import BINS, Tally


def tally(right: float, sure: int) -> Tally:
    one = Tally(("blade", "handle"))
    one.both, one.either = torch.tensor([right, 0.0]), torch.tensor([10.0, 0.0])
    one.named, one.stood, one.shapes = 3, 1, 4
    one.sure[sure] = torch.tensor([10.0, right, 8.5])
    return one


def test_a_row_has_the_three_looks_and_parts_that_were_absent_count_for_nothing() -> None:
    looks = [{"knife": tally(right, 8)} for right in (9.0, 8.0, 6.0)]
    rows = shapes_table(looks[0], looks[1], looks[2], 4).splitlines()
    row = "| knife | blade 90, handle nan | 90.0 | 80.0 | spreader | 60.0 | 3, 3, 3 | 1, 1 |"
    assert row in rows
    assert rows[-1].startswith("| mean | | 90.0 | 80.0 | | 60.0 | 75.0 %, 75.0 %, 75.0 % | 25.0 %")


def test_bins_of_probability_that_are_empty_in_some_look_are_dashes() -> None:
    lines = belief_table({"knife": tally(9.0, 8)}, {"knife": tally(6.0, BINS - 1)}).splitlines()
    assert lines[2] == "| 0.850 | 1.000 | 0.900 | - |"
    assert lines[3] == "| nan | 0.000 | - | 0.600 |"


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = "a\n\n<!-- measured: x -->\n\nold\n\n<!-- end -->\n\nb"
    assert replaced(text, "x", "new") == text.replace("old", "new")
    with pytest.raises(SystemExit, match="'y', has 0"):
        replaced(text, "y", "new")
