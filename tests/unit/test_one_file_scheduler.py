"""Which worker gets which tests, and when: the scheduler with workers that only take notes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from botocore_redirect.testing.one_file import OneFilePerWorker
from botocore_redirect.testing.one_file_scheduler import OneFileScheduler


class Worker:
    """What xdist calls a node, as far as a scheduler sees it."""

    def __init__(self, file: str) -> None:
        self.gateway = SimpleNamespace(spec=SimpleNamespace(one_file=file))
        self.shutting_down = False
        self.sent: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def collected(scheduler: OneFileScheduler, file: str, tests: int = 3) -> Worker:
    """Let a worker be ready and hand in its tests."""
    worker = Worker(file)
    scheduler.add_node(worker)
    scheduler.add_node_collection(worker, [f"{file}::{number}" for number in range(tests)])
    scheduler.schedule()
    return worker


def scheduler_of(files: str, processes: int, most: int | None = None) -> OneFileScheduler:
    plugin = OneFilePerWorker(Path())
    plugin._arguments = {file: [file] for file in files}
    config: Any = SimpleNamespace(option=SimpleNamespace(numprocesses=processes, maxprocesses=most))
    scheduler = plugin.pytest_xdist_make_scheduler(config)
    assert scheduler is not None
    return scheduler


@pytest.mark.parametrize(("processes", "most", "begun"), [(1, None, 1), (2, None, 2), (3, 1, 1)])
def test_n_files_run_tests_at_a_time(processes: int, most: int | None, begun: int) -> None:
    scheduler = scheduler_of("abc", processes, most)
    workers = [collected(scheduler, file) for file in "abc"]
    assert [bool(worker.sent) for worker in workers] == [n < begun for n in range(3)]


def test_a_file_that_waits_begins_when_another_has_ended() -> None:
    scheduler = scheduler_of("ab", 1)
    first, second = collected(scheduler, "a", 1), collected(scheduler, "b")
    scheduler.mark_test_complete(first, 0)
    assert second.sent == []
    assert scheduler.remove_node(first) is None
    assert (second.sent, scheduler.tests_finished) == ([0, 1], False)


def test_tests_are_sent_two_ahead_in_order_and_then_the_worker_is_told_to_end() -> None:
    scheduler = scheduler_of("a", 1)
    worker = collected(scheduler, "a", 3)
    assert worker.sent == [0, 1]
    scheduler.mark_test_complete(worker, 0)
    assert (worker.sent, worker.shutting_down) == ([0, 1, 2], False)
    scheduler.mark_test_complete(worker, 1)
    assert (worker.sent, worker.shutting_down) == ([0, 1, 2], True)


def test_a_worker_that_was_told_to_end_gets_no_more_tests() -> None:
    scheduler = scheduler_of("a", 1)
    worker = collected(scheduler, "a", 9)
    worker.shutdown()
    scheduler.mark_test_complete(worker, 0)
    assert worker.sent == [0, 1]


def test_a_crash_gives_the_test_to_blame_and_the_tests_that_are_lost() -> None:
    scheduler = scheduler_of("a", 1)
    worker = collected(scheduler, "a", 4)
    scheduler.mark_test_complete(worker, 0)
    assert scheduler.is_running(worker)
    assert scheduler.remove_node(worker) == "a::1"
    assert (scheduler.lost, scheduler.tests_finished) == (["a::2", "a::3"], True)


def test_no_test_is_run_again_after_a_crash_or_by_another_worker() -> None:
    scheduler = scheduler_of("a", 1)
    worker = collected(scheduler, "a")
    with pytest.raises(RuntimeError, match="a::0 cannot be run again"):
        scheduler.mark_test_pending("a::0")
    with pytest.raises(RuntimeError, match=r"No worker may run the tests \[0\]"):
        scheduler.remove_pending_tests_from_node(worker, [0])


def test_the_run_ends_when_each_file_has_had_its_worker() -> None:
    scheduler = scheduler_of("ab", 2)
    for file in "ab":
        assert not scheduler.tests_finished
        worker = Worker(file)
        scheduler.add_node(worker)
        scheduler.remove_node(worker)
    assert scheduler.tests_finished


def test_a_worker_that_never_was_ready_still_ends_its_file() -> None:
    scheduler = scheduler_of("a", 1)
    with pytest.raises(KeyError):  # which is how xdist knows that there was no test
        scheduler.remove_node(Worker("a"))
    assert scheduler.tests_finished


def test_a_worker_that_is_ended_early_and_one_that_waits_have_no_test_to_blame() -> None:
    scheduler = scheduler_of("ab", 1)
    ended, waits = collected(scheduler, "a", 9), collected(scheduler, "b", 9)
    assert scheduler.remove_node(waits) is None
    ended.shutdown()
    for number in range(2):
        scheduler.mark_test_complete(ended, number)
    assert scheduler.remove_node(ended) is None
