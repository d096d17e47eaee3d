"""bench/results.csv: rows, names, and who is faster."""

from __future__ import annotations

from pathlib import Path

import pytest
from table import (
    COLUMNS,
    QUOTED,
    RESULTS,
    kind,
    line,
    losses,
    newest,
    parse,
    read,
    same_run,
    samples,
    slower_on_two,
    unmeasured,
    whole,
    write,
)

FULL = "python bench/run.py"
AGAIN = "python bench/run.py --ops --only a[n=1]"


def row(case: str, who: str, threads: str, median: str, device: str = "here") -> dict[str, str]:
    told = {"case": case, "implementation": who, "threads": threads, "median": median}
    return {**dict.fromkeys(COLUMNS, ""), **told, "device": device, "command": FULL}


def test_a_name_says_its_op_and_its_sizes() -> None:
    found = parse("splat_points[views=10 kind=parts]")
    assert (found.op, found.sizes) == ("splat_points", {"views": "10", "kind": "parts"})
    for bad in ("splat_points", "splat[10]", "[n=1]"):
        with pytest.raises(ValueError, match=r"a case is called op\[key=value ...\], got"):
            parse(bad)


def test_rows_are_appended_and_what_they_do_not_say_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, [{"case": "a", "median": "1", "slowest": "not a column"}])
    write(path, [{"case": "b", "threads": 2}])
    first, second = read(path)
    assert list(first) == COLUMNS
    assert (first["case"], first["median"], first["threads"]) == ("a", "1", "")
    assert (second["case"], second["threads"]) == ("b", "2")


def shown(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(r["case"], r["median"]) for r in newest(rows)]


def test_a_run_is_whole_where_no_case_was_chosen() -> None:
    assert kind(row("a[n=1]", "ours", "1", "2")) == "ops"
    assert kind(row("segment/lift", "ours", "1", "2")) == "pipeline"
    both = [FULL, f"{FULL} --ops --pipeline"]
    assert [whole(one, "ops") for one in both] == [whole(one, "pipeline") for one in both]
    assert all(whole(one, "ops") for one in both)
    assert (whole(f"{FULL} --ops", "ops"), whole(f"{FULL} --ops", "pipeline")) == (True, False)
    for partial in (AGAIN, f"{FULL} --only=a", "python bench/gpu_ops.py", ""):
        assert not whole(partial, "ops")


def test_the_newest_row_counts_and_machines_are_not_mixed() -> None:
    old = row("a[n=1]", "", "1", "9")  # before there were implementations
    there = row("b[n=1]", "ours", "1", "7", device="there")
    rows = [old, there, row("a[n=1]", "ours", "1", "3"), row("a[n=1]", "ours", "1", "2")]
    assert shown(rows) == [("a[n=1]", "2")]
    assert newest([old]) == []
    of_a_gpu = row("b[n=1]", "ours", "gpu", "1", device="a GPU")  # whenever it was appended
    assert newest([*rows, of_a_gpu]) == newest(rows)


def test_a_part_that_another_machine_timed_again_does_not_change_the_page() -> None:
    rows = [row("a[n=1]", "ours", "1", "3"), row("b[n=1]", "ours", "1", "4")]
    elsewhere = row("a[n=1]", "ours", "1", "1", device="there") | {"command": AGAIN}
    assert shown([*rows, elsewhere]) == [("a[n=1]", "3"), ("b[n=1]", "4")]
    assert newest([elsewhere]) == []  # and is no page by itself
    assert shown([*rows, row("a[n=1]", "ours", "1", "1", device="there")]) == [("a[n=1]", "1")]


def test_a_part_that_was_timed_again_here_counts_but_not_for_the_limits() -> None:
    limit = "machine[limit=copy]"
    first = [row(limit, "machine", "1", "30"), row("a[n=1]", "ours", "1", "3")]
    first.append(row("gone[n=1]", "ours", "1", "9") | {"command": AGAIN, "commit": "old"})
    rows = [first[-1], *first[:2], row("b[n=1]", "ours", "1", "4")]
    rows += [row(limit, "machine", "1", "20") | {"command": AGAIN}]
    rows += [row("a[n=1]", "ours", "1", "2") | {"command": AGAIN}]
    assert shown(rows) == [(limit, "30"), ("a[n=1]", "2"), ("b[n=1]", "4")]
    assert not same_run(rows[1], rows[-1])


def test_why_somebody_was_not_timed_goes_once_he_is() -> None:
    why = row("a[n=1]", "im2col", "", "") | {"note": "not timed: it differs"}
    rows = [row("a[n=1]", "ours", "1", "3"), why]
    assert shown(rows) == [("a[n=1]", "3"), ("a[n=1]", "")]
    rows.append(row("a[n=1]", "im2col", "1", "4") | {"command": AGAIN})
    assert shown(rows) == [("a[n=1]", "3"), ("a[n=1]", "4")]
    assert shown([*rows, why | {"command": AGAIN}])[-1] == ("a[n=1]", "")  # and may come again


def test_the_pipeline_of_a_run_of_the_ops_is_that_of_the_same_machines_last() -> None:
    ops, pipeline = {"command": f"{FULL} --ops"}, {"command": f"{FULL} --pipeline"}
    there = row("segment", "ours", "2", "1", device="there") | pipeline
    rows = [row("a[n=1]", "ours", "1", "3"), row("segment", "ours", "2", "5"), there]
    rows.append(row("a[n=1]", "ours", "1", "2") | ops)
    assert shown(rows) == [("a[n=1]", "2"), ("segment", "5")]


def test_every_case_where_somebody_is_faster_is_found() -> None:
    rows = [
        *(row("a[n=1]", "ours", "1", "4"), row("a[n=1]", "ours", "2", "3")),
        *(row("a[n=1]", "fast", "1", "2"), row("a[n=1]", "fast", "2", "5")),
        row("a[n=1]", "absent", "", ""),
    ]
    quoted = [row("a[n=1]", "old", "", "1"), row("a[n=1]", "slow", "", "8")]
    found = losses(rows, quoted)
    assert [(one.peer, one.threads, one.times, one.note) for one in found] == [
        ("old", "", 4.0, "quoted"),
        ("fast", "1", 2.0, ""),
    ]
    before = row("a[n=1]", "fast", "1", "2") | {"commit": "abc"}
    assert [one.note for one in losses([*rows[:2], before])] == ["abc"]


def test_an_op_of_one_thread_can_lose_to_a_peer_on_two() -> None:
    rows = [row("a[n=1]", "ours", "1", "4"), row("a[n=1]", "fast", "2", "2")]
    assert [(one.threads, one.times) for one in losses(rows)] == [("2", 2.0)]
    rows = [row("a[n=1]", "ours", "2", "1"), row("a[n=1]", "fast", "1", "0.5")]
    assert losses(rows) == []  # two threads of ours say nothing of one of theirs


def test_a_second_thread_that_does_not_help_is_found() -> None:
    rows = [row("a[n=1]", "ours", "1", "2"), row("a[n=1]", "ours", "2", "3")]
    assert slower_on_two(rows) == [(rows[0], rows[1])]
    assert slower_on_two([*rows[:1], row("a[n=1]", "ours", "2", "2")]) == []
    assert slower_on_two(rows[:1]) == []


def test_only_what_was_not_measured_is_quoted() -> None:
    rows = [row("a[n=1]", "spconv", "1", "2"), row("a[n=1]", "numba", "", "")]
    quoted = [row("a[n=1]", "spconv 2.3", "1", "2"), row("a[n=1]", "numba", "2", "5")]
    assert [r["implementation"] for r in unmeasured(rows, quoted)] == ["numba"]


def test_the_tables_in_the_tree_are_whole() -> None:
    assert list(read(RESULTS)[0]) == COLUMNS
    for quote in read(QUOTED):
        assert parse(quote["case"])
        assert float(quote["median"]) > 0
        assert quote["source"]
        assert quote["threads"] in ("", "1", "2")


def test_few_samples_are_said_and_one_has_no_spread() -> None:
    counted = {n: row("a[n=1]", "ours", "1", "2") | {"rounds": n} for n in ("1", "3", "5", "")}
    told = [samples(one) for one in counted.values()]
    assert told == ["1 sample", "3 samples", "", ""]
    spread = {"p20": "2", "p80": "2", "unit": "ms"}
    assert line({**counted["1"], **spread}).endswith("ms  1 sample")
    assert line({**counted["3"], **spread}).endswith("ms  [2 2]  3 samples")


def test_a_line_says_the_time_its_spread_and_its_share_or_why_there_is_none() -> None:
    told = row("a[n=1]", "ours", "2", "1.5")
    told |= {"p20": "1.4", "p80": "1.6", "unit": "ms", "share": "0.25", "limit": "copy"}
    told |= {"peak_bytes": "1048576", "most_bytes": "2097152"}
    words = line(told).split()
    assert words[:5] == ["a[n=1]", "ours", "2t", "1.5", "ms"]
    assert line(told).endswith("[1.4 1.6]  25 % of copy  peak 1.00 of 2.00 MiB")
    assert line({**row("a[n=1]", "numba", "", ""), "note": "not installed"}).endswith(
        "numba              not installed"
    )
