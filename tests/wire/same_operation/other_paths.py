"""Locations that name another object or bucket.

Not here, as nothing can tell them from what stores do: a bucket in front of bucket and key
elsewhere (a prefix of a node), and a bucket's name before a host that is no gateway's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Union
from urllib.parse import quote, unquote, unquote_to_bytes
from zlib import crc32

from wire.same_operation.asked import GATEWAY, Asked, Mutation
from wire.same_operation.faithful import with_query

if TYPE_CHECKING:
    from collections.abc import Iterator

Paths = dict[str, Union[str, bytes]]


def list_other_paths(asked: Asked) -> Iterator[Mutation]:
    """List Locations that keep the query."""
    there, here = asked.there.encode(), asked.here.encode()
    tables: dict[str, Paths] = {
        "key lost or cut": _cut(asked),
        "key changed": _changed(asked),
        "bucket lost or changed": _other_buckets(asked),
        "dot segments and slashes": _segments(asked),
        "a login page": {"login": "/login", "in a folder": "/auth/login.html"},
    }
    for kind, paths in tables.items():
        for number, (what, path) in enumerate(paths.items()):
            if isinstance(path, str):
                path = (asked.mount + path).encode("latin-1")  # noqa: PLW2901 - bytes are whole
            query = with_query(b"", asked.parameters)
            if kind == "a login page":
                query = b"?next=" + quote(asked.received.target, safe="").encode()
            # Each path at one address for each call: over all calls, each is at all of them.
            turn = (crc32(asked.call.name.encode()) + number) % 4
            where, origin = (("here", here), ("relative", b""), ("elsewhere", there))[min(turn, 2)]
            if origin or not path.startswith(b"//"):
                yield Mutation(kind, f"{what}, {where}", origin + path + query)
    for kind, what, location in (*_hosts(asked), *_prefixes(asked)):
        yield Mutation(kind, what, location + with_query(b"", asked.parameters))


def _object(asked: Asked, key: str) -> str:
    return f"/{key}" if asked.is_virtual else f"/{asked.bucket}/{key}"


def _cut(asked: Asked) -> Paths:
    if asked.level != "object":
        return {}
    bucket = "" if asked.is_virtual else f"/{asked.bucket}"
    paths: Paths = {"lost": f"{bucket}/"}
    if bucket:
        paths["lost with its slash"] = bucket
    key = unquote_to_bytes(asked.key)
    for character in b"?#;% &+":
        cut = key.partition(bytes([character]))[0]
        if cut not in (key, b""):
            paths[f"cut at {chr(character)!r}"] = _object(asked, quote(cut))
    if key.endswith(b" ") and asked.parameters:  # else HTTP itself trims it
        paths["without the space at its end"] = _object(asked, quote(key.rstrip()))
    segments = asked.key.split("/")
    if segments[1:]:
        paths["without its first segment"] = _object(asked, "/".join(segments[1:]))
        paths["without its last segment"] = _object(asked, "/".join(segments[:-1]))
        paths["its last segment alone"] = _object(asked, segments[-1])
    return paths


def _changed(asked: Asked) -> Paths:
    key = asked.key
    if asked.level == "bucket":
        return {"one put in": _object(asked, "more"), "of two segments": _object(asked, "a/b")}
    if asked.level != "object":
        return {"a bucket put in": "/more", "an object put in": "/more/key"}
    plain = unquote(key)
    others = {
        "swapped": "other",
        "longer": f"{key}x",
        "a segment below": f"{key}/more",
        "a slash at its end": f"{key}/",
        "a slash before it": f"/{key}",
        "a segment above": f"more/{key}",
        "a session at its end": f"{key};jsessionid=1",
        "in upper case": quote(plain.upper(), safe="/"),
        "escaped twice": key.replace("%", "%25"),
        "plus for spaces": key.replace("%20", "+"),
        "a space at its end": f"{key}%20",
        "a NUL at its end": f"{key}%00",
    }
    if not plain.isascii():
        others["in latin-1"] = quote(plain.encode("latin-1", "replace"), safe="/")
    return {what: _object(asked, other) for what, other in others.items() if other != key}


def _other_buckets(asked: Asked) -> Paths:
    if not asked.bucket or asked.is_virtual:
        return {}
    bucket, key = asked.bucket, asked.key
    below = f"/{key}" if key else ""
    paths: Paths = {
        "swapped": f"/other{below}",
        "longer": f"/{bucket}x{below}",
        "in upper case": f"/{bucket.upper()}{below}",
        "a space at its end": f"/{bucket}%20{below}",
        "given twice": f"/{bucket}/{bucket}{below}",
    }
    if key:
        paths["lost"] = f"/{key}"
        paths["its slash escaped"] = f"/{bucket}%2F{key}"
        paths["its slash doubled"] = f"/{bucket}//{key}"
    paths["root"] = "/"
    return paths


def _segments(asked: Asked) -> Paths:
    if not asked.bucket:
        return {}
    path = asked.path
    paths: Paths = {
        "above it": f"/other/..{path}",
        "above it, escaped": f"/other/%2e%2e{path}",
        "here before it": f"/.{path}",
        "after it": f"{path}/.",
        "up after it": f"{path}/..",
        "up and down after it": f"{path}/../other",
    }
    if asked.level == "object":
        first, _, rest = path[1:].partition("/")
        if not asked.is_virtual:
            paths["after the bucket"] = f"/{first}/./{rest}"
            paths["up and down after the bucket"] = f"/{first}/x/../{rest}"
            paths["to another bucket"] = f"/{first}/../other/{rest}"
    collapsed = re.sub("//+", "/", path)
    if collapsed != path:
        paths["slashes collapsed"] = collapsed
    if path != re.sub(r"/\.\.?(?=/)", "", path):
        paths["dots removed"] = re.sub(r"/\.\.?(?=/)", "", path)
    return paths


def _hosts(asked: Asked) -> Iterator[tuple[str, str, bytes]]:
    """Put the bucket in the name of a host, and lose it or the key."""
    if not asked.bucket:
        return
    own, key = asked.at_bucket(asked.bucket).encode(), f"/{asked.key}".encode()
    other = asked.at_bucket("other").encode()
    yield "virtual hosts", "of another bucket", other + key
    yield "virtual hosts", "a label more", asked.at_bucket(f"x.{asked.bucket}").encode() + key
    yield "virtual hosts", "with the bucket in its path", own + asked.whole_path.encode()
    if asked.level == "object":
        yield "virtual hosts", "its root", own + b"/"
        yield "virtual hosts", "of another bucket, its root", other + b"/"
    else:
        yield "virtual hosts", "an object in it", own + b"/more"
    if asked.is_virtual:  # else a name below the gateway's may be a node
        yield "virtual hosts", "of another bucket, path and all", other + asked.whole_path.encode()
        gateway = f"http://{GATEWAY}:{asked.node_port}".encode()
        yield "virtual hosts", "without the bucket", gateway + key
        yield "virtual hosts", "without the bucket at a node", asked.node.encode() + key


def _prefixes(asked: Asked) -> Iterator[tuple[str, str, bytes]]:
    """Put something before bucket and key where it is no prefix."""
    if not asked.bucket or asked.is_virtual:
        return
    path = asked.path.encode("latin-1")
    here, node = asked.here.encode(), asked.node.encode()
    mount = asked.mount.encode()
    yield "prefixes", "a new one here", here + mount + b"/other" + path
    yield "prefixes", "here, relative", mount + b"/other" + path
    yield "prefixes", "the bucket", node + b"/" + asked.bucket.encode() + path
    if mount:
        yield "prefixes", "the endpoint's own twice", node + mount + mount + path
        yield "prefixes", "the endpoint's own twice, here", here + mount + mount + path
    writes = not asked.is_reading and asked.operation != "DeleteObjects"
    if asked.level == "bucket" and writes:
        yield "prefixes", "a new one for a write of a bucket", node + b"/other" + path
