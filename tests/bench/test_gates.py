"""Every gate of the benchmark is green here, so that a run of them all is not stopped by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from harness import Case, collect

FIRST = {case.op: case for case in collect()}


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As it is between two timings; torch sums in another order than on two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", FIRST.values(), ids=lambda case: case.op)
def test_an_op_passes_its_gate(case: Case) -> None:
    case.gate()
