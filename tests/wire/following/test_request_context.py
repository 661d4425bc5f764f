"""The context of a request, such as its read timeout, applies to its hops."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError

from wire.conftest import answer, to
from wire.servers.raw import RawServer
from wire.servers.tls import resolve_examples

if TYPE_CHECKING:
    from wire.conftest import MakeClient, Serve

pytestmark = [
    pytest.mark.usefixtures("patched"),
    pytest.mark.skipif(
        "context" not in inspect.signature(AWSPreparedRequest).parameters,
        reason="requests of this botocore have no context",
    ),
]

KEY = {"Bucket": "bkt", "Key": "key"}
HOPS = {
    "signed": "http://node1.store.example:{port}/bkt/key",
    "presigned": "http://node1.store.example:{port}/bkt/key?X-Amz-Signature=abc",
    "presigned by a stranger": "http://stranger.example:{port}/bkt/key?X-Amz-Signature=abc",
    "anonymous": "http://stranger.example:{port}/bkt/key",
}
hops = pytest.mark.parametrize("sent", HOPS)


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_examples(monkeypatch)


def with_context(client: Any, **items: object) -> Any:
    """Add items to the context of each call of a client."""

    def add(context: Any, **_: object) -> None:
        context.update(items)

    client.meta.events.register("before-parameter-build.s3", add)
    return client


def endpoint(port: Any) -> str:
    return f"http://s3.store.example:{port}"


@hops
def test_a_read_timeout_for_one_request_ends_a_hop_as_it_ends_a_direct_call(
    serve: Serve, make_client: MakeClient, sent: str, aiobotocore: str | None
) -> None:
    with RawServer("silence") as slow:
        gateway = serve(to(HOPS[sent].format(port=slow.port)))
        _, _, port = gateway.url.rpartition(":")
        for url in (endpoint(slow.port), endpoint(port)):
            client = with_context(make_client(url, read_timeout=15), read_timeout=0.2)
            with pytest.raises(ReadTimeoutError) as failure:
                client.get_object(**KEY)
            if not aiobotocore:  # its errors do not say how long that was
                assert "(read timeout=0.2)" in str(failure.value.kwargs["error"])
        assert len(slow.requests) == 2


@hops
def test_the_context_of_a_call_is_the_context_of_its_requests(
    serve: Serve, make_client: MakeClient, sent: str
) -> None:
    target = serve(answer())
    _, _, port = target.url.rpartition(":")
    gateway = serve(to(HOPS[sent].format(port=port)))
    _, _, port = gateway.url.rpartition(":")
    mark = object()
    client = with_context(make_client(endpoint(port)), mark=mark)
    seen = []
    client.meta.events.register(
        "before-send.s3", lambda request, **_: seen.append(request.context["mark"])
    )
    client.get_object(**KEY)
    assert seen == [mark, mark]
