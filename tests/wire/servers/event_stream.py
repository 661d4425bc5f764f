"""Write messages of AWS event streams, which botocore only reads."""

from __future__ import annotations

import struct
import zlib

_STRING = 7


def event(kind: str, payload: bytes = b"", content_type: str = "") -> bytes:
    """Return the message of an event: lengths, headers, payload, each part with its CRC."""
    fields = {":message-type": "event", ":event-type": kind}
    if content_type:
        fields[":content-type"] = content_type
    headers = b"".join(
        struct.pack(">B", len(name))
        + name.encode()
        + struct.pack(">BH", _STRING, len(value))
        + value.encode()
        for name, value in fields.items()
    )
    lengths = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    message = lengths + struct.pack(">I", zlib.crc32(lengths)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))
