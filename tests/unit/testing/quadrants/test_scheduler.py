"""Which worker gets which tests, and when: the scheduler with workers that only take notes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from botocore_redirect.testing.quadrants.file_workers import OneFilePerWorker
from botocore_redirect.testing.quadrants.plan import Plan
from botocore_redirect.testing.quadrants.scheduler import OneFileScheduler
from botocore_redirect.testing.quadrants.workers import WORKERINPUT_KEY, Workers, assigned_file

TESTS = ["o::0", "o::1", "o::2"]


class Worker:
    """What xdist calls a node, as far as a scheduler sees it."""

    def __init__(self) -> None:
        self.workerinput: dict[str, Any] = {}
        self.shutting_down = False
        self.sent: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True


class Plain:
    """A scheduler of xdist: all tests to each worker, once two have collected."""

    def __init__(self) -> None:
        self.nodes: list[Worker] = []
        self.collected: list[Worker] = []
        self.begun = 0
        self.left = set(TESTS)
        self.taken_back: list[int] = []

    @property
    def collection_is_completed(self) -> bool:
        return len(self.collected) == 2

    @property
    def tests_finished(self) -> bool:
        return self.collection_is_completed and len(self.left) < 2

    @property
    def has_pending(self) -> bool:
        return bool(self.begun and self.left)

    def add_node(self, node: Worker) -> None:
        self.nodes.append(node)

    def add_node_collection(self, node: Worker, _: list[str]) -> None:
        self.collected.append(node)

    def schedule(self) -> None:
        self.begun += 1

    def mark_test_complete(self, _: Worker, item_index: int, duration: float) -> None:
        assert duration == 0.5
        self.left.remove(TESTS[item_index])

    def mark_test_pending(self, item: str) -> None:
        self.left.add(item)

    def remove_pending_tests_from_node(self, _: Worker, indices: list[int]) -> None:
        self.taken_back += indices

    def remove_node(self, node: Worker) -> str | None:
        self.nodes.remove(node)
        return None


class Run:
    """A run of some files, and of others by two workers if that is asked for."""

    def __init__(self, files: str, others: str = "", first: str = "") -> None:
        named = {file: [file] for file in files}
        asked = Plan(named, [*files], [*others], reaches_outside=True, first=frozenset(first))
        self.workers = Workers(asked, 2)
        self.plain = Plain()
        self.counted = 0
        plain = self.plain if others else None
        self.scheduler = OneFileScheduler(self.workers, plain, self._count)

    def _count(self, tests: int) -> None:
        self.counted = tests

    def begin(self, tests: int | None = 3) -> Worker:
        """Let a worker be ready, and hand in its tests."""
        worker = Worker()
        self.workers.begin(worker, run_ends=False)
        self.scheduler.add_node(worker)
        if tests is not None:
            ids = [f"{assigned_file(worker) or 'o'}::{number}" for number in range(tests)]
            self.scheduler.add_node_collection(worker, ids)
            self.scheduler.schedule()
        return worker

    def complete(self, worker: Worker, *numbers: int) -> None:
        for number in numbers:
            self.scheduler.mark_test_complete(worker, number, 0.5)


def test_tests_are_sent_two_ahead_in_order_and_then_the_worker_is_told_to_end() -> None:
    run = Run("a")
    worker = run.begin()
    assert worker.sent == [0, 1]
    run.complete(worker, 0)
    assert (worker.sent, worker.shutting_down) == ([0, 1, 2], False)
    run.complete(worker, 1)
    assert (worker.sent, worker.shutting_down) == ([0, 1, 2], True)


def test_a_worker_that_was_told_to_end_gets_no_more_tests() -> None:
    run = Run("a")
    worker = run.begin(9)
    worker.shutdown()
    run.complete(worker, 0)
    assert worker.sent == [0, 1]


def test_a_crash_gives_the_test_to_blame_and_the_tests_that_are_lost() -> None:
    run = Run("a")
    worker = run.begin(4)
    run.complete(worker, 0)
    assert run.scheduler.has_begun(worker)
    assert run.scheduler.has_pending
    assert run.scheduler.remove_node(worker) == "a::1"
    assert (run.scheduler.lost_tests, run.scheduler.tests_finished) == (["a::2", "a::3"], True)


def test_no_test_of_a_file_is_run_again_after_a_crash_or_by_another_worker() -> None:
    run = Run("a")
    worker = run.begin()
    with pytest.raises(RuntimeError, match="a::0 cannot be run again"):
        run.scheduler.mark_test_pending("a::0")
    with pytest.raises(RuntimeError, match=r"No worker may run the tests \[0\]"):
        run.scheduler.remove_pending_tests_from_node(worker, [0])


def test_the_run_ends_when_each_file_has_had_its_worker() -> None:
    run = Run("ab")
    for _ in "ab":
        assert not run.scheduler.tests_finished
        run.scheduler.remove_node(run.begin(None))
    assert run.scheduler.tests_finished


def test_a_worker_that_never_was_ready_still_ends_its_file() -> None:
    run, worker = Run("a"), Worker()
    run.workers.begin(worker, run_ends=False)
    with pytest.raises(KeyError):  # which is how xdist knows that there was no test
        run.scheduler.remove_node(worker)
    assert run.scheduler.tests_finished


def test_a_worker_that_is_ended_early_has_no_test_to_blame() -> None:
    run = Run("a")
    worker = run.begin(9)
    worker.shutdown()
    run.complete(worker, 0, 1)
    assert run.scheduler.remove_node(worker) is None


def test_a_worker_with_nothing_left_to_run_is_told_to_end() -> None:
    run = Run("a")
    run.begin()
    assert run.begin(0).shutting_down


def test_ordinary_workers_begin_once_all_have_collected_and_their_tests_count_once() -> None:
    run = Run("a", "o")
    run.begin()
    assert run.plain.begun == 0
    run.begin()
    file = run.begin()
    assert (run.plain.begun, run.counted, len(run.scheduler.nodes)) == (1, 6, 3)
    assert (assigned_file(file), file.sent) == ("a", [0, 1])


def test_ordinary_workers_end_while_files_still_run() -> None:
    run = Run("a", "o")
    first, second = run.begin(), run.begin()
    file = run.begin()
    run.complete(first, 0)
    assert (first.shutting_down, run.scheduler.has_pending) == (False, True)
    second.shutdown()
    run.complete(second, 1)  # of three: no worker can have two
    assert (first.shutting_down, file.shutting_down, run.scheduler.tests_finished) == (
        *(True, False),
        False,
    )


def test_the_run_goes_on_while_ordinary_workers_have_tests() -> None:
    run = Run("a", "o")
    first = run.begin()
    run.begin()
    file = run.begin(0)
    assert run.scheduler.remove_node(file) is None
    assert not run.scheduler.tests_finished
    run.complete(first, 0, 1)
    assert run.scheduler.tests_finished


def test_tests_of_ordinary_workers_can_be_run_again_and_taken_back() -> None:
    run = Run("a", "o")
    worker = run.begin()
    run.complete(worker, 0)
    run.scheduler.mark_test_pending("o::0")
    run.scheduler.remove_pending_tests_from_node(worker, [2])
    assert (run.plain.left, run.plain.taken_back) == ({*TESTS}, [2])


def test_a_replacement_of_an_ordinary_worker_takes_over_the_tests_that_are_left() -> None:
    run = Run("a", "o")
    crashed, other = run.begin(), run.begin()
    may_replace = run.scheduler.record_end(crashed)
    run.workers.end(crashed, is_replaced=may_replace)
    assert run.scheduler.remove_node(crashed) is None
    replacing = run.begin(None)
    assert (may_replace, assigned_file(replacing), replacing in run.plain.nodes) == (
        True,
        None,
        True,
    )
    run.complete(other, 0, 1)
    run.workers.end(replacing, is_replaced=True)
    late = run.begin()
    assert (late.shutting_down, late in run.plain.nodes) == (True, False)


def test_files_still_run_if_an_ordinary_worker_ends_before_it_has_collected() -> None:
    run = Run("ab", "o")
    crashed, other = run.begin(None), run.begin()
    may_replace = run.scheduler.record_end(crashed)
    run.workers.end(crashed, is_replaced=may_replace)
    assert (may_replace, other.shutting_down, run.scheduler.tests_finished) == (False, True, False)
    assert assigned_file(run.begin()) == "a"


def test_files_begin_when_those_for_which_they_wait_have_ended() -> None:
    run = Run("abcd", first="bd")
    assert run.workers.startable == 2
    first, second = run.begin(), run.begin()
    assert ([assigned_file(first), assigned_file(second)], run.workers.startable) == (["b", "d"], 0)
    run.workers.end(second, is_replaced=False)
    assert run.workers.startable == 0
    run.workers.end(first, is_replaced=False)
    assert run.workers.startable == 2
    assert [assigned_file(run.begin()), assigned_file(run.begin())] == ["a", "c"]
    assert run.workers.startable == 0


def test_a_worker_that_must_wait_for_others_collects_nothing() -> None:
    run = Run("ab", first="b")
    run.begin()
    assert assigned_file(run.begin(0)) == ""
    assert run.workers.waiting == ["a"]


def test_a_run_that_is_to_end_gives_a_worker_nothing() -> None:
    workers, worker = Run("a").workers, Worker()
    workers.begin(worker, run_ends=True)
    assert worker.workerinput[WORKERINPUT_KEY] == {"file": "", "arguments": [], "excluded": []}
    assert workers.waiting == ["a"]


def test_the_process_of_a_worker_ends_when_its_channel_is_closed() -> None:
    plugin, ended = OneFilePerWorker(Path()), []
    for name, said_all in (("a", True), ("b", False)):
        channel = SimpleNamespace(isclosed=lambda said_all=said_all: said_all)
        gateway = SimpleNamespace(exit=lambda name=name: ended.append(name))
        plugin._ended_nodes.append(SimpleNamespace(channel=channel, gateway=gateway))
    plugin.pytest_testnodeready()
    plugin.pytest_testnodeready()
    assert (ended, len(plugin._ended_nodes)) == (["a"], 1)
