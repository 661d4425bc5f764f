"""An xdist scheduler: the worker of a file runs the tests that it collected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect.testing.quadrants.workers import Workers, assigned_file

if TYPE_CHECKING:
    from collections.abc import Sequence

# A worker begins a test when it knows what comes after it.
_PREFETCH = 2


class OneFileScheduler:
    """Hand each worker its tests; `xdist_scheduler` serves the ordinary workers, if any.

    The tests of a file are sent one by one, so that `-x` stops a worker in the middle of its file.
    """

    def __init__(
        self, workers: Workers, xdist_scheduler: Any, set_test_count: Callable[[int], None]
    ) -> None:
        self._workers = workers
        self._xdist_scheduler = xdist_scheduler
        self._set_test_count = set_test_count
        self._unfinished_files = set(workers.plan.files)
        self._collected: dict[Any, Sequence[str]] = {}
        self._unsent: dict[Any, list[int]] = {}
        self._pending: dict[Any, list[int]] = {}
        self._to_schedule = False
        self._has_abandoned_ordinary = False
        #: The tests that a crashed worker leaves behind, without the one that crashed it.
        self.lost_tests: list[str] = []

    @property
    def nodes(self) -> list[Any]:
        """All workers that are ready and have not ended."""
        return [*self._pending, *(self._xdist_scheduler.nodes if self._xdist_scheduler else ())]

    @property
    def collection_is_completed(self) -> bool:
        """Whether to call `schedule`: after each collection, as no file waits for another's."""
        return True

    @property
    def tests_finished(self) -> bool:
        """Whether the worker of each file has ended, and the others have what is left to run."""
        return not self._unfinished_files and self._have_ordinary_finished()

    @property
    def has_pending(self) -> bool:
        """Whether a worker has tests to run."""
        return any(self._pending.values()) or bool(
            self._xdist_scheduler and self._xdist_scheduler.has_pending
        )

    def add_node(self, node: Any) -> None:
        """Register a worker that will collect."""
        if assigned_file(node) is not None:
            self._pending[node] = []
        elif self._have_ordinary_finished():  # without the one that this one replaces
            node.shutdown()
        else:
            self._xdist_scheduler.add_node(node)

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """Record the tests of a worker; the worker of a file starts at once."""
        self._collected[node] = collection
        ordinary = [each for each in self._collected if assigned_file(each) is None]
        files = [each for each in self._collected if assigned_file(each) is not None]
        self._set_test_count(sum(len(self._collected[each]) for each in [*files, *ordinary[:1]]))
        if assigned_file(node) is not None:
            self._unsent[node] = list(range(len(collection)))
            for _ in range(_PREFETCH):
                self._send(node)
        elif node in self._xdist_scheduler.nodes:
            self._xdist_scheduler.add_node_collection(node, collection)
            self._to_schedule = True

    def schedule(self) -> None:
        """Let the ordinary workers begin, once they have all collected."""
        if self._to_schedule and self._xdist_scheduler.collection_is_completed:
            self._to_schedule = False
            self._xdist_scheduler.schedule()
            self._shut_down_finished()

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Send the next test to a worker that has run one."""
        if assigned_file(node) is None:
            self._xdist_scheduler.mark_test_complete(node, item_index, duration)
            self._shut_down_finished()
        else:
            self._pending[node].remove(item_index)
            self._send(node)

    def mark_test_pending(self, item: str) -> None:
        """Run a test again that crashed its worker, unless the process of its file is gone."""
        if any(item in self._collected[node] for node in self._collected if assigned_file(node)):
            raise RuntimeError(f"{item} cannot be run again: the process of its file is gone.")
        self._xdist_scheduler.mark_test_pending(item)

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """Take tests back from an ordinary worker: none may run those of a file."""
        if assigned_file(node) is not None:
            raise RuntimeError(f"No worker may run the tests {[*indices]} of {node}, but itself.")
        self._xdist_scheduler.remove_pending_tests_from_node(node, indices)
        self._shut_down_finished()

    def remove_node(self, node: Any) -> str | None:
        """Forget a worker; give the test during which it crashed, if it did."""
        file = assigned_file(node)
        if file is None:
            crashed: str | None = self._xdist_scheduler.remove_node(node)
            self._shut_down_finished()
            return crashed
        self._unfinished_files.discard(file)
        pending = self._pending.pop(node)
        if not pending:  # what was never sent is nobody's fault: the run was ended
            return None
        first, *self.lost_tests = (
            self._collected[node][index] for index in [*pending, *self._unsent[node]]
        )
        return first

    def record_end(self, node: Any) -> bool:
        """Record the end of a worker; return whether another may take over its tests.

        Without the collections of all ordinary workers, xdist would let none of them begin.
        """
        if assigned_file(node) is None and not self._xdist_scheduler.collection_is_completed:
            self._has_abandoned_ordinary = True
            for other in self._xdist_scheduler.nodes:
                other.shutdown()
        return not self._has_abandoned_ordinary

    def has_begun(self, node: Any) -> bool:
        """Whether a worker, should it crash, has a test to blame, or others that replace it."""
        return (
            node in self._collected
            if assigned_file(node) is None
            else bool(self._pending.get(node))
        )

    def _have_ordinary_finished(self) -> bool:
        if self._has_abandoned_ordinary or not (
            self._xdist_scheduler and self._workers.has_ordinary
        ):
            return True
        return bool(self._xdist_scheduler.tests_finished)

    def _shut_down_finished(self) -> None:
        """End the ordinary workers when xdist would: a worker's last test waits for that."""
        if self._xdist_scheduler.tests_finished:
            for node in self._xdist_scheduler.nodes:
                if not node.shutting_down:
                    node.shutdown()

    def _send(self, node: Any) -> None:
        if node.shutting_down:
            return
        if self._unsent[node]:
            self._pending[node].append(self._unsent[node].pop(0))
            node.send_runtest_some(self._pending[node][-1:])
        else:
            node.shutdown()
