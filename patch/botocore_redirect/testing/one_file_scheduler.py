"""Which worker of pytest-xdist runs which tests: each those that it collected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Sequence

# A worker begins a test when it knows what comes after it.
_AHEAD = 2


class OneFileScheduler:
    """What xdist asks for work; its own schedulers deal the same tests out to all workers.

    Tests are sent one by one, so that `-x` stops a worker in the middle of its file.
    """

    def __init__(self, files: set[str], at_once: int, count: Callable[[int], None]) -> None:
        self._open = files
        self._at_once = at_once
        self._count = count
        self._collected: dict[Any, Sequence[str]] = {}
        self._unsent: dict[Any, list[int]] = {}
        self._pending: dict[Any, list[int]] = {}
        self._waiting: list[Any] = []
        self._running: set[Any] = set()
        #: The tests that a crashed worker leaves behind, without the one that crashed it.
        self.lost: list[str] = []

    @property
    def nodes(self) -> list[Any]:
        """All workers that are ready and have not ended."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """Whether to call `schedule`: after each collection, as no worker waits for another's."""
        return True

    @property
    def tests_finished(self) -> bool:
        """Whether the worker of each file has ended."""
        return not self._open

    @property
    def has_pending(self) -> bool:
        """Whether a worker has tests to run."""
        return any(self._pending.values())

    def add_node(self, node: Any) -> None:
        """Know a worker that is about to collect."""
        self._pending[node] = []

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """Know the tests of a worker."""
        self._collected[node] = collection
        self._unsent[node] = list(range(len(collection)))
        self._waiting.append(node)
        self._count(sum(map(len, self._collected.values())))

    def schedule(self) -> None:
        """Begin with as many of the files that wait as may run at once."""
        while self._waiting and len(self._running) < self._at_once:
            node = self._waiting.pop(0)
            self._running.add(node)
            for _ in range(_AHEAD):
                self._send(node)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:  # noqa: ARG002
        """Send the next test to a worker that has run one."""
        self._pending[node].remove(item_index)
        self._send(node)

    def mark_test_pending(self, item: str) -> None:
        """Refuse to run a test that crashed its worker again: its process is gone."""
        raise RuntimeError(f"{item} cannot be run again: the process of its file is gone.")

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """Refuse to move tests: no worker may run those of another."""
        raise RuntimeError(f"No worker may run the tests {[*indices]} of {node}, or of any other.")

    def remove_node(self, node: Any) -> str | None:
        """Forget a worker; give the test during which it crashed, if it did."""
        self._open.discard(node.gateway.spec.one_file)
        self._running.discard(node)
        if node in self._waiting:
            self._waiting.remove(node)
        pending = self._pending.pop(node)
        self.schedule()
        if not pending:  # what was never sent is nobody's fault: the run was ended
            return None
        crashed, *self.lost = (
            self._collected[node][index] for index in [*pending, *self._unsent[node]]
        )
        return crashed

    def is_running(self, node: Any) -> bool:
        """Whether a worker has a test to blame, should it crash."""
        return bool(self._pending.get(node))

    def _send(self, node: Any) -> None:
        if node.shutting_down:
            return
        if self._unsent[node]:
            self._pending[node].append(self._unsent[node].pop(0))
            node.send_runtest_some(self._pending[node][-1:])
        else:
            node.shutdown()
