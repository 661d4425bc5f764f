"""Only trusted hosts get the TLS certificate of a client."""

from __future__ import annotations

import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import SSLError
from urllib3.connection import HTTPSConnection

from wire.aiobotocore_differences import about_urllib3
from wire.conftest import answer, to
from wire.connections.test_proxy import Proxy
from wire.servers.tls import CLIENT_CERTIFICATE, Client, asking_context, resolve_examples, url

if TYPE_CHECKING:
    from botocore_redirect.testing import Gateway
    from wire.conftest import Serve

pytest_plugins = ["wire.tls_fixtures"]
pytestmark = pytest.mark.usefixtures("patched")

KEY = {"Bucket": "bkt", "Key": "key"}
GATEWAY, TRUSTED, STRANGER = "s3.store.example", "node1.store.example", "stranger.example"
PRESIGNED = "?X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
THREADS = 8


class Asking:
    """A server that asks for a certificate; `shown` has one item for each connection."""

    def __init__(self, serve: Serve, *script: Any) -> None:
        context, self.shown = asking_context()
        self.server: Gateway = serve(*script, ssl_context=context)

    def at(self, host: str, tail: str = "/bkt/key") -> str:
        return url(self.server, host) + tail


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_examples(monkeypatch)


@pytest.fixture
def connect_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep threads from loading a certificate into a TLS context that others use to connect.

    Stock urllib3 has them do so. The connection then fails, or the process ends.
    """
    connect, lock = HTTPSConnection.connect, threading.Lock()

    def connect_alone(self: Any) -> None:
        with lock:
            connect(self)

    monkeypatch.setattr(HTTPSConnection, "connect", connect_alone)


def with_certificate(client: Client, gateway: Asking, **options: Any) -> Any:
    options.setdefault("client_cert", CLIENT_CERTIFICATE)
    return client(gateway.at(GATEWAY, ""), **options)


@pytest.mark.parametrize("certificate", [CLIENT_CERTIFICATE, (CLIENT_CERTIFICATE,) * 2])
@pytest.mark.parametrize(
    ("host", "tail", "shown"),
    [
        (TRUSTED, "", True),
        (TRUSTED, PRESIGNED, True),
        (STRANGER, "", False),
        (STRANGER, PRESIGNED, False),
    ],
)
def test_a_certificate_is_shown_where_the_target_is_trusted(
    serve: Serve, client: Client, certificate: Any, host: str, tail: str, shown: bool
) -> None:
    target = Asking(serve, answer(200, b"content"))
    gateway = Asking(serve, to(target.at(host) + tail))
    s3 = with_certificate(client, gateway, client_cert=certificate)
    for _ in range(3):
        assert s3.get_object(**KEY)["Body"].read() == b"content"
    assert (gateway.shown, target.shown) == ([True], [shown])  # one connection each


def test_a_write_to_a_presigned_url_of_a_stranger_shows_no_certificate(
    serve: Serve, client: Client
) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER) + PRESIGNED))
    with_certificate(client, gateway).put_object(**KEY, Body=b"content")
    assert target.server.received[0].body == b"content"
    assert (gateway.shown, target.shown) == ([True], [False])


def test_after_a_stranger_no_host_gets_the_certificate(serve: Serve, client: Client) -> None:
    home = Asking(serve, answer(200, b"content"))
    stranger = Asking(serve, to(home.at(TRUSTED)))
    gateway = Asking(serve, to(stranger.at(STRANGER)), to(home.at(TRUSTED)))
    s3 = with_certificate(client, gateway)
    s3.get_object(**KEY)
    assert (gateway.shown, stranger.shown, home.shown) == ([True], [False], [False])
    s3.get_object(**KEY)  # straight to the target
    assert (gateway.shown, stranger.shown, home.shown) == ([True], [False], [False, True])


@pytest.mark.usefixtures("connect_one_at_a_time")
def test_many_threads_show_no_certificate_to_a_stranger(serve: Serve, client: Client) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    s3 = with_certificate(client, gateway)
    with ThreadPoolExecutor(THREADS) as pool:
        for call in [pool.submit(s3.head_object, **KEY) for _ in range(4 * THREADS)]:
            call.result()
    assert len(target.server.received) == 4 * THREADS
    assert set(gateway.shown) == {True}
    assert set(target.shown) == {False}
    assert len(target.shown) <= THREADS


def test_a_stranger_behind_a_proxy_gets_no_certificate(serve: Serve, client: Client) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    with Proxy() as proxy:
        s3 = with_certificate(client, gateway, proxies={"https": proxy.url})
        for _ in range(3):
            s3.head_object(**KEY)
        assert (gateway.shown, target.shown) == ([True], [False])
        assert len(proxy.tunnels) == 2
        for manager in getattr(s3._endpoint.http_session, "_proxy_managers", {}).values():
            manager.clear()  # ends the tunnels


@about_urllib3
def test_connections_to_strangers_are_closed_with_the_client(serve: Serve, client: Client) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    s3 = with_certificate(client, gateway)
    s3.head_object(**KEY)
    assert _open_pools(s3) == 2
    session = s3._endpoint.http_session
    getattr(session, "close", session._manager.clear)()  # old releases have no close()
    assert _open_pools(s3) == 0
    s3.head_object(**KEY)
    assert target.shown == [False, False]


def _replace_session(s3: Any, session: Any) -> None:
    if hasattr(session, "__aenter__"):
        s3._loop.run(session.__aenter__())
    s3._endpoint.http_session = session


def _open_pools(s3: Any) -> int:
    return len(s3._endpoint.http_session._manager.pools)


def test_a_stranger_is_verified_as_configured(serve: Serve, client: Client) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at("another.example")))
    s3 = with_certificate(client, gateway)
    with pytest.raises(SSLError):
        s3.head_object(**KEY)
    assert not target.server.received


def test_a_client_without_a_certificate_has_no_second_set_of_connections(
    serve: Serve, client: Client
) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)), to(target.at(STRANGER) + PRESIGNED))
    s3 = with_certificate(client, gateway, client_cert=None)
    before = set(vars(s3._endpoint.http_session))
    s3.head_object(**KEY)
    s3.head_object(**KEY)
    assert target.shown == [False]
    assert not [name for name in set(vars(s3._endpoint.http_session)) - before if "bare" in name]


def test_the_certificate_of_a_replaced_session_is_not_shown_to_a_stranger(
    serve: Serve, client: Client
) -> None:
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    s3 = with_certificate(client, gateway, client_cert=None)
    kind, verify = type(s3._endpoint.http_session), s3._endpoint.http_session._verify
    _replace_session(s3, kind(verify=verify, client_cert=CLIENT_CERTIFICATE))
    s3.head_object(**KEY)
    assert (gateway.shown, target.shown) == ([True], [False])


def test_a_session_class_with_its_own_tls_context_shows_no_certificate_to_a_stranger(
    serve: Serve, client: Client
) -> None:
    """A context does not reveal its certificate, so the context of botocore is used."""
    target = Asking(serve, answer())
    gateway = Asking(serve, to(target.at(STRANGER)))
    s3 = with_certificate(client, gateway, client_cert=None)
    session = s3._endpoint.http_session

    class OwnContext(type(session)):  # type: ignore[misc]  # a base that is only known now
        def _get_ssl_context(self) -> ssl.SSLContext:
            context: ssl.SSLContext = super()._get_ssl_context()
            context.load_cert_chain(CLIENT_CERTIFICATE)
            return context

    _replace_session(s3, OwnContext(verify=session._verify))
    s3.head_object(**KEY)
    assert (gateway.shown, target.shown) == ([True], [False])
