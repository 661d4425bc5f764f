"""Turn a Location header into the URL of the next request.

A Location is a URI reference (RFC 9110, 10.2.2), resolved against the URL of the request that it
answers. Authority and query are taken as they are: stores sign their redirect URLs. The path is
brought to the form in which it is sent, because a signature covers exactly that form.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

# urllib3 leaves these as they are. It would escape everything else after the request was signed.
# `;` is legal in a path, but botocore takes it for the start of parameters and drops it.
_LEGAL_IN_QUERY = "!$&'()*+,;=:@/?"
_LEGAL_IN_PATH = "!$&'()*+,=:@/"

_SLASH = re.compile("%2f", re.IGNORECASE)
_PIECE = re.compile(rb"%[0-9A-Fa-f]{2}|%|[^%]+")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:[/?#]|$))")
_AUTHORITY = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(\d*))?")
_HIGHEST_PORT = 65535

# Malformed ones too: without the slashes, or with a slash in the password. What follows a host and
# a port is a path, which may hold an `@`.
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?(/*)[^/@:\[]*(?:@|:(?!\d*(?:/|$))[^@]*@)")


class LocationError(ValueError):
    """A Location that no request can be sent to; its text says why."""


class Reference(NamedTuple):
    """A URL that a Location can mean, in parts: path and query as they came, no fragment."""

    #: Scheme and authority.
    origin: str
    path: str
    query: str

    @property
    def url(self) -> str:
        """The URL with the path as the store wrote it, as a presigned URL needs it."""
        return self.with_path(_escape(self.path, _LEGAL_IN_PATH))

    @property
    def url_as_signed(self) -> str:
        """The URL with its path in the form that a signature covers."""
        return self.with_path(as_signed(self.path))

    def with_path(self, path: str) -> str:
        """Return the URL with another path, which is sent as it is."""
        tail = f"?{_escape(self.query, _LEGAL_IN_QUERY)}" if self.query else ""
        return f"{self.origin}{path or '/'}{tail}"


def resolve(location: str, base: str, names: Iterable[str] = ()) -> list[Reference]:
    """Return what `location`, the answer to a request for `base`, can mean, the likeliest first.

    `location` is the header decoded as latin-1, as `http.client` returns it. A store that sends
    decoded paths does not escape `%`, `?` and `#` of a key, so more than one reading is possible.
    `names` are percent-encoded names that the path may end in.
    """
    raw = _to_bytes(location).strip(b" \t")
    if not raw:
        raise LocationError("its Location header is empty")
    if _CONTROL.search(raw):
        raise LocationError("its Location header contains control characters")
    sent = urlsplit(base)
    scheme, authority, rest = _split_origin(raw.decode("latin-1"), sent.scheme, sent.netloc)
    origin = f"{scheme}://{_checked(authority)}"
    rest = _join(rest, sent.path or "/", sent.query)
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    readings = [(path, rest[len(path) :]), *_decoded_readings(rest, len(path), names)]
    return [Reference(origin, path, tail.partition("#")[0][1:]) for path, tail in readings]


def decode(text: str) -> bytes:
    """Decode percent-encoded text."""
    return unquote_to_bytes(_to_bytes(text))


def redact(url: str) -> str:
    """Return `url` for a log line: without user, query, fragment and unprintable characters."""
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


def _join(rest: str, base_path: str, base_query: str) -> str:
    """Resolve the part after the authority: a path, a query, or both."""
    if rest.startswith(("?", "#")) or not rest:
        inherited = base_path if rest.startswith("?") else f"{base_path}?{base_query}"
        return inherited + rest
    return rest if rest.startswith("/") else _merge(rest, base_path)


def _decoded_readings(rest: str, end: int, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield path and query for readings in which the path ends in a name that the store decoded."""
    for name in names:
        bare = decode(name).decode("latin-1")
        if not re.search("[%?#]", bare):
            continue
        for found in re.finditer(rf"(?<=/){re.escape(bare)}(?=[?#]|\Z)", rest):
            if found.start() <= end:
                yield rest[: found.start()] + name, rest[found.end() :]


def _merge(reference: str, base_path: str) -> str:
    """Resolve a relative path (RFC 3986, 5.2), but keep `//`, which keys may hold."""
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
    return decode(path) == decode(other)


def as_signed(path: str) -> str:
    """Escape all but unreserved characters and `/`, as SigV4 and a target that verifies do.

    An escaped slash stays escaped: to some stores the two differ.
    """
    pieces = (decode(piece) for piece in _SLASH.split(path))
    return "%2F".join(quote_from_bytes(piece, safe="/") for piece in pieces)


def _escape(text: str, legal: str) -> str:
    """Escape what is not in `legal`; existing escapes stay, in upper case."""

    def piece(match: re.Match[bytes]) -> bytes:
        found = match[0]
        if found == b"%":
            return b"%25"
        if found.startswith(b"%"):
            return found.upper()
        return quote_from_bytes(found, safe=legal).encode("ascii")

    return _PIECE.sub(piece, text.encode("latin-1")).decode("ascii")
