"""Bodies that botocore sends as aws-chunked over TLS, with a checksum in the trailer."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from wire.botocore_versions import VERSION
from wire.conftest import answer, to

if TYPE_CHECKING:
    from botocore_redirect.testing import Gateway
    from wire.conftest import Serve
    from wire.servers.tls import Client

pytest_plugins = ["wire.tls_fixtures"]

if VERSION < (1, 24, 7):
    pytest.skip("botocore before 1.24.7 sends no body as aws-chunked", allow_module_level=True)

KEY = {"Bucket": "bkt", "Key": "key"}
CONTENT = bytes(range(256)) * 9000  # more than two chunks of 1 MiB

# Computed by the standard library. The other algorithms of botocore need awscrt.
CHECKSUMS = {
    "CRC32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "SHA1": lambda content: hashlib.sha1(content).digest(),
    "SHA256": lambda content: hashlib.sha256(content).digest(),
    "SHA512": lambda content: hashlib.sha512(content).digest(),
    "MD5": lambda content: hashlib.md5(content).digest(),
}
_KNOWN = import_module("botocore.httpchecksum")._CHECKSUM_CLS
OFFERED = [name for name in CHECKSUMS if name.lower() in _KNOWN]


pytestmark = pytest.mark.usefixtures("patched")


def decoded(body: bytes) -> tuple[bytes, dict[str, str]]:
    """Undo aws-chunked: return what was framed, and the trailers."""
    content, stream = b"", io.BytesIO(body)
    while True:
        size = int(stream.readline().partition(b";")[0], 16)
        if not size:
            break
        content += stream.read(size)
        assert stream.read(2) == b"\r\n"
    lines = stream.read().decode().split("\r\n")
    return content, dict(line.split(":", 1) for line in lines if line)


def test_botocore_offers_the_algorithms_that_need_nothing_else() -> None:
    assert {"CRC32", "SHA1", "SHA256"} <= set(OFFERED)


@pytest.mark.parametrize("algorithm", OFFERED)
@pytest.mark.parametrize("expect", ["early", "late"])
@pytest.mark.parametrize("start", [0, 1000])
def test_content_and_checksum_arrive_whole(
    serve_tls: Serve, client: Client, start: int, expect: str, algorithm: str
) -> None:
    target = serve_tls(answer())
    gateway: Gateway = serve_tls(to(f"{target.url}/bkt/key"), expect=expect)
    file = io.BytesIO(CONTENT)
    file.seek(start)
    client(gateway.url).put_object(Body=file, ChecksumAlgorithm=algorithm, **KEY)
    (sent,) = target.received
    content, trailers = decoded(sent.body)
    assert content == CONTENT[start:]
    checksum = base64.b64encode(CHECKSUMS[algorithm](content)).decode()
    assert trailers == {f"x-amz-checksum-{algorithm.lower()}": checksum}
    assert sent.headers["X-Amz-Decoded-Content-Length"] == str(len(content))
    # The gateway gets the same bytes, or none.
    assert gateway.received[0].body == (b"" if expect == "early" else sent.body)


def test_a_retry_sends_content_and_checksum_again(serve_tls: Serve, client: Client) -> None:
    target = serve_tls(answer(503), answer())
    gateway = serve_tls(to(f"{target.url}/bkt/key"))
    file = io.BytesIO(CONTENT)
    file.seek(1000)
    made: Any = client(gateway.url, retries={"max_attempts": 1})
    made.put_object(Body=file, ChecksumAlgorithm="SHA256", **KEY)
    bodies = [decoded(sent.body)[0] for sent in (*gateway.received, *target.received)]
    assert bodies == [CONTENT[1000:]] * 4
