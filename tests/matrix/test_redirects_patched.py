"""The patch is in force and everything redirects: results and storage are those without either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import Redirect
from matrix.behaviour import Behaviour
from matrix.behaviours import BEHAVIOURS, OF_EACH_METHOD, ONLINE
from matrix.control import observe_in_a_fresh_process
from matrix.isolation import Quadrant
from matrix.scenes import IN_PROCESS, staged

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

QUADRANT = Quadrant(patched=True, redirects=True)

# These say where the request is, not what it asks for, and are made anew for each target.
_OF_THE_PLACE = {"host", "x-amz-date", "authorization", "amz-sdk-request"}


@pytest.fixture(scope="module")
def control(kind: str, backend: str) -> dict[str, Any]:
    return observe_in_a_fresh_process(kind, backend)


@pytest.mark.parametrize(
    ("status", "behaviour"),
    [(307, behaviour) for behaviour in BEHAVIOURS]
    + [(status, behaviour) for status in (301, 302, 308) for behaviour in OF_EACH_METHOD],
    ids=str,
)
def test_results_storage_and_requests_are_those_of_stock_botocore_without_redirects(
    status: int, behaviour: Behaviour, store_kind: str, backend: str, control: dict[str, Any]
) -> None:
    with staged(store_kind, behaviour, Redirect(status), backend) as stage:
        seen = stage.observe()
        assert seen.result == control[behaviour.name]["result"]
        assert seen.stored == control[behaviour.name]["stored"]
        assert _asked(seen.wire) == _asked(control[behaviour.name]["wire"])


@pytest.mark.parametrize("behaviour", ONLINE, ids=str)
def test_a_redirect_is_two_requests_and_its_body_is_sent_once(
    behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(), backend) as stage:
        stage.act()
        assert _lines(stage.at_gateway) == _lines(stage.at_target)
        if store_kind != IN_PROCESS:  # without a socket nothing waits for 100 Continue
            waited = [request for request in stage.at_gateway if request.headers["Expect"]]
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
