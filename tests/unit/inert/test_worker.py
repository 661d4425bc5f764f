"""One side of the comparison: what it does to its process, and to its clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from inert import handlers, inputs, worker
from inert.clients import ADAPTIVE, Clients
from inert.clock import MOMENT


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make this process the unpatched side, until the test has ended."""
    monkeypatch.setattr(worker, "_side", [])
    worker.begin(patched=False, name="none")
    (made,) = worker._side
    with made._stack:
        yield made


def test_a_fault_of_the_comparison_itself_is_no_outcome(
    begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> NoReturn:
        raise KeyError("x")

    assert begun
    monkeypatch.setattr(inputs, "of", broken)
    with pytest.raises(worker.HarnessError, match="sts: KeyError: 'x'"):
        worker.run(worker.Task("sts", 99))


def test_the_time_of_a_side_stands_still(begun: Any) -> None:
    assert begun
    assert time.time() == MOMENT.timestamp()


def test_a_client_with_adaptive_retries_has_its_tokens_watched(
    begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[Any] = []
    monkeypatch.setattr(begun.clock, "watch", watched.append)
    made = Clients(begun.session, "sts", begun.clock)
    client = made.of(ADAPTIVE)
    assert watched == [handlers.limiter(client)]


def test_the_connections_of_a_service_are_closed_after_it(
    begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    make = Clients._make

    def kept(*args: Any) -> Any:
        made.append(make(*args))
        return made[-1]

    monkeypatch.setattr(Clients, "_make", kept)
    monkeypatch.setattr(begun, "expect_itself", print)  # other tests are in this process, too
    worker.run(worker.Task("sts", 99))
    pools = [client._endpoint.http_session._manager.pools for client in made]
    assert pools
    assert not [*filter(len, pools)]
