"""The patch is in force and everything redirects: results and storage are those without either."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

import pytest

from botocore_redirect.testing import Redirect
from matrix.behaviour import Behaviour
from matrix.behaviours import BEHAVIOURS, OF_EACH_METHOD, ONLINE
from matrix.control import Observations
from matrix.isolation import Quadrant
from matrix.scenes import IN_PROCESS, Observation, staged

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

QUADRANT = Quadrant(patched=True, redirects=True)

# These say where the request is, not what it asks for, and are made anew for each target.
_OF_THE_PLACE = {"host", "x-amz-date", "authorization", "amz-sdk-request"}


@dataclass(frozen=True)
class Seen:
    """A behaviour that was redirected: what it did, and what gateway and target received."""

    observation: Observation
    at_gateway: list[Received]
    at_target: list[Received]


Watch = Callable[[int, Behaviour, str, str], Seen]


@pytest.fixture(scope="module")
def watched() -> Watch:
    """Redirect each behaviour once, and let every test look at the same."""

    @functools.cache
    def watch(status: int, behaviour: Behaviour, kind: str, backend: str) -> Seen:
        with staged(kind, behaviour, Redirect(status), backend) as stage:
            return Seen(stage.observe(), stage.at_gateway, stage.at_target)

    return watch


@pytest.mark.parametrize(
    ("status", "behaviour"),
    [(307, behaviour) for behaviour in BEHAVIOURS]
    + [(status, behaviour) for status in (301, 302, 308) for behaviour in OF_EACH_METHOD],
    ids=str,
)
def test_results_storage_and_requests_are_those_of_stock_botocore_without_redirects(
    status: int,
    behaviour: Behaviour,
    store_kind: str,
    backend: str,
    control: Observations,
    watched: Watch,
) -> None:
    seen = watched(status, behaviour, store_kind, backend).observation
    assert seen.result == control[behaviour.name]["result"]
    assert seen.stored == control[behaviour.name]["stored"]
    assert _asked(seen.wire) == _asked(control[behaviour.name]["wire"])


@pytest.mark.parametrize("behaviour", ONLINE, ids=str)
def test_a_redirect_is_two_requests_and_its_body_is_sent_once(
    behaviour: Behaviour, store_kind: str, backend: str, watched: Watch
) -> None:
    seen = watched(307, behaviour, store_kind, backend)
    assert seen.at_gateway
    assert _lines(seen.at_gateway) == _lines(seen.at_target)
    if store_kind != IN_PROCESS:  # without a socket nothing waits for 100 Continue
        waited = [request for request in seen.at_gateway if request.headers["Expect"]]
        assert [request.body_bytes for request in waited] == [0] * len(waited)


def _asked(wire: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        dict(
            request,
            headers=[pair for pair in request["headers"] if pair[0].lower() not in _OF_THE_PLACE],
        )
        for request in wire
    ]


def _lines(requests: list[Received]) -> list[tuple[str, str]]:
    return [(request.method, request.target) for request in requests]
