"""Every kind of body is sent again completely."""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
from typing import TYPE_CHECKING, Any, Callable

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ParamValidationError

from botocore_redirect import RedirectRefused
from wire.aiobotocore_differences import hook_blocks, odd_stream
from wire.botocore_versions import VERSION
from wire.conftest import answer, moved, to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from botocore_redirect.testing import Received, Redirect
    from wire.conftest import MakeClient, Serve

KEY = {"Bucket": "bkt", "Key": "key"}
# Without it botocore before 1.36 reads the whole body, and it cannot read a stream twice.
MD5 = {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
CONTENT = bytes(range(256)) * 1000  # several blocks of every reader


pytestmark = pytest.mark.usefixtures("patched")


class OneWay:
    """A stream that cannot seek, and counts the bytes that were read."""

    def __init__(self, content: bytes) -> None:
        self._source = io.BytesIO(content)
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.count += len(block)
        return block

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(8192), b"")


def opened(directory: Path, at: int = 0) -> Any:
    path = directory / "content"
    path.write_bytes(b"head" * (at // 4) + CONTENT)
    file = path.open("rb")
    file.seek(at)
    return file


def spooled(limit: int) -> Any:
    file = tempfile.SpooledTemporaryFile(limit)  # noqa: SIM115  # the garbage collector closes it
    file.write(CONTENT)
    file.seek(0)
    return file


def buffer_at(at: int) -> io.BytesIO:
    buffer = io.BytesIO(b"head" * (at // 4) + CONTENT)
    buffer.seek(at)
    return buffer


MAKE: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda _: CONTENT,
    "bytearray": lambda _: bytearray(CONTENT),
    "BytesIO": lambda _: buffer_at(0),
    "BytesIO at an offset": lambda _: buffer_at(4),
    "file": opened,
    "file at an offset": lambda directory: opened(directory, 400),
    "spooled in memory": lambda _: spooled(10**6),
    "spooled on disk": lambda _: spooled(10),
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("expect", ["early", "late"])
def test_the_body_arrives_complete_through_two_gateways_and_a_retry(
    serve: Serve, make_client: MakeClient, tmp_path: Path, kind: str, expect: str
) -> None:
    target = serve(answer(503), answer())
    middle = serve(to(f"{target.url}/bkt/key"), expect=expect)
    gateway = serve(to(f"{middle.url}/bkt/key"), expect=expect)
    body = MAKE[kind](tmp_path)
    make_client(gateway.url, retries={"max_attempts": 1}).put_object(Body=body, **KEY)
    assert [request.body for request in target.received] == [CONTENT] * 2
    for request in (*gateway.received, *middle.received):
        # botocore sends a bytearray without Expect.
        unsent = expect == "early" and request.headers["Expect"] is not None
        assert request.body == (b"" if unsent else CONTENT)
        assert request.headers["Expect"] or kind == "bytearray"


def test_text_arrives_as_utf_8(serve: Serve, make_client: MakeClient) -> None:
    target = serve(answer(503), answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    make_client(gateway.url, retries={"max_attempts": 1}).put_object(Body="naïve 日本", **KEY)
    assert [request.body for request in target.received] == ["naïve 日本".encode()] * 2


@pytest.mark.parametrize("make", [bytes, str, io.BytesIO, lambda: None])
def test_an_empty_body_stays_empty(serve: Serve, make_client: MakeClient, make: Any) -> None:
    target = serve(answer())
    gateway = serve(to(f"{target.url}/bkt/key"))
    body = make()
    make_client(gateway.url).put_object(**KEY, **({} if body is None else {"Body": body}))
    assert [(r.method, r.body, r.headers["Content-Length"]) for r in target.received] == [
        ("PUT", b"", "0")
    ]


@pytest.mark.parametrize("make", [lambda: memoryview(CONTENT), lambda: (b for b in [CONTENT])])
def test_a_body_that_botocore_refuses_is_not_sent(
    serve: Serve, make_client: MakeClient, make: Any
) -> None:
    gateway = serve(to("/bkt/key"))
    with pytest.raises(ParamValidationError):
        make_client(gateway.url).put_object(Body=make(), **KEY)
    assert not gateway.received


TAGS = {"TagSet": [{"Key": "k", "Value": "v"}]}
SUMMED_UP: dict[str, dict[str, Any]] = {
    "put_bucket_tagging": {"Bucket": "bkt", "Tagging": TAGS},
    "put_object_tagging": {**KEY, "Tagging": TAGS},
    "delete_objects": {"Bucket": "bkt", "Delete": {"Objects": [{"Key": "a&b"}]}},
}


@pytest.mark.parametrize("operation", SUMMED_UP)
def test_a_checksum_of_the_body_is_valid_at_the_target(
    serve: Serve, make_client: MakeClient, operation: str
) -> None:
    if operation == "put_object_tagging" and VERSION < (1, 16, 15):
        pytest.skip("botocore before 1.16.15 sends the tags of an object without a checksum")
    target = serve(answer())
    client = make_client(serve(moved(target.url)).url)
    getattr(client, operation)(**SUMMED_UP[operation])
    sent = target.received[0]
    checksum = sent.headers["Content-MD5"]
    if checksum is None:
        assert VERSION >= (1, 36)  # from there on it is a CRC32, which a server verifies for us
        assert sent.headers["x-amz-checksum-crc32"]
    else:
        assert checksum == base64.b64encode(hashlib.md5(sent.body).digest()).decode()
    assert b"a&amp;b" in sent.body or b"<Tag>" in sent.body


def one_way_client(make_client: MakeClient, url: str, **options: Any) -> Any:
    # Signing over http and a checksum in a header would read a body twice.
    if VERSION >= (1, 36):
        options["request_checksum_calculation"] = "when_required"
    return make_client(url, signature_version=UNSIGNED, **options)


@odd_stream
@pytest.mark.parametrize("length", [{"ContentLength": len(CONTENT)}, {}], ids=["known", "unknown"])
@pytest.mark.parametrize("hops", [1, 2])
def test_a_stream_that_cannot_seek_is_sent_to_the_target_if_nothing_was_read(
    serve: Serve, make_client: MakeClient, hops: int, length: dict[str, int]
) -> None:
    target = serve(answer())
    url = target.url
    for _ in range(hops):
        url = serve(to(f"{url}/bkt/key"), expect="early").url
    stream = OneWay(CONTENT)
    client = one_way_client(make_client, url)
    client.put_object(Body=stream, **length, **MD5, **KEY)
    assert [request.body for request in target.received] == [CONTENT]


@odd_stream
@pytest.mark.parametrize("answered_early", [False, True], ids=["first hop", "second hop"])
def test_a_stream_that_cannot_seek_and_was_read_ends_in_one_error_and_is_not_stored(
    serve: Serve, make_client: MakeClient, answered_early: bool
) -> None:
    target = serve(answer())
    reading = first = serve(to(f"{target.url}/bkt/key"), expect="late")
    if answered_early:
        first = serve(to(f"{reading.url}/bkt/key"), expect="early")
    client = one_way_client(make_client, first.url, retries={"max_attempts": 3})
    with pytest.raises(RedirectRefused, match="cannot be sent a second time") as failure:
        client.put_object(Body=OneWay(CONTENT), ContentLength=len(CONTENT), **MD5, **KEY)
    assert failure.value.reason == "body"
    assert len(reading.received) == 1
    assert not target.received


@odd_stream
def test_of_five_gigabytes_nothing_is_read_for_gateways_that_answer_early(
    serve: Serve, make_client: MakeClient
) -> None:
    class Huge(OneWay):
        def seek(self, _position: int, _whence: int = 0) -> int:
            return 0

        def tell(self) -> int:
            return 0

    last = serve(answer(403), expect="early")
    gateway = serve(to(f"{last.url}/bkt/key"), expect="early")
    at_target: list[int] = []
    body = Huge(b"x" * 2**20)  # more than any reader takes at once

    def refuse(_: Received) -> Redirect:  # early too: nothing more is read
        at_target.append(body.count)
        return answer(403)

    last.rule = refuse
    client = one_way_client(make_client, gateway.url)
    with pytest.raises(client.exceptions.ClientError):
        client.put_object(Body=body, ContentLength=5 * 2**30, **MD5, **KEY)
    assert at_target == [0]
    assert last.received[0].headers["Content-Length"] == str(5 * 2**30)
    assert [request.body_bytes for request in gateway.received] == [0]


@hook_blocks
def test_a_call_that_a_handler_makes_during_a_hop_sends_its_body_again_from_where_it_began(
    serve: Serve, make_client: MakeClient
) -> None:
    store, log = serve(answer()), serve(answer(503))
    gateway = serve(moved(log.url), answer())
    client = make_client(serve(moved(store.url)).url)
    logs = make_client(gateway.url, retries={"max_attempts": 1})
    body = io.BytesIO(b"not content")
    body.seek(4)

    def write(request: Any, **_: Any) -> None:
        if request.url.startswith(store.url):
            logs.put_object(Body=body, **KEY)

    client.meta.events.register("before-send.s3.HeadObject", write)
    client.head_object(**KEY)
    assert [request.body for request in log.received] == [b"content"]
    assert gateway.received[-1].body == b"content"
