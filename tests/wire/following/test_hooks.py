"""Event handlers: per request on the wire, or once per call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.history import get_global_history_recorder

from wire.aiobotocore_differences import calls_endpoint, hook_answers
from wire.botocore_versions import TokenBucket, needs_adaptive_mode
from wire.conftest import answer, moved, to

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
# Signing is the first handler of request-created.
PER_REQUEST = ["before-sign", "request-created", "before-send", "response-received"]


pytestmark = pytest.mark.usefixtures("patched")


def test_events_of_a_call_are_emitted_once_and_those_of_a_request_for_each(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(503), answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    client = make_client(gateway.url, retries={"max_attempts": 1})
    seen: list[str] = []
    for event in ["before-call", *PER_REQUEST, "needs-retry", "after-call"]:
        client.meta.events.register(
            f"{event}.s3", lambda event_name, **_: seen.append(event_name.split(".")[0])
        )
    client.head_object(**KEY)
    attempt = PER_REQUEST * 2 + ["needs-retry"]
    assert seen == ["before-call", *attempt, *attempt, "after-call"]


def test_handlers_see_the_target_and_their_headers_arrive_there(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    client = make_client(gateway.url)
    urls: list[str] = []

    def add(request: Any, **_: Any) -> None:
        urls.append(request.url)
        request.headers["x-trace"] = f"trace-{len(urls)}"

    client.meta.events.register("before-sign.s3", add)
    client.head_object(**KEY)
    assert urls == [f"{gateway.url}/bkt/key", f"{target.url}/bkt/key"]
    received = [*gateway.received, *target.received]
    assert [request.headers["x-trace"] for request in received] == ["trace-1", "trace-2"]
    assert all("x-trace" in request.headers["Authorization"] for request in received)


@hook_answers
def test_the_target_can_be_answered_by_a_hook(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(500))
    gateway = serve(to(f"{target.url}/bkt/key"))
    client = make_client(gateway.url)

    class Empty:
        def stream(self) -> list[bytes]:
            return []

    def mock(request: Any, **_: Any) -> Any:
        if request.url.startswith(target.url):
            return AWSResponse(request.url, 200, {"x-by": "hook"}, Empty())
        return None

    client.meta.events.register("before-send.s3", mock)
    metadata = client.head_object(**KEY)["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["x-by"] == "hook"
    assert len(metadata["Redirects"]) == len(gateway.received) == 1
    assert not target.received


@hook_answers
def test_a_redirect_from_a_handler_is_followed_each_time(
    serve: Serve, make_client: MakeClient
) -> None:
    target, gateway = serve(answer()), serve(answer(500))
    client = make_client(gateway.url)

    class Empty:
        def stream(self) -> list[bytes]:
            return []

    mocked = AWSResponse(gateway.url, 307, {"Location": f"{target.url}/bkt/key"}, Empty())
    client.meta.events.register(
        "before-send.s3",
        lambda request, **_: mocked if request.url.startswith(gateway.url) else None,
    )
    for calls in (1, 2):
        client.head_object(**KEY)
        assert len(target.received) == calls


@calls_endpoint
def test_a_request_without_an_operation_is_created_as_without_the_patch(
    serve: Serve, make_client: MakeClient
) -> None:
    client = make_client(serve(answer()).url)
    made: list[Any] = []
    client.meta.events.register("before-call.s3", lambda params, **_: made.append(params))
    client.list_buckets()
    made[0]["context"].pop("signing", None)
    request = client._endpoint.create_request(made[0])
    assert request.url == made[0]["url"]


def test_needs_retry_sees_only_the_answer_of_the_target(
    serve: Serve, make_client: MakeClient
) -> None:
    target = serve(answer(503))
    client = make_client(serve(to(f"{target.url}/bkt/key")).url, retries={"max_attempts": 1})
    asked: list[tuple[int, int]] = []
    client.meta.events.register(
        "needs-retry.s3",
        lambda response, attempts, **_: asked.append((attempts, response[0].status_code)),
    )
    with pytest.raises(client.exceptions.ClientError):
        client.head_object(**KEY)
    assert asked == [(1, 503), (2, 503)]


def test_the_history_has_each_request_and_each_answer(
    serve: Serve, make_client: MakeClient
) -> None:
    class Handler:
        def emit(self, event_type: str, payload: Any, _source: Any) -> None:
            if event_type == "HTTP_REQUEST":
                recorded.append(payload["url"])
            if event_type == "HTTP_RESPONSE":
                recorded.append(payload["status_code"])

    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    recorded: list[Any] = []
    recorder = get_global_history_recorder()
    recorder.add_handler(Handler())
    recorder.enable()
    try:
        make_client(gateway.url).head_object(**KEY)
    finally:
        recorder.disable()
        recorder._handlers.pop()
    assert recorded == [f"{gateway.url}/bkt/key", 307, f"{target.url}/bkt/key", 200]


@calls_endpoint
@needs_adaptive_mode
@pytest.mark.parametrize("hops", [0, 1, 3])
def test_adaptive_mode_takes_one_token_an_attempt_however_many_hops(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, hops: int
) -> None:
    taken: list[int] = []
    # Below the patch, which wraps `acquire`.
    original = TokenBucket._acquire

    def counted(self: Any, amount: int, block: bool) -> Any:
        taken.append(amount)
        return original(self, amount, block)

    monkeypatch.setattr(TokenBucket, "_acquire", counted)
    target = serve(answer(503, b"<Error><Code>SlowDown</Code></Error>"), answer())
    url = target.url
    for _ in range(hops):
        url = serve(moved(url)).url
    client = make_client(url, retries={"mode": "adaptive", "max_attempts": 1})
    client.list_objects_v2(Bucket="bkt")  # throttling starts the limiter
    client.list_objects_v2(Bucket="bkt")
    assert taken == [1, 1]
