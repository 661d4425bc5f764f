"""Redirects cost no retries: the attempts are those of a direct call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import Gateway
from wire.botocore_versions import MODES, retrying
from wire.conftest import NOWHERE, answer, to

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}


pytestmark = pytest.mark.usefixtures("patched")


@pytest.fixture(params=MODES)
def three_attempts(request: pytest.FixtureRequest) -> dict[str, Any]:
    return retrying(request.param, 2)


@pytest.mark.parametrize("status", [500, 503])
def test_a_redirect_costs_no_attempt(
    serve: Serve, make_client: MakeClient, three_attempts: dict[str, Any], status: int
) -> None:
    target = serve(answer(status), answer(status), answer(200, b"content"))
    gateway = serve(to(f"{target.url}/bkt/key"))
    got = make_client(gateway.url, retries=three_attempts).get_object(**KEY)
    assert got["ResponseMetadata"]["RetryAttempts"] == 2
    assert len(got["ResponseMetadata"]["Redirects"]) == 3
    assert len(gateway.received) == len(target.received) == 3


def test_a_gateway_that_fails_first_is_retried_and_then_followed(
    serve: Serve, make_client: MakeClient, three_attempts: dict[str, Any]
) -> None:
    target = serve(answer())
    gateway = serve(answer(503), answer(503), to(f"{target.url}/bkt/key"))
    got = make_client(gateway.url, retries=three_attempts).get_object(**KEY)
    assert got["ResponseMetadata"]["RetryAttempts"] == 2
    assert len(got["ResponseMetadata"]["Redirects"]) == 1


def test_a_retry_starts_at_the_gateway_which_may_name_another_target(
    serve: Serve, make_client: MakeClient, three_attempts: dict[str, Any]
) -> None:
    with Gateway(NOWHERE) as dead:
        pass
    alive = serve(answer(200, b"content"))
    gateway = serve(to(f"{dead.url}/bkt/key"), to(f"{alive.url}/bkt/key"))
    got = make_client(gateway.url, retries=three_attempts).get_object(**KEY)
    assert got["Body"].read() == b"content"
    assert got["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(gateway.received) == 2


def test_a_retry_that_the_gateway_answers_itself_still_lists_the_hop_before(
    serve: Serve, make_client: MakeClient, three_attempts: dict[str, Any]
) -> None:
    target = serve(answer(503))
    gateway = serve(to(f"{target.url}/bkt/key"), answer(200, b"content"))
    metadata = make_client(gateway.url, retries=three_attempts).head_object(**KEY)[
        "ResponseMetadata"
    ]
    assert (metadata["RetryAttempts"], len(metadata["Redirects"])) == (1, 1)
