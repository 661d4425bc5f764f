"""A failing target is an error of botocore, without the query of its URL."""

from __future__ import annotations

import io
import pickle
import socket
import traceback
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions

from wire.aiobotocore_differences import skip_if_sent_again
from wire.conftest import answer, to
from wire.servers.raw import Raw, RawServer
from wire.servers.tls import CA, Client, resolve_examples, url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import MakeClient, Serve

pytest_plugins = ["wire.tls_fixtures"]
pytestmark = pytest.mark.usefixtures("patched")

KEY = {"Bucket": "bkt", "Key": "key"}
SECRET = "hush-hush"
QUERIES = {
    "signed": f"token={SECRET}&a=b",
    "presigned": f"X-Amz-SignedHeaders=host&X-Amz-Signature={SECRET}%2F%3D",
}
queries = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port of this machine without a listener."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port of this machine whose queue of connections is full."""
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def printed(error: BaseException) -> str:
    """Return everything that a traceback or a debugger may print of an error."""
    seen: list[BaseException] = []
    left: list[Any] = [error]
    while left:
        each = left.pop()
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            left += [each.__cause__, each.__context__, *each.args, *vars(each).values()]
            left += vars(each).get("kwargs", {}).values()
    parts = [f"{each!r} {each} {each.args!r} {vars(each)!r}" for each in seen]
    parts += [repr(vars(request)) for each in seen if (request := getattr(each, "request", None))]
    return "\n".join([*parts, *traceback.format_exception(type(error), error, None)])


def failure_of(client: Any, kind: str) -> Any:
    with pytest.raises(getattr(exceptions, kind)) as failure:
        client.get_object(**KEY)
    assert type(failure.value) is getattr(exceptions, kind)
    return failure.value


def is_picklable(error: BaseException) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except (TypeError, AttributeError, pickle.PicklingError):
        return False
    return True


BREAKING: dict[str, tuple[Raw, str]] = {
    "closed": ("close", "ConnectionClosedError"),
    "reset": ("reset", "ConnectionClosedError"),
    "no HTTP": (b"nonsense\r\n\r\n", "ConnectionClosedError"),
    "silent": ("silence", "ReadTimeoutError"),
}


@queries
@pytest.mark.parametrize("fault", BREAKING)
def test_a_target_that_breaks_off(
    serve: Serve, make_client: MakeClient, query: str, fault: str, aiobotocore: str | None
) -> None:
    script, kind = BREAKING[fault]
    skip_if_sent_again(aiobotocore, fault)
    options: dict[str, Any] = {"read_timeout": 0.2} if fault == "silent" else {}
    with RawServer(script) as target:
        gateway = serve(to(f"{target.url}/bkt/key?{query}"))
        error = failure_of(make_client(gateway.url, **options), kind)
        direct = failure_of(make_client(target.url, **options), kind)
        assert [query in head.decode() for head, _ in target.requests] == [True, False]
    assert SECRET not in printed(error)
    assert f"{target.url}/bkt/key" in printed(error)
    assert str(error).replace(target.url, "") == str(direct).replace(target.url, "")
    assert is_picklable(error) == is_picklable(direct)


@queries
@pytest.mark.parametrize("retries", [0, 2])
def test_a_target_that_does_not_listen(
    serve: Serve, make_client: MakeClient, query: str, retries: int, dead_port: int
) -> None:
    gateway = serve(to(f"http://127.0.0.1:{dead_port}/bkt/key?{query}"))
    client = make_client(gateway.url, retries={"max_attempts": retries})
    error = failure_of(client, "EndpointConnectionError")
    assert SECRET not in printed(error)
    assert error.kwargs["endpoint_url"] == f"http://127.0.0.1:{dead_port}/bkt/key"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert len(gateway.received) == 1 + retries  # each retry asks the gateway anew


@queries
def test_a_target_that_does_not_accept_in_time(
    serve: Serve, make_client: MakeClient, query: str, full_port: int
) -> None:
    gateway = serve(to(f"http://127.0.0.1:{full_port}/bkt/key?{query}"))
    error = failure_of(make_client(gateway.url, connect_timeout=0.1), "ConnectTimeoutError")
    assert SECRET not in printed(error)
    assert f"http://127.0.0.1:{full_port}/bkt/key" in str(error)


@queries
def test_a_target_without_an_address(
    serve: Serve, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    resolve_examples(monkeypatch)
    gateway = serve(to(f"http://nobody.store.test/bkt/key?{query}"))
    assert SECRET not in printed(failure_of(make_client(gateway.url), "EndpointConnectionError"))


@queries
def test_a_target_with_a_certificate_for_another_name(
    serve_tls: Serve, client: Client, query: str
) -> None:
    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, 'node1.rack1.store.example')}/bkt/key?{query}"))
    error = failure_of(client(url(gateway, "s3.store.example")), "SSLError")
    assert SECRET not in printed(error)
    assert "/bkt/key" in str(error)
    assert not target.received


@queries
def test_a_proxy_that_does_not_listen(
    serve: Serve, make_client: MakeClient, query: str, dead_port: int
) -> None:
    gateway = serve(to(f"https://127.0.0.1:1/bkt/key?{query}"))
    proxies = {"https": f"http://127.0.0.1:{dead_port}"}
    s3 = make_client(gateway.url, verify=CA, proxies=proxies)
    assert SECRET not in printed(failure_of(s3, "ProxyConnectionError"))


def test_a_stranger_that_does_not_listen(serve_tls: Serve, client: Client, dead_port: int) -> None:
    gateway = serve_tls(to(f"https://stranger.example:{dead_port}/bkt/key?token={SECRET}"))
    s3 = client(url(gateway, "s3.store.example"))
    assert SECRET not in printed(failure_of(s3, "EndpointConnectionError"))


def test_an_error_that_a_hook_of_the_user_raises(serve: Serve, make_client: MakeClient) -> None:
    gateway = serve(to(f"/bkt/key?token={SECRET}"))
    client = make_client(gateway.url)

    def refuse(request: Any, **_: object) -> None:
        if "?" in request.url:
            raise LookupError([request.url], request, 5) from OSError(f"not {request.url}")

    client.meta.events.register("before-send.s3", refuse)
    with pytest.raises(LookupError) as failure:
        client.get_object(**KEY)
    assert SECRET not in printed(failure.value)
    assert failure.value.args[0] == [f"{gateway.url}/bkt/key"]
    assert failure.value.args[2] == 5


def test_an_error_without_a_hop_keeps_its_query(make_client: MakeClient, dead_port: int) -> None:
    client = make_client(f"http://127.0.0.1:{dead_port}")
    with pytest.raises(exceptions.EndpointConnectionError, match=r"list-type=2"):
        client.list_objects_v2(Bucket="bkt")


def test_an_error_of_the_gateway_after_a_hop_keeps_its_query(
    serve: Serve, make_client: MakeClient
) -> None:
    with RawServer("close") as target:
        gateway = serve(to(f"{target.url}/bkt/?list-type=2&encoding-type=url"))
        client = make_client(gateway.url, retries={"max_attempts": 1})

        def end(request: Any, **_: object) -> None:
            if target.requests and request.url.startswith(gateway.url):
                gateway.close()

        client.meta.events.register("before-send.s3", end)
        with pytest.raises(exceptions.BotoCoreError, match=r"list-type=2") as failure:
            client.list_objects_v2(Bucket="bkt")
    assert gateway.url in str(failure.value)


def test_the_body_in_an_error_is_unchanged(serve: Serve, make_client: MakeClient) -> None:
    body = io.BytesIO(b"content")
    with RawServer("close") as target:
        gateway = serve(to(f"{target.url}/bkt/key?{QUERIES['presigned']}"))
        with pytest.raises(exceptions.ConnectionClosedError) as failure:
            make_client(gateway.url).put_object(**KEY, Body=body)
    assert failure.value.request.method == "PUT"
    assert failure.value.request.url == f"{target.url}/bkt/key"
    assert SECRET not in printed(failure.value)
