"""No secret reaches a stranger, and no secret or query a log line or an error."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import RedirectError, RedirectPolicy, RedirectRefused
from botocore_redirect.testing import Redirect
from wire.conftest import answer, moved, to
from wire.servers.tls import KEY_ID, SSE_C, TOKEN, Client, names, seen_by, url

if TYPE_CHECKING:
    from wire.conftest import Follow, Serve

pytest_plugins = ["wire.tls_fixtures"]

KEY = {"Bucket": "bkt", "Key": "key"}
GATEWAY = "s3.store.example"
SECRET = "hush-hush"  # part of each secret


pytestmark = pytest.mark.usefixtures("patched")


def _add_secrets(s3: Any) -> None:
    """Add secrets with all handlers that can."""

    def parameters(params: dict[str, Any], **_: object) -> None:
        params["RequestPayer"] = f"{SECRET}-1"

    def before_call(params: dict[str, Any], **_: object) -> None:
        params["headers"]["X-Before-Call"] = f"{SECRET}-2"
        params["headers"]["Cookie"] = f"{SECRET}-3"
        params["headers"]["Authorization-Of-The-Proxy"] = f"{SECRET}-4"

    def request(request: Any, **_: object) -> None:
        request.headers["X-On-Request"] = f"{SECRET}-5"

    events = s3.meta.events
    events.register("before-parameter-build.s3", parameters)
    events.register("before-call.s3", before_call)
    events.register("before-sign.s3", request)
    events.register("request-created.s3", request)


_ALWAYS = {"host", "accept-encoding", "user-agent"}
_WITH_SECRETS = {"x-amz-request-payer", "x-before-call", "cookie", "x-on-request"}


@pytest.mark.parametrize("operation", ["get_object", "head_object", "list_objects_v2"])
def test_a_stranger_sees_no_header_that_a_hook_added(
    serve_tls: Serve, client: Client, operation: str
) -> None:
    stranger = serve_tls(answer())
    gateway = serve_tls(moved(url(stranger, "stranger.example")))
    s3 = client(url(gateway, GATEWAY))
    _add_secrets(s3)
    getattr(s3, operation)(Bucket="bkt", **({} if "list" in operation else {"Key": "key"}))
    assert names(gateway.received[0]) >= _WITH_SECRETS
    assert names(stranger.received[0]) == _ALWAYS
    assert SECRET not in seen_by(stranger)
    assert TOKEN not in seen_by(stranger)


def test_a_trusted_target_sees_what_the_gateway_saw(serve_tls: Serve, client: Client) -> None:
    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, 'node1.store.example')}/bkt/key"))
    s3 = client(url(gateway, GATEWAY))
    _add_secrets(s3)
    s3.get_object(**KEY, **SSE_C)
    assert names(target.received[0]) == names(gateway.received[0]) >= _WITH_SECRETS
    assert "x-amz-server-side-encryption-customer-key" in names(target.received[0])


def test_a_stranger_sees_what_a_read_needs(serve_tls: Serve, client: Client) -> None:
    stranger = serve_tls(answer(206, b"tent"))
    gateway = serve_tls(to(f"{url(stranger, 'stranger.example')}/bkt/key"))
    s3 = client(url(gateway, GATEWAY))
    s3.get_object(**KEY, Range="bytes=3-", IfMatch='"etag"')
    received = stranger.received[0]
    assert received.headers["Range"] == "bytes=3-"
    assert received.headers["If-Match"] == '"etag"'
    assert names(received) == _ALWAYS | {"range", "if-match"}


_WRITES = [
    ("put_object", {"Body": b"content"}),
    ("delete_object", {}),
    ("copy_object", {"CopySource": "bkt/other"}),
    ("create_multipart_upload", {}),
    ("delete_objects", {"Delete": {"Objects": [{"Key": "key"}]}}),
    ("get_object", SSE_C),
    ("head_object", SSE_C),
]


@pytest.mark.parametrize(("operation", "more"), _WRITES, ids=lambda value: str(value)[:20])
def test_a_call_that_needs_a_secret_is_refused_with_a_policy_that_allows_it(
    serve_tls: Serve, client: Client, operation: str, more: dict[str, Any]
) -> None:
    stranger = serve_tls(answer())
    origin = url(stranger, "stranger.example")
    gateway = serve_tls(Redirect(307, lambda asked: f"{origin}{asked.path}?{asked.query}&{SECRET}"))
    s3 = client(url(gateway, GATEWAY))
    parameters = {"Bucket": "bkt"} if operation == "delete_objects" else KEY
    with pytest.raises(RedirectRefused) as refused:
        getattr(s3, operation)(**parameters, **more)
    assert refused.value.reason == "untrusted"
    name = "".join(word.capitalize() for word in operation.split("_"))
    message = str(refused.value)
    for text in (
        f"calling the {name} operation",
        GATEWAY,
        "stranger.example",
        "policy does not trust",
    ):
        assert text in message
    assert "RedirectPolicy(trust='stranger.example') allows it" in message
    assert stranger.connections == 0


def test_the_policy_that_the_message_suggests_works(
    serve_tls: Serve, client: Client, follow: Follow
) -> None:
    target = serve_tls(answer())
    gateway = serve_tls(to(f"{url(target, 'stranger.example')}/bkt/key"))
    s3 = follow(client(url(gateway, GATEWAY)), RedirectPolicy(trust="stranger.example"))
    s3.put_object(**KEY, Body=b"content", **SSE_C)
    assert "x-amz-server-side-encryption-customer-key" in names(target.received[0])


def test_a_before_send_handler_sees_the_target_and_acts_last(
    serve_tls: Serve, client: Client
) -> None:
    """It acts last, also on requests to strangers, which is its own decision."""
    stranger = serve_tls(answer())
    gateway = serve_tls(to(f"{url(stranger, 'stranger.example')}/bkt/key"))
    s3 = client(url(gateway, GATEWAY))
    sent = []

    def hook(request: Any, **_: object) -> None:
        sent.append((request.url, dict(request.headers)))
        request.headers["X-Added-Last"] = "value"

    s3.meta.events.register("before-send.s3", hook)
    s3.get_object(**KEY)
    assert names(stranger.received[0]) == _ALWAYS | {"x-added-last"}
    assert [to_url for to_url, _ in sent] == [
        f"{url(gateway, GATEWAY)}/bkt/key",
        f"{url(stranger, 'stranger.example')}/bkt/key",
    ]
    assert ["Authorization" in headers for _, headers in sent] == [True, False]


_QUERY = f"token={SECRET}"
_LOCATIONS = {
    "untrusted": f"https://stranger.example/bkt/key?{_QUERY}#{SECRET}",
    "downgrade": f"http://s3.store.example/bkt/key?{_QUERY}",
    "private": f"https://169.254.169.254/bkt/key?{_QUERY}",
    "other operation": f"https://s3.store.example/bkt/other?acl&x-amz-{SECRET}",
    "presigned": f"https://s3.store.example/bkt/key?X-Amz-Signature={SECRET}",
    "userinfo": f"https://user:{SECRET}@stranger.example/bkt/key",
    "userinfo without slashes": f"https:user:{SECRET}@stranger.example/bkt/key",
    "userinfo with one slash": f"https:/user:{SECRET}@stranger.example/bkt/key",
    "userinfo with a slash in it": f"https://user:a/{SECRET}@stranger.example/bkt/key",
    "scheme": f"ftp://user:{SECRET}@stranger.example/bkt/key?{_QUERY}",
    "no host": f"https:///bkt/key?{_QUERY}",
    "port": f"https://stranger.example:0/bkt?{_QUERY}",
    "two": f"https://a.example/bkt/key?{_QUERY}, https://b.example/bkt/key?{_QUERY}",
    "encoded": f"/bkt/key?a=%20{SECRET}",
    "relative": f"?{_QUERY}",
    "fragment": f"#{SECRET}",
}


def _printed(error: RedirectError, caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that a user may print of an error and of our log."""
    again = pickle.loads(pickle.dumps(error))
    parts = [str(each) + repr(each) + repr(vars(each)) for each in (error, again)]
    parts += traceback.format_exception(type(error), error, error.__traceback__)
    parts += [
        record.getMessage() + repr(record.args)
        for record in caplog.records
        if record.name.startswith("botocore_redirect")
    ]
    return "\n".join(parts)


@pytest.mark.parametrize("location", _LOCATIONS.values(), ids=_LOCATIONS.keys())
@pytest.mark.parametrize("hops", [0, 1])
def test_neither_the_log_nor_an_error_contains_a_secret(
    serve_tls: Serve,
    client: Client,
    follow: Follow,
    caplog: pytest.LogCaptureFixture,
    location: str,
    hops: int,
) -> None:
    first = last = serve_tls(to(location))
    if hops:
        first = serve_tls(to(f"{url(last, 'node1.store.example')}/bkt/key?{_QUERY}#{SECRET}"))
    limit = 0 if location.startswith("https://s3") else hops + 1
    s3 = follow(client(url(first, GATEWAY)), RedirectPolicy(max_hops=limit))
    with caplog.at_level(logging.DEBUG), pytest.raises(RedirectError) as refused:
        s3.put_object(**KEY, Body=b"content", **SSE_C)
    text = _printed(refused.value, caplog)
    assert len([r for r in caplog.records if r.name == "botocore_redirect"]) >= min(hops, limit)
    for secret in (SECRET, TOKEN, KEY_ID, SSE_C["SSECustomerKey"], "Signature"):
        assert secret not in text
