"""The clock, the floor under a time, and the gates before it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
import torch
from compare import Comparison, measure, verdict
from harness import SLACK, Cost, Peer, collect, no_worse, same, size_of, spread, times_ms
from table import parse, percentile
from worker import BENCH, EXACT_MEMORY

LIMITS = {"copy_bytes_per_s": 1e9, "flop_per_s": 1e10, "gathers_per_s": 1e8}


def test_a_percentile_lies_between_two_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([0.0, 10.0], 0.2) == pytest.approx(2.0)
    assert percentile([7.0], 0.8) == 7.0


def test_a_spread_is_median_percentiles_and_minimum() -> None:
    found = spread([5.0, 1.0, 2.0, 3.0, 4.0])
    assert (found.median, found.minimum, found.rounds) == (3.0, 1.0, 5)
    assert (found.p20, found.p80) == pytest.approx((1.8, 4.2))
    assert found.row()["median"] == "3.000"
    assert spread([0.01234567]).row()["median"] == "0.01235"


def test_the_slowest_limit_is_the_floor() -> None:
    assert Cost(bytes=2e6).floor_ms(LIMITS) == (2.0, "copy")
    assert Cost(bytes=2e6, flops=3e7).floor_ms(LIMITS) == (3.0, "arithmetic")
    assert Cost(bytes=2e6, flops=3e7, gathers=4e5).floor_ms(LIMITS) == (4.0, "gather")


def test_a_short_call_is_timed_many_times_and_a_long_one_as_often_as_asked() -> None:
    calls: list[int] = []
    assert len(times_ms(lambda: calls.append(1), seconds=0.02)) >= 1
    assert len(calls) > 10

    def slow() -> None:
        calls.append(1)
        time.sleep(0.002)

    for least in (1, 5):
        calls.clear()
        assert len(times_ms(slow, seconds=0.0, least=least)) == least
        assert len(calls) == least + 1  # the first warms up and does not count


def test_a_call_beyond_all_patience_gives_one_sample_that_is_warm() -> None:
    lasts = [0.5, 0.02, 0.02]

    def slow() -> None:
        time.sleep(lasts.pop(0))

    (only,) = times_ms(slow, seconds=1.0, least=3, patience=0.01)
    assert 20 <= only < 500
    assert len(lasts) == 1


def test_one_slow_start_does_not_cost_a_peer_its_samples() -> None:
    lasts = [0.5] + 9 * [0.001]

    def slow_to_start() -> None:
        time.sleep(lasts.pop(0))

    found = times_ms(slow_to_start, seconds=0.0, least=3, patience=0.4)
    assert len(found) == 3
    assert len(lasts) == 10 - 2 - 3


def test_sizes_are_bytes_of_every_tensor() -> None:
    assert size_of(torch.zeros(3), [torch.zeros(2, dtype=torch.int64)], (2, "word")) == 12 + 16


def test_answers_are_the_same_bit_for_bit() -> None:
    same((torch.ones(2), 3), (torch.ones(2), 3))
    with pytest.raises(AssertionError, match="the two answers differ"):
        same((torch.ones(2), 3), (torch.ones(2), 4))
    with pytest.raises(AssertionError, match="the two answers differ"):
        same([torch.ones(2)], [torch.ones(2) + 1e-7])


def test_a_float_may_err_twice_as_much_as_the_definition() -> None:
    truth = torch.ones(1, dtype=torch.float64)
    no_worse([truth + 2e-6], [truth + 1e-6], [truth])
    with pytest.raises(AssertionError, match=r"errs by 3.00e-06, the definition by 1.00e-06"):
        no_worse([truth + 3e-6], [truth + 1e-6], [truth])


def test_a_peer_that_is_not_installed_has_no_version() -> None:
    assert Peer("nobody", "no_such_library", lambda threads: list, None).version is None
    assert Peer("torch", "", lambda threads: list, None).version == torch.__version__


def test_the_peak_is_what_was_alive_at_once() -> None:
    tensor = 64 * 2**20
    code = f"""
import torch
from worker import peak_bytes

def run():
    torch.ones({tensor} // 4)  # freed before the next is made
    return torch.ones({tensor} // 4)

print(peak_bytes(run))"""
    told = {**os.environ, **EXACT_MEMORY}  # as run.py starts it: this process keeps freed memory
    done = subprocess.run(
        [sys.executable, "-c", code], env=told, cwd=BENCH, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout) - tensor) < SLACK  # not two tensors


def test_every_case_has_a_name_of_its_own_and_every_op_a_quick_one() -> None:
    cases = collect()
    names = [case.name for case in cases]
    assert len(names) == len(set(names))
    for case in cases:
        assert parse(case.name).op == case.op
        assert parse(case.name).sizes == {key: str(value) for key, value in case.sizes.items()}
    assert {case.op for case in cases} == {case.op for case in cases if case.quick}


class Side:
    """A worker that answers with the same milliseconds, and writes down that it was asked."""

    def __init__(self, name: str, answer: dict[str, object], asked: list[str]) -> None:
        self.name, self.answer, self.asked = name, answer, asked

    def ask(self, **request: object) -> dict[str, object]:
        self.asked.append(self.name)
        return self.answer


def compared(base: dict[str, object], now: dict[str, object]) -> tuple[Comparison, list[str]]:
    asked: list[str] = []
    one = Comparison("op[n=1]", 1)
    sides = {"base": Side("base", base, asked), "now": Side("now", now, asked)}
    measure(one, sides, 0.1)  # type: ignore[arg-type]
    return one, asked


def test_base_and_now_take_turns_and_their_minima_are_compared() -> None:
    one, asked = compared({"ms": [2.0, 9.0]}, {"ms": [8.0, 3.0]})
    assert asked == ["base", "now", "now", "base"]
    assert one.ratio == 1.5
    assert verdict([one], None) == []
    assert verdict([one], 1.5) == []
    assert verdict([one], 1.4) == ["op[n=1]: 1.500 times the base's time, over the gate of 1.4"]


def test_what_the_base_lacks_is_not_compared_and_a_wrong_answer_of_ours_fails() -> None:
    good, _ = compared({"ms": [1.0]}, {"ms": [1.0]})
    lacking, _ = compared({"error": "KeyError: 'op'", "gate": False}, {"ms": [1.0]})
    assert lacking.why_not == "base: KeyError: 'op'"
    assert verdict([good, lacking], 1.1) == []
    assert verdict([lacking], 1.1) == ["nothing was compared"]
    wrong, _ = compared({"ms": [1.0]}, {"error": "the two answers differ", "gate": True})
    assert verdict([good, wrong], None) == ["op[n=1]: now: the two answers differ"]
