"""The number of pools that sessions keep, changed by several threads."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.transport import pools

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 60


class Pools:
    """The pools of a manager, which a second thread uses while the first one reads their number."""

    def __init__(self, interrupt: Any) -> None:
        self.size = 10
        self.lock = threading.RLock()
        self._container: dict[object, object] = {}
        self._interrupts = [interrupt]

    @property
    def _maxsize(self) -> int:
        if self._interrupts:
            self._interrupts.pop()()
        return self.size

    @_maxsize.setter
    def _maxsize(self, size: int) -> None:
        self.size = size


class Manager:
    def __init__(self, interrupt: Any) -> None:
        self.pools: Any = SimpleNamespace(_maxsize=10)  # `make_room` looks whether there is one
        self.pools = Pools(interrupt)


@pytest.fixture(autouse=True)
def _patched() -> Iterator[None]:
    pools.allow_more()
    yield
    pools.restore_sizes()


def test_two_threads_that_enlarge_a_session_at_once_remember_its_own_size() -> None:
    other = threading.Thread(target=lambda: pools.make_room(session))

    def interrupt() -> None:
        other.start()
        other.join(0.2)  # it has to wait for the first thread

    manager = Manager(lambda: None)
    session = SimpleNamespace(_manager=manager)
    manager.pools._interrupts = [interrupt, lambda: None]
    pools.make_room(session)
    other.join(WAIT)
    assert manager.pools.size > 10
    pools.restore_sizes()
    assert manager.pools.size == 10


def test_a_session_is_not_enlarged_once_the_patch_has_gone() -> None:
    manager = Manager(pools.restore_sizes)
    pools.make_room(SimpleNamespace(_manager=manager))
    assert manager.pools.size == 10
