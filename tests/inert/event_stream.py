"""Frames of AWS event streams, of which botocore has a reader alone."""

from __future__ import annotations

import struct
import zlib

_STRING = 7
_CHECKSUM = 4
_PRELUDE = 12


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """Write one message."""
    written = b"".join(
        struct.pack(">B", len(name))
        + name.encode()
        + struct.pack(">BH", _STRING, len(value))
        + value.encode()
        for name, value in headers.items()
    )
    total = _PRELUDE + len(written) + len(payload) + _CHECKSUM
    lengths = struct.pack(">II", total, len(written))
    message = lengths + struct.pack(">I", zlib.crc32(lengths)) + written + payload
    return message + struct.pack(">I", zlib.crc32(message))


def event(name: str, content_type: str, payload: bytes) -> bytes:
    """Write the message of an event."""
    headers = {":message-type": "event", ":event-type": name, ":content-type": content_type}
    return frame(headers, payload)
