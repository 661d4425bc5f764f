"""Pure: the value of a Location header becomes the URL of the next request.

A Location is a URI reference (RFC 9110, 10.2.2), resolved against the URL of the request that it
answers. Authority and query are taken as they are: stores sign their redirect URLs. The path is
brought to the form in which it travels, because a signature covers exactly that form.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from botocore_redirect.rules.canonical import without_echo
from botocore_redirect.rules.presigned import is_presigned

# What urllib3 leaves as it is; the rest it would escape on the way out, after the request was
# signed. `;` is legal but not here: botocore takes it for the start of parameters and drops it.
_LEGAL_IN_QUERY = "!$&'()*+,;=:@/?"
_LEGAL_IN_PATH = "!$&'()*+,=:@/"

_SLASH = re.compile("%2f", re.IGNORECASE)
_PIECE = re.compile(rb"%[0-9A-Fa-f]{2}|%|[^%]+")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:[/?#]|$))")
# urllib3 joins the values of a header that was sent twice.
_SECOND_URL = re.compile(r",\s*https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(\d*))?")
_HIGHEST_PORT = 65535

# Also where it is malformed: without the slashes, or with one in the password. What follows a host
# and a port is a path, which may hold an `@`.
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(/*)[^/@:\[]*(?:@|:(?!\d*(?:/|$))[^@]*@)")


class LocationError(ValueError):
    """A Location that no request can be sent to; its text says why."""


def resolve(location: str, base: str) -> str:
    """Return the URL that `location`, the answer to a request for `base`, points at.

    `location` is the header as `http.client` hands it over: bytes, decoded as latin-1. `base` is
    the URL as it was sent: a signature of the client's own in its query, echoed, is left out.
    """
    raw = _to_bytes(location).strip(b" \t")
    if not raw:
        raise LocationError("its Location header is empty")
    if _CONTROL.search(raw):
        raise LocationError("its Location header contains control characters")
    text = raw.decode("latin-1")
    if _SECOND_URL.search(text.partition("?")[0]):
        raise LocationError("it has more than one Location header")
    sent = urlsplit(base)
    scheme, authority, rest = _split_origin(text, sent.scheme, sent.netloc)
    path, query = _split_path(rest, sent.path or "/", sent.query)
    query = without_echo(query, sent.query)
    signed = not is_presigned(query)
    if not signed:
        path = _escape(path, _LEGAL_IN_PATH)
    elif _same(path, sent.path):
        path = sent.path
    else:
        path = _as_signed(path)
    tail = f"?{_escape(query, _LEGAL_IN_QUERY)}" if query else ""
    return f"{scheme}://{_checked(authority)}{path or '/'}{tail}"


def redact(url: str) -> str:
    """Return `url` fit for a log line: no user, query or fragment, nothing unprintable."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    bare = _USER.sub(r"\1\2", bare)
    return re.sub(r"[^\x21-\x7e]", "?", bare[:500])


def _to_bytes(location: str) -> bytes:
    try:
        return location.encode("latin-1")
    except UnicodeEncodeError:  # not from a socket: an answer that a test or a mock made
        return location.encode("utf-8")


def _split_origin(text: str, scheme: str, authority: str) -> tuple[str, str, str]:
    match = _SCHEME.match(text)
    if match:
        scheme = match[1].lower()
        if scheme not in ("http", "https"):
            raise LocationError(f"its Location has the scheme {scheme!r}, not http or https")
        text = text[match.end() :]
        if not text.startswith("//"):
            raise LocationError("its Location names no host")
    if not text.startswith("//"):
        return scheme, authority, text
    end = re.search(r"[/?#]|$", text[2:])
    cut = 2 + (end.start() if end else 0)
    rest = text[cut:]
    # An absolute URL without a path means the root; only a relative one inherits the base's.
    return scheme, text[2:cut], rest if rest.startswith("/") else f"/{rest}"


def _checked(authority: str) -> str:
    if "@" in authority:
        raise LocationError("its Location contains user information")
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise LocationError(
            "its Location names no host"
            if not authority
            else "its Location names a host that is not a DNS name or an IP address"
        )
    host, port = match[1].lower(), match[2]
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise LocationError("its Location has a malformed IPv6 address") from None
    if port and not 0 < int(port) <= _HIGHEST_PORT:
        raise LocationError(f"its Location has the port {port}")
    return f"{host}:{port}" if port else host


def _split_path(rest: str, base_path: str, base_query: str) -> tuple[str, str]:
    """Split what follows the authority into path and query; the fragment is not sent."""
    if rest.startswith(("?", "#")) or not rest:
        inherited = base_path if rest.startswith("?") else f"{base_path}?{base_query}"
        rest = inherited + rest
    elif not rest.startswith("/"):
        rest = _merge(rest, base_path)
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    tail = rest[len(path) :]
    # A store that emits the path decoded leaves `%`, `?` and `#` of a key bare: what ends in the
    # decoded path of the request ends in that path, whatever it contains.
    own = unquote_to_bytes(base_path).decode("latin-1")
    if re.search("[%?#]", own):
        found = re.search(rf"{re.escape(own)}(?=[?#]|\Z)", rest)
        if found and found.start() <= len(path):
            path = rest[: found.start()] + base_path
            tail = rest[found.end() :]
    return path, tail.partition("#")[0][1:]


def _merge(reference: str, base_path: str) -> str:
    """Resolve a relative path (RFC 3986, 5.2) without collapsing `//`, which keys may hold."""
    path = re.split(r"[?#]", reference, maxsplit=1)[0]
    tail = reference[len(path) :]
    merged = base_path[: base_path.rindex("/") + 1] + path
    if _same(merged, base_path):  # the key itself may hold `..`
        return merged + tail
    kept: list[str] = []
    segments = merged.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept) + tail


def _same(path: str, other: str) -> bool:
    return unquote_to_bytes(path.encode("latin-1")) == unquote_to_bytes(other.encode("latin-1"))


def _as_signed(path: str) -> str:
    """Escape all but unreserved characters and `/`, as SigV4 and a target that verifies do.

    An escaped slash stays one: to some stores it is not the same.
    """
    pieces = (unquote_to_bytes(piece.encode("latin-1")) for piece in _SLASH.split(path))
    return "%2F".join(quote_from_bytes(piece, safe="/") for piece in pieces)


def _escape(text: str, legal: str) -> str:
    """Escape what is not in `legal`; what is escaped already stays, in upper case."""

    def piece(match: re.Match[bytes]) -> bytes:
        found = match[0]
        if found == b"%":
            return b"%25"
        if found.startswith(b"%"):
            return found.upper()
        return quote_from_bytes(found, safe=legal).encode("ascii")

    return _PIECE.sub(piece, text.encode("latin-1")).decode("ascii")
