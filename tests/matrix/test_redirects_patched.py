"""The patch is in force and everything redirects: results and storage are those without either."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from botocore_redirect.testing import Redirect
from matrix.contract.all_behaviours import OF_EACH_METHOD, OF_S3, ONLINE, USING_OTHER_SERVICES
from matrix.contract.behaviour import Behaviour
from matrix.contract.needs import SENDS_BODIES_AT_ONCE
from matrix.harness.control import Observations
from matrix.harness.settings import IN_PROCESS
from matrix.harness.stage import Observation, Stage, as_data, others_redirect, staged

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

pytestmark = pytest.mark.quadrant(patched=True, redirects=True)

# These say where the request is, not what it asks for, and are made anew for each target.
_OF_THE_PLACE = {"host", "x-amz-date", "authorization", "amz-sdk-request"}


def _named(*names: str) -> list[Behaviour]:
    return [behaviour for behaviour in OF_S3 if behaviour.name in names]


@dataclass(frozen=True)
class RedirectedRun:
    """A behaviour that was redirected: what it did, and what gateway and target received."""

    observation: Observation
    at_gateway: list[Received]
    at_target: list[Received]


RunRedirected = Callable[[int, Behaviour, str, str], RedirectedRun]


@pytest.fixture(scope="module")
def run_redirected() -> RunRedirected:
    """Redirect each behaviour once, and let every test look at the same."""

    @functools.cache
    def run(status: int, behaviour: Behaviour, kind: str, backend: str) -> RedirectedRun:
        with staged(kind, behaviour, Redirect(status), backend) as stage:
            return RedirectedRun(stage.observe(), stage.at_gateway, stage.at_target)

    return run


@pytest.mark.parametrize(
    ("status", "behaviour"),
    [(307, behaviour) for behaviour in OF_S3]
    + [(status, behaviour) for status in (301, 302, 308) for behaviour in OF_EACH_METHOD],
    ids=str,
)
def test_results_storage_and_requests_are_those_of_stock_botocore_without_redirects(
    status: int,
    behaviour: Behaviour,
    store_kind: str,
    backend: str,
    control: Observations,
    run_redirected: RunRedirected,
) -> None:
    seen = run_redirected(status, behaviour, store_kind, backend).observation
    assert seen.result == control[behaviour.name]["result"]
    assert seen.stored == control[behaviour.name]["stored"]
    assert _asked(seen.wire) == _asked(control[behaviour.name]["wire"])


@pytest.mark.parametrize("behaviour", ONLINE, ids=str)
def test_a_redirect_is_two_requests_and_its_body_is_sent_once(
    behaviour: Behaviour, store_kind: str, backend: str, run_redirected: RunRedirected
) -> None:
    seen = run_redirected(307, behaviour, store_kind, backend)
    redirected = [request for request in seen.at_gateway if request.redirected]
    assert redirected
    assert _lines(behaviour, redirected) == _lines(behaviour, seen.at_target)
    assert behaviour.uses_other_services or redirected == seen.at_gateway
    # Without a socket nothing waits for 100 Continue, either.
    if store_kind not in (IN_PROCESS, SENDS_BODIES_AT_ONCE):
        waited = [request for request in seen.at_gateway if request.headers["Expect"]]
        assert [request.body_bytes for request in waited] == [0] * len(waited)


@pytest.mark.parametrize("workload", USING_OTHER_SERVICES, ids=str)
def test_redirects_of_other_services_end_in_the_exception_of_stock_botocore(
    workload: Behaviour, store_kind: str, backend: str, failures: Observations
) -> None:
    with staged(store_kind, workload, others_redirect, backend) as stage:
        assert as_data(stage.observe_failure()) == failures[workload.name]
        assert not stage.at_target


#: No client that follows redirects follows many more: this is what browsers do.
_ENOUGH = 20


@pytest.mark.parametrize("behaviour", _named("get_object", "put_object"), ids=str)
def test_a_redirect_loop_ends_in_an_error_after_a_few_requests(
    behaviour: Behaviour, store_kind: str, backend: str
) -> None:
    with staged(store_kind, behaviour, Redirect(), backend) as stage:
        stage.store.redirect(_here(stage))
        with pytest.raises((ClientError, BotoCoreError)):
            stage.act()
        assert 0 < len(stage.at_gateway) <= _ENOUGH
        assert not stage.at_target
        assert stage.stored() == behaviour.before


@pytest.mark.parametrize("times", [0, 3])
def test_redirects_are_not_paid_from_the_budget_of_retries(
    times: int, store_kind: str, backend: str
) -> None:
    """A store may answer 'again, here' for a moment, and then 'there'."""
    (behaviour,) = _named("get_object")
    with staged(store_kind, behaviour, Redirect(), backend) as stage:
        answers = iter([_here(stage)] * times)
        stage.store.redirect(lambda _: next(answers, Redirect()))
        answer = stage.clients.s3.get_object(Bucket=stage.bucket, Key="key")
        assert answer["Body"].read() == b"content"
        assert len(stage.at_gateway) == times + 1
        assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def _here(stage: Stage) -> Redirect:
    return Redirect(location=lambda received: f"{stage.clients.url}{received.target}")


def _asked(wire: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        dict(
            request,
            headers=[pair for pair in request["headers"] if pair[0].lower() not in _OF_THE_PLACE],
        )
        for request in wire
    ]


def _lines(behaviour: Behaviour, requests: list[Received]) -> list[tuple[str, str]]:
    lines = [(request.method, request.target) for request in requests]
    return sorted(lines) if behaviour.in_any_order else lines
