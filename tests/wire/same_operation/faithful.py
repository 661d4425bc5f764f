"""Locations that mean the same request, at another place or in another spelling.

A new prefix counts for objects, reads of a bucket and DeleteObjects alone: elsewhere nothing can
tell it from a bucket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote_plus
from zlib import crc32

from wire.object_keys.keys import (
    BARE_QUERY,
    SIGNED_QUERY,
    Spelling,
    barely_encoded,
    decoded,
    in_lower_case,
    overly_encoded,
    slashes_encoded,
)
from wire.same_operation.asked import GATEWAY, NEW_PREFIX, NODE, Asked, Mutation

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATHS: dict[str, Spelling] = {
    "escapes in lower case": in_lower_case,
    "the path decoded": decoded,
    "the path barely encoded": barely_encoded,
    "the path overly encoded": overly_encoded,
}


def list_faithful(asked: Asked) -> Iterator[Mutation]:
    """List the Locations that have to be followed."""
    found = [("elsewhere", asked.there.encode() + asked.received.target.encode("latin-1"))]
    if "path" in asked.call.parts:
        found += [*_origins(asked), *_paths(asked), *_prefixes(asked)]
    if "query" in asked.call.parts:
        found += [*_queries(asked)]
    for what, location in found:
        yield Mutation("faithful", what, location, is_faithful=True)
    target = asked.received.target.encode("latin-1")
    statuses = (301, 302, 308, 303) if asked.method in ("GET", "HEAD") else (301, 302, 308)
    for status in statuses:
        location = asked.there.encode() + target
        yield Mutation("faithful", f"with {status}", location, is_faithful=True, status=status)


def with_query(path: str | bytes, parameters: list[str]) -> bytes:
    """Return path and query as bytes, with the question mark only where there is a query."""
    if isinstance(path, str):
        path = path.encode("latin-1")
    return path + (b"?" + "&".join(parameters).encode() if parameters else b"")


def _origins(asked: Asked) -> Iterator[tuple[str, bytes]]:
    target = asked.received.target.encode("latin-1")
    own = with_query(asked.path, asked.parameters)
    in_path = with_query(asked.whole_path, asked.parameters)
    more = [*asked.parameters, "pid=1"]
    yield "at the gateway's name, another port", _port(asked.here, asked.node_port) + target
    yield "again, here", asked.here.encode() + target
    yield "here with a parameter more", asked.here.encode() + with_query(asked.received.path, more)
    yield "without a scheme", asked.there.encode()[len("http:") :] + target
    if not asked.parameters:
        yield "with a question mark", asked.there.encode() + target + b"?"
    yield "with a fragment", asked.there.encode() + target + b"#top"
    yield "relative", with_query(asked.received.path, more)
    yield "a query alone", with_query("", more)
    if asked.mount and asked.bucket:
        yield "without the endpoint's own path", asked.node.encode() + own
    if not asked.bucket or asked.call.style == "access point":
        return
    if asked.is_virtual:
        yield "the bucket in the path", asked.node.encode() + in_path
        gateway = f"http://{GATEWAY}:{asked.node_port}".encode()
        yield "the bucket in the path at the gateway's name", gateway + in_path
    for name in (GATEWAY, NODE):
        at_bucket = asked.at_bucket(asked.bucket, name).encode()
        yield (
            f"the bucket in the host at {name}",
            at_bucket + with_query(f"/{asked.key}", asked.parameters),
        )


def _port(origin: str, port: int) -> bytes:
    return f"{origin.rpartition(':')[0]}:{port}".encode()


def _paths(asked: Asked) -> Iterator[tuple[str, bytes]]:
    there = asked.there.encode()
    turn = crc32(asked.call.name.encode())
    for number, (what, spelling) in enumerate(_PATHS.items(), turn):
        parameters = [*asked.parameters, *([SIGNED_QUERY] if number % 2 else [])]
        yield what, there + with_query(spelling(asked.received.path), parameters)
    if asked.level == "object" and "/" in asked.key and not (asked.is_virtual or asked.mount):
        # As frameworks write it that have one route parameter for the key.
        path = slashes_encoded(asked.received.path)
        yield "slashes of the key escaped", there + with_query(path, asked.parameters)
    if asked.level == "bucket" and not asked.is_virtual:
        slash = with_query(f"{asked.received.path}/", asked.parameters)
        yield "a slash after the bucket", there + slash


def _queries(asked: Asked) -> Iterator[tuple[str, bytes]]:
    own = asked.parameters
    pairs = [tuple(map(unquote_plus, each.partition("=")[::2])) for each in own]
    written: dict[str, list[str]] = {
        "more in front": [SIGNED_QUERY, *own],
        "more behind": [*own, SIGNED_QUERY],
        "more on both sides": ["pid=1&utm=2", *own, "vpams="],
        "more, barely encoded": [*own, BARE_QUERY],
        "reversed": own[::-1],
        "escapes in lower case": [re.sub(r"%..", lambda x: x[0].lower(), each) for each in own],
        "overly encoded": [f"{_overly(name)}={_overly(value)}" for name, value in pairs],
        "barely encoded": [f"{name}={quote(value, safe='/:,=@!$()*')}" for name, value in pairs],
        "as Go writes it": [f"{quote_plus(n)}={quote_plus(v)}" for n, v in sorted(pairs)],
        "names without values": [each.removesuffix("=") for each in own],
        "values for all names": [each if "=" in each else f"{each}=" for each in own],
        "an empty one in front": ["", *own, "pid=1"],  # as of `$uri?$args&pid=1`
        "an empty one behind": [*own, ""],
    }
    for what, parameters in written.items():
        if parameters != own:
            yield (
                f"query: {what}",
                asked.there.encode() + with_query(asked.received.path, parameters),
            )


def _overly(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _prefixes(asked: Asked) -> Iterator[tuple[str, bytes]]:
    counts = asked.level == "object" or asked.is_reading or asked.operation == "DeleteObjects"
    if not asked.bucket or not counts or asked.call.style == "access point":
        return
    for prefix in (NEW_PREFIX,) if asked.mount else (NEW_PREFIX, "/s3"):
        path = prefix + asked.whole_path
        yield f"prefix {prefix}", asked.node.encode() + with_query(path, asked.parameters)
        decoded_path = decoded(path)
        yield (
            f"prefix {prefix}, decoded",
            asked.node.encode() + with_query(decoded_path, [*asked.parameters, SIGNED_QUERY]),
        )
