"""Check the body of a signed request by its `x-amz-content-sha256`, as a server does."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNSIGNED = "UNSIGNED-PAYLOAD"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

#: The checksums that the standard library can compute.
_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda content: hashlib.sha1(content).digest(),  # S3's
    "x-amz-checksum-sha256": lambda content: hashlib.sha256(content).digest(),
}


def payload_mismatch(body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return what is wrong with a body; `headers` have names in lower case."""
    announced = headers["x-amz-content-sha256"]
    if announced == UNSIGNED:
        return None
    if announced == UNSIGNED_WITH_TRAILER:
        return _trailer_mismatch(body, headers)
    if announced != hashlib.sha256(body).hexdigest():
        return f"the payload of {len(body)} bytes has not the hash {announced!r}"
    return None


def _trailer_mismatch(body: bytes, headers: Mapping[str, str]) -> str | None:
    """Read aws-chunked: chunks with their sizes, a last one of 0 bytes, and the trailers."""
    if "aws-chunked" not in headers.get("content-encoding", ""):
        return "the Content-Encoding is not aws-chunked"
    content = b""
    while True:
        line, end, body = body.partition(b"\r\n")
        if not end or not re.fullmatch(rb"[0-9A-Fa-f]+", line):
            return f"an aws-chunk begins with {line[:20]!r}"
        size = int(line, 16)
        if size == 0:
            break
        if len(body) < size or body[size : size + 2] != b"\r\n":
            return f"an aws-chunk of {size} bytes is not whole"
        content += body[:size]
        body = body[size + 2 :]
    if str(len(content)) != headers.get("x-amz-decoded-content-length"):
        return f"x-amz-decoded-content-length is not {len(content)}"
    name, separator, checksum = body.decode("latin-1").partition(":")
    if name != headers.get("x-amz-trailer") or not separator or not checksum.endswith("\r\n\r\n"):
        return f"the trailers are {body!r}"
    compute = _CHECKSUMS.get(name)
    if compute and base64.b64encode(compute(content)).decode() != checksum.strip():
        return f"the content has not the {name} {checksum.strip()}"
    return None
