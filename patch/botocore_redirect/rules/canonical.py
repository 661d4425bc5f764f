"""The canonical form of a URL, which a signature covers, and signatures in a query.

A server that verifies a signature decodes the query that it received, escapes it again and sorts
it. botocore's signers only sort. So a hop is signed for the canonical URL and sent to the original.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

_V2_KEY_ID = "AWSAccessKeyId"
#: The parameter with the signature -> all parameters that a signer of that kind adds.
_WRITTEN_BY_SIGNER = {
    "X-Amz-Signature": re.compile(
        "X-Amz-(Algorithm|Credential|Date|Expires|Security-Token|S3session-Token|Signature"
        "|SignedHeaders)"
    ),
    # Signature Version 2 puts headers into the query too, named in lower case.
    "Signature": re.compile(f"{_V2_KEY_ID}|Expires|Signature|content-md5|content-type|x-amz-.*"),
}


class _Pair(NamedTuple):
    """A parameter of a query, as it is written and decoded."""

    text: str
    name: bytes
    value: bytes


def canonical_query(query: str) -> str:
    """Return `query` decoded, escaped again and sorted; names without a value have no `=`.

    A `+` is a space, as servers read it; `;` does not separate.
    """
    escaped = sorted((_escape(pair.name), _escape(pair.value)) for pair in _split(query))
    return "&".join(f"{name}={value}" if value or not name else name for name, value in escaped)


def canonical_url(url: str, *, s3: bool) -> str:
    """Return the URL that a signature for `url` covers.

    S3 reads an escaped slash as a slash and escapes the path once. Other services escape it twice;
    for them the path stays as it is.
    """
    parts = urlsplit(url)
    path = quote_from_bytes(unquote_to_bytes(parts.path), safe="/") if s3 else parts.path
    return parts._replace(path=path, query=canonical_query(parts.query)).geturl()


def with_signature(url: str, canonical: str, signed: str) -> str:
    """Return `url` with the parameters that a signer appended to its canonical form.

    If a hook changed more than that, return `signed`: that is what the signature covers.
    """
    before, after = urlsplit(canonical), urlsplit(signed)
    pairs, all_pairs = _split(before.query), _split(after.query)
    kept = [pair[1:] for pair in all_pairs[: len(pairs)]]
    if before[:3] != after[:3] or kept != [pair[1:] for pair in pairs]:
        return signed
    appended = [pair.text for pair in all_pairs[len(pairs) :]]
    if not appended:
        return url
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(appended)}"


def without_signature(url: str) -> str:
    """Return the URL of a request without the signature in its query."""
    query = urlsplit(url).query
    return urlsplit(url)._replace(query=without_echo(query, query)).geturl()


def without_echo(query: str, sent: str) -> str:
    """Return the query of a Location without the client's own signature, or parts of it.

    `sent` is the query of the request that was answered. A query with another signature of the
    same kind is kept as it is: the store has signed it.
    """
    own = _split(sent)
    signature = _signature_name(own)
    if signature is None:
        return query
    written = [pair for pair in own if _WRITTEN_BY_SIGNER[signature].fullmatch(_text(pair.name))]
    pairs = _split(query)
    if any(pair.name == signature.encode() and not _is_one_of(pair, written) for pair in pairs):
        return query
    echoed = {pair.text for pair in pairs if _is_one_of(pair, written)}
    return "&".join(text for text in query.split("&") if text not in echoed) if echoed else query


def _signature_name(pairs: list[_Pair]) -> str | None:
    names = {_text(pair.name) for pair in pairs}
    if "X-Amz-Signature" in names:
        return "X-Amz-Signature"
    return "Signature" if {"Signature", _V2_KEY_ID} <= names else None


def _is_one_of(pair: _Pair, written: list[_Pair]) -> bool:
    # A gateway may send the query decoded. Then a `+` in a signature is not a space.
    values = (pair.value, unquote_to_bytes(pair.text.partition("=")[2]))
    return any(pair.name == each.name and each.value in values for each in written)


def _split(query: str) -> list[_Pair]:
    pairs = []
    for text in filter(None, query.split("&")):
        name, _, value = text.replace("+", "%20").partition("=")
        pairs.append(_Pair(text, unquote_to_bytes(name), unquote_to_bytes(value)))
    return pairs


def _escape(raw: bytes) -> str:
    return quote_from_bytes(raw, safe="")


def _text(name: bytes) -> str:
    return name.decode("latin-1")
