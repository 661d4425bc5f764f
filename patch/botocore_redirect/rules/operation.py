"""Whether a target is asked for the very call that was made.

A hop moves a call, and never changes it: the same bucket, the same key, the same sub-resource. The
target is compared with the call itself, not with the hop before it, decoded once and to bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Union
from urllib.parse import urlsplit

from botocore_redirect.rules import query_parameters
from botocore_redirect.rules.location import as_signed, decode

Pairs = Sequence[tuple[str, bytes]]

_READING = ("GET", "HEAD")
_DOTS = frozenset({b".", b"..", b""})
_WEB_PORTS = (None, 80, 443)
_SELECTING = {name.lower() for name in query_parameters.SELECTING}


@dataclass(frozen=True)
class Call:
    """The call that was made, as its gateway was asked for it."""

    method: str
    #: The first URL that was requested, without a signature of the client's in its query.
    url: str
    #: The configured endpoint, which may have a path of its own.
    endpoint: str
    #: As the caller named it: an ARN is one too. None for a call that has no bucket.
    bucket: str | None
    #: A `PUT` that copies names its source in a header.
    copies: bool = False
    is_s3: bool = True

    @cached_property
    def endpoint_path(self) -> str:
        """The path of the endpoint, without a slash at its end."""
        own = urlsplit(self.endpoint).path.rstrip("/")
        path = urlsplit(self.url).path
        return own if path == own or path.startswith(f"{own}/") else ""

    @cached_property
    def bucket_in_host(self) -> bool:
        """Whether the host of the URL holds the bucket."""
        return self.bucket is not None and self._split[2]

    @cached_property
    def label(self) -> str:
        """The bucket as URLs hold it, in a path or in a host."""
        return self._split[0]

    @cached_property
    def key(self) -> str:
        """The key as the URL has it, percent-encoded; empty for a call of a bucket."""
        return self._split[1]

    @cached_property
    def level(self) -> query_parameters.Level:
        """What the call is for."""
        if self.bucket is None:
            return "service"
        return "object" if self.key else "bucket"

    @cached_property
    def is_head_bucket(self) -> bool:
        """Whether this is how botocore asks for the region of a bucket."""
        return self.method == "HEAD" and self.level == "bucket" and not self.query

    @cached_property
    def query(self) -> Pairs:
        """The query of the call, decoded."""
        return parse_query(urlsplit(self.url).query)

    @cached_property
    def takes_new_prefix(self) -> bool:
        """Whether something new may stand before the bucket: nothing is lost where it is wrong.

        `DELETE /bkt` to `/other/bkt` would delete an object of another bucket.
        """
        deletes_objects = self.method == "POST" and any(name == "delete" for name, _ in self.query)
        return self.level == "object" or self.method in _READING or deletes_objects

    @cached_property
    def _split(self) -> tuple[str, str, bool]:
        """Return the bucket and the key as the URL spells them, and whether the host has it."""
        parts = urlsplit(self.url)
        rest = parts.path[len(self.endpoint_path) :].removeprefix("/")
        host, bucket = parts.hostname or "", self.bucket or ""
        first, _, key = rest.partition("/")
        if host != urlsplit(self.endpoint).hostname and host.startswith(f"{bucket.lower()}."):
            return bucket.lower(), rest, True
        if decode(first) == bucket.encode():
            return first, key, False
        return host.partition(".")[0], rest, True  # an ARN: the host has a name made of it


class AllowedForms(NamedTuple):
    """How a URL that answers a call may name what was called."""

    #: Another host or port than the one that was asked.
    elsewhere: bool = True
    #: Its host holds the bucket.
    bucket_in_host: bool = False
    #: Its host can hold another bucket: the path alone does not say which one is meant.
    other_bucket_in_host: bool = False
    #: Something new may stand before the bucket in its path.
    new_prefix: bool = True
    #: Its query is the store's, with a signature of the store's.
    presigned: bool = False
    #: The policy lets targets have any path.
    rewrites: bool = False


class SameOperation(NamedTuple):
    """The target is asked for the call that was made; by this path, as the call spells it.

    Without one the path is the target's own.
    """

    path: str | None


class OtherOperation(NamedTuple):
    """The target would do something else; why, in words that follow 'a URL that'."""

    why: str


def compare(
    call: Call, path: str, query: str, allowed: AllowedForms
) -> SameOperation | OtherOperation:
    """Return whether a URL with this path and query means the call."""
    # To some servers `;` separates as `&` does, and to others it is a part of a value.
    for theirs in (parse_query(query), parse_query(query.replace(";", "&"))):
        found = _compare_queries(call, theirs, allowed)
        if found is not None:
            return found
    spelled = spell_path(call, path, allowed, trimmed=not query)
    if spelled is not None:
        return SameOperation(spelled)
    if allowed.rewrites or _vouched_for(call, allowed):
        return SameOperation(None)
    return OtherOperation(_describe_path(call))


def _vouched_for(call: Call, allowed: AllowedForms) -> bool:
    """Return whether the store, by signing, says that this path is the object's."""
    reading_or_storing = call.method in _READING or (call.method == "PUT" and not call.copies)
    return allowed.presigned and allowed.elsewhere and call.level == "object" and reading_or_storing


def spell_path(call: Call, path: str, allowed: AllowedForms, *, trimmed: bool) -> str | None:
    """Return the path as the call spells it, if it names the same bucket and key, or None.

    White space at the end of a header is trimmed by HTTP: with `trimmed`, a key may lack it.
    """
    if call.level == "service" or not call.is_s3:
        own = urlsplit(call.url).path.removesuffix("/")
        slash = "/" if path.endswith("/") else ""
        return f"{own}{slash}" if decode(path.removesuffix("/")) == decode(own) else None
    if allowed.bucket_in_host:
        for prefix in dict.fromkeys((call.endpoint_path, "")):
            if _begins_with(path, prefix) and _is_key(call, path[len(prefix) + 1 :], trimmed):
                return f"{prefix}/{call.key}"
        return None
    if allowed.other_bucket_in_host:
        return None
    segments = path.split("/")
    for index, segment in enumerate(segments[1:], start=1):
        if decode(segment) != decode(call.label):
            continue
        prefix, rest = "/".join(segments[:index]), "/".join(segments[index + 1 :])
        if _is_key(call, rest, trimmed) and _takes_prefix(call, prefix, allowed):
            # After a bare bucket one slash makes no difference: to ask without it what answers
            # with it would never end.
            slash = "/" if call.key or path.endswith("/") else ""
            return f"{as_signed(prefix)}/{call.label}{slash}{call.key}"
    return None


def _begins_with(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _is_key(call: Call, rest: str, trimmed: bool) -> bool:  # noqa: FBT001  # of one caller
    found, key = decode(rest), decode(call.key)
    return found == key or (trimmed and found == key.rstrip(b" \t") != key)


def _takes_prefix(call: Call, prefix: str, allowed: AllowedForms) -> bool:
    own = [decode(segment) for segment in call.endpoint_path.split("/")[1:]]
    given = [decode(segment) for segment in prefix.split("/")[1:]]
    if given == own:
        return True
    if not allowed.elsewhere:
        return False
    if not given:  # `/s3/key` is a bucket `key` where the path of the endpoint is `/s3`
        return own[:1] != [decode(call.label)]
    return (
        allowed.new_prefix
        and call.takes_new_prefix
        and not _DOTS.intersection(given)
        and given[0] != decode(call.label)
        and not (own and given[: len(own)] == own)
    )


def _compare_queries(call: Call, theirs: Pairs, allowed: AllowedForms) -> OtherOperation | None:
    ours = [(name, value) for name, value in call.query if name not in query_parameters.IGNORED]
    theirs = [(name, value) for name, value in theirs if name not in query_parameters.IGNORED]
    if ours and not theirs:
        listed = _list(name for name, _ in ours)
        return OtherOperation(
            f"loses the query of the request ({listed}); nginx needs `$is_args$args` at the end"
            " of its Location"
        )
    if allowed.presigned:
        ours, theirs = _selecting(ours), _selecting(theirs)
        versions = [[name for name, _ in pairs].count("versionId") for pairs in (ours, theirs)]
        if versions == [0, 1]:  # the version that the store has chosen
            theirs = [pair for pair in theirs if pair[0] != "versionId"]
        return _find_change(ours, theirs)
    known = {name for name, _ in ours}
    return _find_change(ours, [pair for pair in theirs if pair[0] in known]) or _find_addition(
        call, [name for name, _ in theirs if name not in known]
    )


def _selecting(pairs: Pairs) -> list[tuple[str, bytes]]:
    """Return what selects an operation, or could, in other letters, to a server that is lax."""
    return [
        pair
        for pair in pairs
        if pair[0].lower() in _SELECTING and pair[0] != query_parameters.OF_CLOUDFRONT
    ]


def _find_change(ours: Pairs, theirs: Pairs) -> OtherOperation | None:
    if lost := {name for name, _ in ours} - {name for name, _ in theirs}:
        return OtherOperation(f"loses {_list(lost)} from the query of the request")
    if added := {name for name, _ in theirs} - {name for name, _ in ours}:
        return OtherOperation(f"adds {_list(added)} to the query of the request")
    if changed := (Counter(theirs) - Counter(ours)) + (Counter(ours) - Counter(theirs)):
        listed = _list({name for name, _ in changed})
        return OtherOperation(f"changes {listed} in the query of the request")
    return None


def _find_addition(call: Call, added: Sequence[str]) -> OtherOperation | None:
    """Return what a server could take for a part of the call, in any case of letters."""
    known = {*query_parameters.OF_STORES}
    if call.is_s3:
        known |= _SELECTING | {name.lower() for name in query_parameters.TAKEN[call.level]}
    # What follows is the store's to choose, and could be a secret.
    meant = {"x-amz-..." if name.lower().startswith("x-amz-") else name for name in added}
    meant = {name for name in meant if name.lower() in known or name == "x-amz-..."}
    return OtherOperation(f"adds {_list(meant)} to the query of the request") if meant else None


def _describe_path(call: Call) -> str:
    if call.level == "service" or not call.is_s3:
        return "has another path than the request"
    what = "the bucket and the key" if call.key else "the bucket"
    return f"does not name {what} of the request, by the rules for where they stand in a URL"


def _list(found: object) -> str:
    listed = sorted(set(found))  # type: ignore[call-overload]  # an iterable of names
    return ", ".join(f"'{name[:40]}'" for name in listed[:5]) + (" ..." if listed[5:] else "")


def parse_query(query: str) -> list[tuple[str, bytes]]:
    """Split a query into names and values; `+` is a space."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(decode(_spaced(name)).decode("latin-1"), decode(_spaced(v))) for name, _, v in pairs]


def _spaced(text: str) -> str:
    return text.replace("+", " ")


def same_address(url: str, other: str) -> bool:
    """Return whether two URLs lead to the same host and port, the two of the web being alike."""
    here, there = urlsplit(url), urlsplit(other)
    same_port = here.port == there.port or {here.port, there.port} <= {*_WEB_PORTS}
    return here.hostname == there.hostname and same_port


Comparison = Union[SameOperation, OtherOperation]
