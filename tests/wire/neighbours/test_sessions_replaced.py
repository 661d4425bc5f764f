"""Replaced sessions and methods are used, but never show a certificate to a stranger."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from botocore_redirect import RedirectRefused
from wire.conftest import answer, to
from wire.connections.test_client_certificate import (
    GATEWAY,
    KEY,
    PRESIGNED,
    STRANGER,
    TRUSTED,
    Asking,
    with_certificate,
)
from wire.servers.tls import Client, resolve_examples

if TYPE_CHECKING:
    from wire.conftest import Follow, Serve

pytest_plugins = ["wire.tls_fixtures"]

Replace = Callable[[Any, list[str]], None]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_examples(monkeypatch)


def _send_of_the_session(endpoint: Any, seen: list[str]) -> None:
    session = endpoint.http_session
    original = session.send

    def send(request: Any) -> Any:
        seen.append(request.url)
        return original(request)

    session.send = send


def _method_of_the_endpoint(name: str) -> Replace:
    def replace(endpoint: Any, seen: list[str]) -> None:
        original = getattr(endpoint, name)

        def method(self: Any, request: Any, *more: Any) -> Any:
            assert self is endpoint
            seen.append(request.url)
            return original(request, *more)

        setattr(endpoint, name, MethodType(method, endpoint))

    return replace


class OtherSession:
    """A session that has only the method of botocore's."""

    __slots__ = ("_seen", "_session")

    def __init__(self, session: Any, seen: list[str]) -> None:
        self._session, self._seen = session, seen

    def send(self, request: Any) -> Any:
        self._seen.append(request.url)
        return self._session.send(request)


def _session(endpoint: Any, seen: list[str]) -> None:
    endpoint.http_session = OtherSession(endpoint.http_session, seen)


class SessionWithCertificate(OtherSession):
    def __init__(self, session: Any, seen: list[str]) -> None:
        super().__init__(session, seen)
        self._cert_file = session._cert_file


def _session_with_a_certificate(endpoint: Any, seen: list[str]) -> None:
    endpoint.http_session = SessionWithCertificate(endpoint.http_session, seen)


REPLACEMENTS: dict[str, Replace] = {
    "URLLib3Session.send": _send_of_the_session,
    "Endpoint._send": _method_of_the_endpoint("_send"),
    "Endpoint._do_get_response": _method_of_the_endpoint("_do_get_response"),
    "Endpoint._get_response": _method_of_the_endpoint("_get_response"),
    "session": _session,
    "session with a certificate": _session_with_a_certificate,
}
replacements = pytest.mark.parametrize("replace", REPLACEMENTS.values(), ids=REPLACEMENTS)


class Replaced:
    """A client with a replaced part, its gateway, and its target."""

    def __init__(self, serve: Serve, client: Client, follow: Follow) -> None:
        self._serve, self._client, self._follow = serve, client, follow
        self.seen: list[str] = []

    def client(
        self, host: str, replace: Replace, *, certificate: bool = True, tail: str = ""
    ) -> Any:
        self.target = Asking(self._serve, answer())
        self.gateway = Asking(self._serve, to(self.target.at(host) + tail))
        options = {} if certificate else {"client_cert": None}
        s3 = with_certificate(self._client, self.gateway, **options)
        replace(s3._endpoint, self.seen)
        return self._follow(s3)


@pytest.fixture
def replaced(serve: Serve, client: Client, follow: Follow) -> Replaced:
    return Replaced(serve, client, follow)


@replacements
@pytest.mark.parametrize("tail", ["", PRESIGNED])
def test_a_stranger_is_refused_rather_than_shown_the_certificate(
    replaced: Replaced, replace: Replace, tail: str
) -> None:
    s3 = replaced.client(STRANGER, replace, tail=tail)
    with pytest.raises(RedirectRefused, match="TLS certificate") as refused:
        s3.head_object(**KEY)
    assert refused.value.reason == "certificate"
    assert "RedirectPolicy(trust='stranger.example')" in str(refused.value)
    assert "Signature" not in str(refused.value)
    assert replaced.target.server.connections == 0
    assert replaced.seen == [replaced.gateway.at(GATEWAY)]


@replacements
def test_a_replacement_sends_to_a_trusted_target(replaced: Replaced, replace: Replace) -> None:
    replaced.client(TRUSTED, replace).head_object(**KEY)
    assert replaced.seen == [replaced.gateway.at(GATEWAY), replaced.target.at(TRUSTED)]
    assert (replaced.gateway.shown, replaced.target.shown) == ([True], [True])


@replacements
def test_a_replacement_sends_to_a_stranger_without_a_certificate(
    replaced: Replaced, replace: Replace
) -> None:
    replaced.client(STRANGER, replace, certificate=False).head_object(**KEY)
    assert replaced.seen == [replaced.gateway.at(GATEWAY), replaced.target.at(STRANGER)]
    assert (replaced.gateway.shown, replaced.target.shown) == ([False], [False])


def test_a_test_double_of_a_session_is_used(client: Client, follow: Follow) -> None:
    s3 = follow(client(f"https://{GATEWAY}"))
    s3._endpoint.http_session = double = mock.Mock(spec=URLLib3Session)
    double.send.side_effect = [
        _response(307, location=f"https://{STRANGER}/bkt/key"),
        _response(200, etag='"e"'),
    ]
    assert s3.head_object(**KEY)["ETag"] == '"e"'


def _response(status: int, **headers: str) -> Any:
    raw = mock.Mock()
    raw.stream.return_value = []
    return AWSResponse("", status, headers, raw)
