"""A redirected call equals the direct call, for every status, operation, Location and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect import RedirectPolicy, RedirectRefused
from botocore_redirect.testing import Gateway, Received, Redirect
from wire.aiobotocore_differences import skip_if_broken_at_once
from wire.conftest import NOWHERE, to
from wire.object_keys.operations import GET, HEAD, LIST, OPERATIONS, PUT, Operation
from wire.servers.names import resolve_everything
from wire.signatures import sigv4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire.conftest import Follow, MakeClient, Serve

# Headers that differ between requests or between hosts.
VOLATILE = frozenset(
    ("authorization", "host", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request")
)


pytestmark = pytest.mark.usefixtures("patched")


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    return resolve_everything(monkeypatch)


@pytest.fixture(scope="module")
def target() -> Iterator[Gateway]:
    with Gateway(NOWHERE, expect="late") as server:
        yield server


@pytest.fixture(scope="module")
def gateway(target: Gateway) -> Iterator[Gateway]:
    with Gateway(NOWHERE, target=target.url) as server:
        yield server


@pytest.fixture(autouse=True)
def forgetful(target: Gateway, gateway: Gateway) -> None:
    target.clear()
    gateway.clear()


def what_arrived(received: Received) -> dict[str, Any]:
    fields = {name.lower(): value for name, value in received.raw_headers}
    return {
        "method": received.method,
        "target": received.target,
        "body": received.body,
        "fields": {name: value for name, value in fields.items() if name not in VOLATILE},
    }


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_redirected_call_sends_and_returns_what_the_direct_call_does(
    make_client: MakeClient, gateway: Gateway, target: Gateway, operation: Operation, status: int
) -> None:
    gateway.rule = Redirect(status)
    target.rule = operation.answer()
    redirected = make_client(gateway.url)
    if status == 303 and not operation.reads:
        with pytest.raises(RedirectRefused, match="303") as refusal:
            operation.call(redirected)
        assert refusal.value.reason == "see-other"
        assert (len(gateway.received), len(target.received)) == (1, 0)
        return
    expected = operation.call(make_client(target.url))
    assert operation.call(redirected) == expected
    direct, followed = target.received
    assert what_arrived(followed) == what_arrived(direct)
    assert [sigv4.mismatch(each) for each in target.received] == [None, None]
    (asked,) = gateway.received
    assert asked.body_bytes == 0 or "Expect" not in asked.headers


# Some of these tests are about the spelling of a path, not about its meaning.
ANY_PATH = RedirectPolicy(rewrites=True)

# Location -> target of the second request; {t} is host and port of the target, {p} its port.
AT_THE_TARGET = {
    "http://{t}/bkt/key": "/bkt/key",
    "HTTP://LocalHost:{p}/bkt/key": "/bkt/key",
    "http://[::1]:{p}/bkt/key": "/bkt/key",
    "http://store/bkt/key": "/bkt/key",
    "http://store:80/bkt/key": "/bkt/key",
    "http://store:/bkt/key": "/bkt/key",
    "//{t}/bkt/key": "/bkt/key",
    "//{t}": "/",
    "http://{t}?pid=1": "/?pid=1",
    "http://{t}/bkt/key?pid=t%5B1%5D&utm=1717&vpams=&x": "/bkt/key?pid=t%5B1%5D&utm=1717&vpams=&x",
    "http://{t}/bkt/key?b=2&a=1&a=0": "/bkt/key?b=2&a=1&a=0",
    "http://{t}/bkt/key?u=a%2fb%2B%c3%a9": "/bkt/key?u=a%2Fb%2B%C3%A9",
    "http://{t}/bkt/key?u=na\u00efve": "/bkt/key?u=na%C3%AFve",
    "http://{t}/bkt/key?a=b c": "/bkt/key?a=b%20c",
    "http://{t}/bkt/key#part?of#it": "/bkt/key",
    "http://{t}/bkt/key?a=1#part": "/bkt/key?a=1",
    "http://{t}/s3/%c3%afx%C3%AF": "/s3/%C3%AFx%C3%AF",
    "http://{t}/s3/\u65e5\u672c": "/s3/%E6%97%A5%E6%9C%AC",
    "http://{t}/s3/a b": "/s3/a%20b",
    "http://{t}/s3/a+b": "/s3/a%2Bb",
    "http://{t}/s3/a%2Bb": "/s3/a%2Bb",
    "http://{t}/s3/semi;colon": "/s3/semi%3Bcolon",
    "http://{t}/s3/%7Eme/%61": "/s3/~me/a",
    "http://{t}/s3/a/../b/./c": "/s3/a/../b/./c",
    "http://{t}/s3//a//": "/s3//a//",
    "http://{t}//bkt/key": "//bkt/key",
    "http://{t}/s3/100%": "/s3/100%25",
}
AT_THE_GATEWAY = {
    "/other/key": "/other/key",
    "/other/key?a=1": "/other/key?a=1",
    "other": "/bkt/other",
    "./other": "/bkt/other",
    "../b2/other": "/b2/other",
    "../../../other": "/other",
    "a b/c": "/bkt/a%20b/c",
    "key?pid=1": "/bkt/key?pid=1",
    "key:1": "/bkt/key%3A1",
    "?pid=1": "/bkt/key?pid=1",
    "..": "/",
}
# botocore signs the text of a query as it is, so a server that canonicalizes it cannot verify the
# signature. The query arrives unchanged all the same.
AS_IT_STANDS = {
    "http://{t}/bkt/key?u=a/b:c@d,e;f": "/bkt/key?u=a/b:c@d,e;f",
    "http://{t}/bkt/key?u=a+b&v=$!*'()": "/bkt/key?u=a+b&v=$!*'()",
    # Not every store takes an escaped slash for a slash, so it is kept.
    "http://{t}/s3/a%2Fb": "/s3/a%2Fb",
}


@pytest.mark.parametrize("operation", [GET, PUT], ids=str)
@pytest.mark.parametrize("form", [*AT_THE_TARGET, *AS_IT_STANDS])
def test_an_absolute_location_is_requested_to_the_byte(
    make_client: MakeClient,
    follow: Follow,
    gateway: Gateway,
    target: Gateway,
    ports: dict[int, int],
    operation: Operation,
    form: str,
    aiobotocore: str | None,
) -> None:
    if aiobotocore and "::1" in form:
        pytest.skip("asyncio does not use what leads this address to the target")
    port = int(target.url.rpartition(":")[2])
    ports[80] = port
    location = form.format(t=f"localhost:{port}", p=port)
    gateway.rule = to(location)
    target.rule = operation.answer()
    operation.call(follow(make_client(gateway.url), ANY_PATH))
    (arrived,) = target.received
    assert (arrived.method, arrived.target) == (
        gateway.received[0].method,
        {**AT_THE_TARGET, **AS_IT_STANDS}[form],
    )
    assert arrived.body == operation.arguments.get("Body", b"")
    assert arrived.headers["Host"] == (
        "store" if "//store" in form else f"[::1]:{port}" if "::1" in form else f"localhost:{port}"
    )
    if form not in AS_IT_STANDS:
        assert sigv4.mismatch(arrived) is None


@pytest.mark.parametrize("operation", [GET, PUT], ids=str)
@pytest.mark.parametrize("form", AT_THE_GATEWAY)
def test_a_relative_location_is_requested_from_the_same_server(
    make_client: MakeClient, follow: Follow, serve: Serve, operation: Operation, form: str
) -> None:
    server = serve(to(form), operation.answer())
    operation.call(follow(make_client(server.url), ANY_PATH))
    _, arrived = server.received
    assert arrived.target == AT_THE_GATEWAY[form]
    assert arrived.body == operation.arguments.get("Body", b"")
    assert sigv4.mismatch(arrived) is None


def closing(body: bytes, *headers: tuple[str, str]) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    return body, (*headers, ("Connection", "close"))


CHUNKED = ("Transfer-Encoding", "chunked")
XML = ("Content-Type", "application/xml")
REDIRECT_BODIES: dict[str, tuple[bytes, tuple[tuple[str, str], ...]]] = {
    "empty": (b"", ()),
    "html": (b'<a href="http://elsewhere/">Temporary Redirect</a>.\n\n', ()),
    "html of nginx": (b"<html>\r\n<body>\r\n<center>307</center><hr></body>\r\n</html>\r\n", ()),
    "xml of S3": (
        b"<Error><Code>TemporaryRedirect</Code><Endpoint>elsewhere.net</Endpoint></Error>",
        (XML,),
    ),
    "json": (b'{"code": 307, "location": "http://elsewhere/"}', ()),
    "garbage of 1 MiB": (bytes(range(256)) * 4096, ()),
    "chunked": (b"5\r\nhello\r\n0\r\n\r\n", (CHUNKED,)),
    "cut short": closing(b"<Error>", ("Content-Length", "999")),
    "cut short in a chunk": closing(b"5\r\nhe", CHUNKED),
    "chunks that are none": closing(b"once upon a time\r\n", CHUNKED),
    "xml that is no error": (b"<x><ResponseMetadata/></x>", (XML,)),
    "xml with an empty error": (b"<x><Error/></x>", (XML,)),
    "xml with a text for an error": (b"<x><Error>text</Error></x>", (XML,)),
}


@pytest.mark.parametrize("operation", [GET, HEAD, PUT, LIST], ids=str)
@pytest.mark.parametrize("kind", REDIRECT_BODIES)
def test_redirects_are_followed_without_a_retry_whatever_their_bodies(
    make_client: MakeClient,
    serve: Serve,
    gateway: Gateway,
    target: Gateway,
    operation: Operation,
    kind: str,
    aiobotocore: str | None,
) -> None:
    skip_if_broken_at_once(aiobotocore, kind)
    body, headers = REDIRECT_BODIES[kind]
    middle = serve(Redirect(308, body=body, headers=headers), target=target.url)
    gateway.rule = Redirect(
        307, lambda received: middle.url + received.target, body=body, headers=headers
    )
    target.rule = operation.answer()
    expected = operation.call(make_client(target.url))
    assert operation.call(make_client(gateway.url, retries={"max_attempts": 3})) == expected
    assert [len(each.received) for each in (gateway, middle, target)] == [1, 1, 2]
    assert sigv4.mismatch(target.received[-1]) is None
