"""The aims: judged by rows that a child can check, and about cases that there are."""

from __future__ import annotations

import pytest
from aims import AIMS, Aim, judge, lines
from harness import collect
from table import COLUMNS

CASE = "a[n=1]"


def row(who: str, threads: str, median: str, **more: str) -> dict[str, str]:
    told = {"case": CASE, "implementation": who, "threads": threads, "median": median}
    return {**dict.fromkeys(COLUMNS, ""), **told, "commit": "abc", "rounds": "9", **more}


def test_a_time_is_met_at_the_bound_and_missed_above_it() -> None:
    rows = [row("ours", "1", "9"), row("ours", "2", "5")]
    assert judge(Aim(CASE, at_most_ms=5), rows, []) == ("5 ms (2t)", "met")
    assert judge(Aim(CASE, at_most_ms=4.9), rows, []) == ("5 ms (2t)", "**missed**")
    assert judge(Aim(CASE, at_most_ms=8, threads="1"), rows, []) == ("9 ms (1t)", "**missed**")


def test_a_floor_is_held_on_as_many_threads() -> None:
    rows = [row("ours", "1", "9", floor="9"), row("ours", "2", "5", floor="2", rounds="3")]
    told = "2.50 times: 5 ms (2t, 3 samples), floor 2 ms"
    assert judge(Aim(CASE, floors=2.5), rows, []) == (told, "met")
    assert judge(Aim(CASE, floors=2.4), rows, []) == (told, "**missed**")


def test_a_peer_counts_with_its_best_time_of_the_same_run() -> None:
    aim = Aim(CASE, peer="spconv", times=2.5)
    rows = [row("ours", "2", "2"), row("spconv", "1", "5", rounds="1"), row("spconv", "2", "6")]
    assert judge(aim, rows, []) == (
        "2.5 times: 2 ms (2t), spconv 5 ms (1t, 1 sample)",
        "met",
    )
    rows[1]["median"] = "4.9"
    assert judge(aim, rows, [])[1] == "**missed**"
    older = [rows[0], row("spconv", "1", "50", commit="old")]
    assert judge(aim, older, [])[1] == "not measured"


def test_what_both_take_on_one_thread_is_told_too() -> None:
    rows = [row("ours", "1", "4"), row("ours", "2", "2"), row("spconv", "1", "6")]
    assert judge(Aim(CASE, peer="spconv", times=2.5), rows, []) == (
        "3 times: 2 ms (2t), spconv 6 ms (1t); on one thread each 1.5",
        "met",
    )


def test_a_quoted_peer_is_said_to_be_one() -> None:
    aim = Aim(CASE, peer="spconv", times=2.5)
    quoted = [row("spconv 2.3.8", "1", "50", rounds="")]
    told = "25 times: 2 ms (2t), spconv 50 ms (1t, quoted)"
    assert judge(aim, [row("ours", "2", "2")], quoted) == (told, "met, by a quoted time")
    assert judge(aim, [row("ours", "2", "2"), row("spconv", "1", "5")], quoted)[1] == "met"


def test_what_was_not_measured_is_not_judged() -> None:
    absent = row("spconv", "", "", note="not installed")
    aim = Aim(CASE, peer="spconv", times=2)
    assert judge(aim, [row("ours", "2", "2"), absent], []) == (
        "2 ms (2t); spconv was not timed in that run",
        "not measured",
    )
    assert judge(Aim(CASE, at_most_ms=5), [row("ours", "1", "2")], []) == (
        "nothing yet",
        "not measured",
    )
    assert {line[-1] for line in lines([], [])} == {"not measured"}


@pytest.mark.parametrize("aim", AIMS, ids=lambda aim: f"{aim.case} {aim}")
def test_an_aim_is_about_a_case_and_a_peer_that_there_are(aim: Aim) -> None:
    case = next(one for one in collect() if one.name == aim.case)
    assert int(aim.threads) in case.threads
    assert [aim.at_most_ms, aim.times, aim.floors].count(None) == 2
    assert (aim.times is None) == (aim.peer == "")
