"""What is made of answers and objects that are not as aiohttp has them."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from asynchronous.clients import KEY, opened, run
from botocore_redirect.aio import aiohttp_client, revocable_body, sessions
from botocore_redirect.aio.redirect_answer import RedirectAnswer
from botocore_redirect.attempt.redaction import remove_query
from botocore_redirect.transport.head import Head
from wire.conftest import answer

if TYPE_CHECKING:
    from wire.conftest import Serve


def test_a_body_that_cannot_be_read_is_none() -> None:
    class Broken:
        def read_nowait(self, _: int) -> bytes:
            raise ConnectionError

    found = aiohttp_client._read_what_has_arrived(SimpleNamespace(content=Broken()))
    assert found == (b"", False)


def test_an_answer_without_a_connection_has_none_to_close() -> None:
    for connection in ({}, {"connection": None}):
        aiohttp_client._close_after_answer(SimpleNamespace(**connection))


def test_header_bytes_that_are_no_utf_8_can_be_decoded() -> None:
    fields = (("location", "/\xe9"), ("server", "\xc3\xa9"))
    found = RedirectAnswer("http://h/", Head(307, fields, early=False, body=b"", complete=True))
    assert found.raw_headers == [(b"location", "/\xe9".encode()), (b"server", b"\xc3\xa9")]


def test_a_revocable_file_is_the_file_until_it_is_revoked(tmp_path: Any) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with path.open("rb") as file:
        body = revocable_body.revocable(file)
        assert (body.fileno(), body.name) == (file.fileno(), str(path))
        assert (body.readable(), body.seek(2), body.tell(), body.read()) == (True, 2, 2, b"ntent")
        body.close()
        assert not file.closed
        run(revocable_body.revoke(body))
        with pytest.raises(revocable_body.BodyRevoked):
            body.read()
    for other in (b"x", io.BytesIO(), None):
        assert revocable_body.revocable(other) is other
        run(revocable_body.revoke(other))
        revocable_body.stop(other)


def test_a_client_that_verifies_nothing_does_not_at_a_stranger_either() -> None:
    import ssl  # noqa: PLC0415  # for its name of it

    context = sessions._bare_context(SimpleNamespace(_verify=False))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_the_objects_of_both_back_ends_lose_the_query_of_an_error() -> None:
    import aiohttp  # noqa: PLC0415  # beside its only use
    from yarl import URL  # noqa: PLC0415  # as above

    url = "http://h/bkt/key?X-Amz-Signature=secret"
    info = aiohttp.RequestInfo(URL(url), "GET", {}, URL(url))
    error = aiohttp.ClientResponseError(info, ())
    remove_query(error, url)
    assert "secret" not in repr(vars(error))
    assert error.request_info.url == URL("http://h/bkt/key")


def test_a_request_of_httpx_in_an_error_loses_its_query() -> None:
    httpx = pytest.importorskip("httpx2", reason="aiobotocore before 2.23 has no httpx")
    url = "http://h/bkt/key?X-Amz-Signature=secret"
    error = httpx.ReadError("broken", request=httpx.Request("GET", url))
    remove_query(error, url)
    assert "secret" not in f"{error.request!r}{vars(error)!r}"
    assert str(error.request.url) == "http://h/bkt/key"


@pytest.mark.usefixtures("patched")
def test_a_request_without_an_operation_is_created_as_without_the_patch(serve: Serve) -> None:
    async def main() -> None:
        async with opened(serve(answer()).url) as client:
            made: list[Any] = []
            client.meta.events.register("before-call.s3", lambda params, **_: made.append(params))
            await client.head_object(**KEY)
            request = await client._endpoint.create_request(made[0])
            assert not hasattr(request, "botocore_redirect_params")

    run(main())


@pytest.mark.usefixtures("patched")
@pytest.mark.parametrize("service", ["s3", "kms"])
def test_an_error_while_an_answer_is_parsed_is_raised(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    from aiobotocore import endpoint  # noqa: PLC0415  # beside its only use

    async def broken(*_: Any) -> None:
        raise RuntimeError("cannot be parsed")

    monkeypatch.setattr(endpoint, "convert_to_response_dict", broken)

    async def main() -> None:
        async with opened(serve(answer(), verify=False).url, service, s3=None) as client:
            call = client.list_buckets if service == "s3" else client.list_keys
            with pytest.raises(RuntimeError, match="cannot be parsed"):
                await call()

    run(main())
