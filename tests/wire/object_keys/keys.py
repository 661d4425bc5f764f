"""Keys with every special character, the spellings of gateways, and calls for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import quote, unquote_to_bytes

from botocore_redirect.testing import Redirect
from wire.object_keys.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore_redirect.testing import Gateway, Received

KEYS = [
    "semi;colon",
    "na\u00efve",
    "a&b=c@d:e",
    "[x]",
    "\u65e5\u672c",
    "d//e",
    "a/../b",
    "%2F",
    # other characters with a meaning in a URL, in one of its encodings, or in a file system
    "%252f%",
    "100%",
    "a b+c",
    "what?now#then",
    "?",
    "/first",
    "last/",
    "./a/.",
    "~*'()!$,-._",
    'q"<>^`{|}\\',
    "\U0001f600/e\u0301",
    "http://other/bkt/key",
]

# What a gateway adds to a query: in canonical form, and in another form that a server has to
# canonicalize to verify a signature.
SIGNED_QUERY = "pid=t%5B1%5D&utm=1717&vpams=&u=na%C3%AFve%2Fx"
BARE_QUERY = "pid=t:1/2@x&utm=a+b,c;d"

USED = [
    Operation(each.name, {name: value for name, value in each.arguments.items() if name != "Key"})
    for each in OPERATIONS
    if each.name
    in (
        "get_object",
        "head_object",
        "put_object",
        "create_multipart_upload",
        "upload_part",
        "complete_multipart_upload",
    )
]
ANSWERS = {each.name: each for each in OPERATIONS}

Spelling = Callable[[str], bytes]


def as_it_came(path: str) -> bytes:
    return path.encode("ascii")


def decoded(path: str) -> bytes:
    return unquote_to_bytes(path)


def in_lower_case(path: str) -> bytes:
    return re.sub(r"%..", lambda escape: escape[0].lower(), path).encode("ascii")


def barely_encoded(path: str) -> bytes:
    """Spell a path as Go does, with no more escapes than a URL needs."""
    return quote(unquote_to_bytes(path), safe="/$&+,:;=@").encode("ascii")


def overly_encoded(path: str) -> bytes:
    """Spell a path with every byte but the slashes escaped."""
    return b"".join(b"/" if c == 0x2F else b"%%%02X" % c for c in unquote_to_bytes(path))


def slashes_encoded(path: str) -> bytes:
    """Spell a path with its key as one segment, as frameworks with routes do."""
    _, bucket, *key = path.split("/")
    return f"/{bucket}/{'%2F'.join(key)}".encode("ascii")


SPELLINGS = [as_it_came, decoded, in_lower_case, barely_encoded, overly_encoded]


def calling(
    client: Any,
    gateway: Gateway,
    target: Gateway,
    key: str,
    redirect: Redirect,
    operations: Sequence[Operation] = USED,
) -> None:
    """Do these operations on a key, through a gateway that answers with `redirect`."""
    gateway.clear()
    target.clear()
    gateway.rule = redirect
    for operation in operations:
        target.rule = ANSWERS[operation.name].answer()
        Operation(operation.name, {**operation.arguments, "Key": key}).call(client)
    assert len(gateway.received) == len(target.received) == len(operations)


def leading_to(origin: str, spelling: Spelling, query: str, prefix: str = "") -> Redirect:
    """Redirect to the requested path in a spelling, with a longer query."""

    def location(received: Received) -> bytes:
        whole = "&".join(filter(None, (received.query, query)))
        path = spelling(prefix + received.path)
        return origin.encode() + path + (f"?{whole}".encode() if whole else b"")

    return Redirect(307, location)


def named(key: str) -> str:
    return quote(key, safe="/-._~")
