"""httpx, the other back end: what it does with redirects, and with the connections they came on."""

from __future__ import annotations

import importlib.util
import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from asynchronous.clients import KEY, content, opened, run
from botocore_redirect import RedirectPolicy
from botocore_redirect.testing import Redirect
from wire.conftest import answer, moved, to

if TYPE_CHECKING:
    from wire.conftest import Serve

if importlib.util.find_spec("httpx2") is None:
    pytest.skip("aiobotocore before 2.23 has no httpx", allow_module_level=True)

from aiobotocore.httpxsession import HttpxSession

pytestmark = pytest.mark.usefixtures("patched")

HTTPX = {"http_session_cls": HttpxSession}
BODY = b"x" * 100_000
NOT_FOUND = b"<Error><Code>NoSuchBucket</Code></Error>"


def test_calls_are_followed(serve: Serve) -> None:
    target = serve(answer(200, b"content"), answer())
    gateway = serve(moved(target.url))

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            assert await content(client) == b"content"
            await client.put_object(Body=io.BytesIO(BODY), **KEY)

    run(main())
    assert [each.body for each in target.received] == [b"", BODY]


@pytest.mark.parametrize("location", ["http://[::1/bkt/key", "http://h:port/bkt/key"])
def test_a_malformed_location_is_our_error_not_one_of_httpx(serve: Serve, location: str) -> None:
    gateway = serve(to(location))

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            with pytest.raises(botocore_redirect.InvalidLocation):
                await content(client)

    run(main())
    assert len(gateway.received) == 1


def test_an_error_of_the_connection_is_that_of_stock_botocore(serve: Serve) -> None:
    with_error = serve(answer())
    with_error.close()

    async def main() -> None:
        async with opened(with_error.url, **HTTPX) as client:
            with pytest.raises(Exception, match="Could not connect"):
                await content(client)

    run(main())


@pytest.mark.parametrize("body", [b"<Error/>", b"x" * 100_000])
@pytest.mark.parametrize("upload", [False, True])
def test_the_body_of_a_redirect_without_location_is_read_within_a_limit(
    serve: Serve, body: bytes, upload: bool
) -> None:
    gateway = serve(Redirect(307, location=None, body=body))

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            call = client.put_object(Body=BODY, **KEY) if upload else client.list_buckets()
            with pytest.raises(botocore_redirect.InvalidLocation):
                await call

    run(main())


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize("framed", [False, True], ids=["by its length", "in chunks"])
@pytest.mark.parametrize("body", [NOT_FOUND, b""])
def test_an_error_answer_to_an_upload_costs_its_connection(
    serve: Serve, body: bytes, framed: bool
) -> None:
    """The server may not have read the body, and would take it for the next request."""
    headers = [("Transfer-Encoding", "chunked")] if framed else []
    error = answer(404, chunked(body) if framed else body, *headers)
    target = serve(error, answer(200, b"content"))
    gateway = serve(moved(target.url))

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            with pytest.raises(client.exceptions.ClientError) as failure:
                await client.put_object(Body=BODY, **KEY)
            expected = "NoSuchBucket" if body else "404"
            assert failure.value.response["Error"]["Code"] == expected

    run(main())


def test_an_error_answer_to_a_read_keeps_its_connection(serve: Serve) -> None:
    target = serve(answer(404, NOT_FOUND), answer(200, b"content"))
    gateway = serve(moved(target.url))

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            with pytest.raises(client.exceptions.ClientError):
                await content(client)
            assert await content(client) == b"content"

    run(main())
    assert (gateway.connections, target.connections) == (1, 1)


def test_a_body_that_breaks_off_hides_no_location(serve: Serve) -> None:
    target = serve(answer(200, b"content"))
    broken = (("Content-Length", "999"), ("Connection", "close"))
    gateway = serve(
        Redirect(307, location=f"{target.url}/bkt/key", body=b"<Error>", headers=broken)
    )

    async def main() -> None:
        async with opened(gateway.url, **HTTPX) as client:
            assert await content(client) == b"content"

    run(main())


def test_a_certificate_is_not_shown_to_a_stranger() -> None:
    from botocore_redirect.aio import sessions  # noqa: PLC0415  # the fixture patches first
    from botocore_redirect.rules.hop import Follow  # noqa: PLC0415  # as above

    def refusal(url: str, **options: Any) -> Any:
        class Endpoint:
            http_session = HttpxSession(**options)

        return sessions.refuse_to_show_certificate(
            Endpoint, Follow(url, "anonymous", trusted=False), {}, stranger=True
        )

    found = refusal("https://stranger.example/bkt/key", client_cert="cert.pem")
    assert (found.kind, found.reason) == ("RedirectRefused", "certificate")
    assert "RedirectPolicy(trust='stranger.example')" in found.why
    assert refusal("https://stranger.example/bkt/key") is None
    assert refusal("http://stranger.example/bkt/key", client_cert="cert.pem") is None


@pytest.mark.parametrize("status", [307, 200])
def test_an_error_that_httpx_makes_of_a_location_does_not_hide_the_redirect(status: int) -> None:
    """httpx 0.28 does; httpx2 does not."""
    from botocore_redirect.aio.httpx_client import HttpxClient  # noqa: PLC0415  # the fixture patches first

    class Client:
        async def send(self, request: Any) -> None:
            head = (b"HTTP/1.1", status, b"", [(b"location", b"http://[")])
            event = "http11.receive_response_headers.complete"
            await request.extensions["trace"](event, {"return_value": head})
            raise RuntimeError("Invalid URL in location header")

    class Sending(HttpxClient):
        """A session that is its own client."""

    async def main() -> Any:
        sending = Sending()
        sending.client_of_call = Client()
        sending.request_of_call = SimpleNamespace(
            url="http://127.0.0.1/bkt/key",
            botocore_redirect_patch=SimpleNamespace(policy=RedirectPolicy()),
        )
        return await sending.send(SimpleNamespace(extensions={}, url="http://127.0.0.1/bkt/key"))

    if status == 307:
        assert run(main()).headers["location"] == "http://["
    else:
        with pytest.raises(RuntimeError):
            run(main())
