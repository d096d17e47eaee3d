"""one_thread is its caller's alone: every other thread, begun or to come, has its own number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from pdengine.distill.threads import one_thread


def in_a_new_thread(call):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


@pytest.fixture(autouse=True)
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_inside_there_is_one_and_afterwards_what_was_before():
    with one_thread():
        assert torch.get_num_threads() == 1
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_an_error_inside_leaves_what_was_before():
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert torch.get_num_threads() == 3


def test_a_thread_that_begins_meanwhile_has_the_number_of_the_process():
    with one_thread():
        assert in_a_new_thread(torch.get_num_threads) == 3
    assert in_a_new_thread(torch.get_num_threads) == 3


def test_a_thread_with_a_number_of_its_own_does_not_hand_it_on():
    def of_its_own():
        torch.get_num_threads()  # torch keeps what a thread sets once it has looked
        torch.set_num_threads(5)
        meanwhile.wait()
        meanwhile.wait()  # the process has 2 now
        with one_thread():
            pass
        return torch.get_num_threads()

    meanwhile = Barrier(2, timeout=60)
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(of_its_own)
        meanwhile.wait()
        torch.set_num_threads(2)
        meanwhile.wait()
        assert told.result() == 5
    assert torch.get_num_threads() == 2
    assert in_a_new_thread(torch.get_num_threads) == 2


def test_threads_that_overlap_in_every_order_leave_each_what_it_had():
    def overlapping(k):
        with one_thread():
            inside = torch.get_num_threads()
            met.wait()  # all are inside
            for turn in range(4):
                met.wait()
                if turn == k:
                    break
            still = torch.get_num_threads()
        after = torch.get_num_threads()
        for _ in range(turn, 3):  # those who are out still keep time
            met.wait()
        return inside, still, after

    met = Barrier(4, timeout=60)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(overlapping, range(4))) == [(1, 1, 3)] * 4
    assert torch.get_num_threads() == 3
    assert in_a_new_thread(torch.get_num_threads) == 3
