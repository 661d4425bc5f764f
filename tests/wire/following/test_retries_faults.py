"""If the target fails, a redirected call ends like a direct one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from wire.aiobotocore_differences import aiohttp_sends_again, skip_if_sent_again
from wire.botocore_versions import MODES, retrying
from wire.conftest import moved, to
from wire.servers.raw import Raw, RawServer, response

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
FINE = response(200)


def error(status: int, code: str) -> bytes:
    return response(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())


FAULTS: dict[str, Raw] = {
    "500": response(500),
    "502": response(502),
    "503": response(503),
    "429": response(429),
    "SlowDown": error(503, "SlowDown"),
    "RequestTimeout": error(400, "RequestTimeout"),
    "ExpiredToken": error(400, "ExpiredToken"),
    "RequestTimeTooSkewed": error(403, "RequestTimeTooSkewed"),
    "NoSuchKey": error(404, "NoSuchKey"),
    "reset before the answer": "reset",
    "closed before the answer": "close",
    "half an error": response(500, b"<Error>", length=100),
    "nothing for longer than the read timeout": "silence",
}


pytestmark = pytest.mark.usefixtures("patched")


def outcome_of(client: Any, method: str) -> tuple[Any, ...]:
    """Return what a caller sees of a call, without hosts and hops."""
    try:
        if method == "PUT":
            response = client.put_object(Body=b"content", **KEY)
        else:
            response = client.list_objects_v2(Bucket="bkt")
        return ("done", response["ResponseMetadata"]["RetryAttempts"])
    except ClientError as failure:
        metadata = failure.response["ResponseMetadata"]
        said = failure.response["Error"].get("Code")
        return (type(failure).__name__, said, metadata["HTTPStatusCode"], metadata["RetryAttempts"])
    except BotoCoreError as failure:
        return (type(failure).__name__,)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fault", "times", "method"),
    [(fault, 1, "LIST") for fault in FAULTS]
    # Read timeouts are slow, so one is enough.
    + [(fault, 5, "PUT") for fault in FAULTS if not fault.startswith("nothing")],
)
def test_outcome_and_attempts_are_those_of_a_direct_call(
    serve: Serve,
    make_client: MakeClient,
    fault: str,
    times: int,
    method: str,
    mode: str,
    aiobotocore: str | None,
) -> None:
    skip_if_sent_again(aiobotocore, fault)
    options = {"retries": retrying(mode, 2), "read_timeout": 30}
    if fault.startswith("nothing"):
        options["read_timeout"] = 0.3
    script = [FAULTS[fault]] * times + [FINE]
    with RawServer(*script) as alone, RawServer(*script) as target:
        direct = outcome_of(make_client(alone.url, **options), method)
        gateway = serve(moved(target.url))
        redirected = outcome_of(make_client(gateway.url, **options), method)
    assert redirected == direct
    assert len(target.requests) == len(alone.requests)
    # Each retry started at the gateway.
    assert len(gateway.received) == len(alone.requests)


@pytest.mark.parametrize("mode", MODES)
def test_a_dead_target_costs_as_many_attempts_as_a_dead_endpoint(
    serve: Serve, make_client: MakeClient, mode: str
) -> None:
    with RawServer() as dead:
        pass
    options = {"retries": retrying(mode, 2)}
    gateway = serve(moved(dead.url))
    direct = outcome_of(make_client(dead.url, **options), "LIST")
    assert outcome_of(make_client(gateway.url, **options), "LIST") == direct
    assert direct == ("EndpointConnectionError",)
    assert len(gateway.received) == 3


@aiohttp_sends_again
def test_the_requests_on_the_wire_are_one_plus_the_retries_and_the_hops(
    serve: Serve, make_client: MakeClient
) -> None:
    with RawServer("reset", response(503), FINE) as target:
        gateway = serve(to(f"{target.url}/bkt/key"))
        client = make_client(gateway.url, retries={"max_attempts": 3})
        metadata = client.head_object(**KEY)["ResponseMetadata"]
        sent = len(gateway.received) + len(target.requests)
    assert sent == 1 + metadata["RetryAttempts"] + len(metadata["Redirects"])


def test_a_body_that_breaks_off_while_the_caller_reads_it_breaks_off_as_a_direct_one(
    serve: Serve, make_client: MakeClient
) -> None:
    script = [response(200, b"half", length=100)]
    seen = []
    with RawServer(*script) as alone, RawServer(*script) as target:
        gateway = serve(to(f"{target.url}/bkt/key"))
        for url in (alone.url, gateway.url):
            body = make_client(url).get_object(**KEY)["Body"]
            with pytest.raises(Exception) as failure:  # noqa: PT011  # botocore's, whichever it is
                body.read()
            seen.append(type(failure.value))
    assert seen[0] is seen[1]
