"""Whether a URL means the call that was made: same bucket, same key, same sub-resource.

A redirect may move a call, never change it. The URL is compared with the call itself, not with the
hop before it. Both are decoded once, to bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Union
from urllib.parse import urlsplit

from botocore_redirect.rules import query_parameters
from botocore_redirect.rules.call import READING, Call, Pairs, parse_query
from botocore_redirect.rules.location import as_signed, decode

_DOTS = frozenset({b".", b"..", b""})
_WEB_PORTS = (None, 80, 443)
_SELECTING = {name.lower() for name in query_parameters.SELECTING}


class AllowedForms(NamedTuple):
    """Which forms of a target's URL may stand for the call."""

    #: The target is at another host or port than the one that was asked.
    elsewhere: bool = True
    #: The host of the URL holds the bucket.
    bucket_in_host: bool = False
    #: The host may hold another bucket, so the path alone does not say which bucket is meant.
    other_bucket_in_host: bool = False
    #: The path may have a prefix before the bucket that the call does not have.
    new_prefix: bool = True
    #: The store has signed the URL: its query is the store's own.
    presigned: bool = False
    #: The policy lets targets have any path.
    rewrites: bool = False


class SameOperation(NamedTuple):
    """The URL means the call. `path` is its path as the call spells it, None to keep the URL's."""

    path: str | None


class OtherOperation(NamedTuple):
    """The URL means something else. `why` completes a sentence that begins 'a URL that'."""

    why: str


def compare(
    call: Call, path: str, query: str, allowed: AllowedForms
) -> SameOperation | OtherOperation:
    """Return whether a URL with this path and query means the call."""
    # Some servers read `;` as a separator like `&`, others as a part of a value.
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
    """Return whether the store's signature says that this path is the object's."""
    reading_or_storing = call.method in READING or (call.method == "PUT" and not call.copies)
    return allowed.presigned and allowed.elsewhere and call.level == "object" and reading_or_storing


def spell_path(call: Call, path: str, allowed: AllowedForms, *, trimmed: bool) -> str | None:
    """Return the path as the call spells it if it names the same bucket and key, else None.

    HTTP trims white space at the end of a header. With `trimmed`, the key may lack it.
    """
    if call.level == "service" or not call.is_s3:
        own = urlsplit(call.url).path.removesuffix("/")
        slash = "/" if path.endswith("/") else ""
        return f"{own}{slash}" if decode(path.removesuffix("/")) == decode(own) else None
    if allowed.bucket_in_host:
        for prefix in dict.fromkeys((call.endpoint_path, "")):
            rest = path[len(prefix) + 1 :]
            if _begins_with(path, prefix) and _is_key(call, rest, trimmed=trimmed):
                return f"{prefix}/{call.key}"
        return None
    if allowed.other_bucket_in_host:
        return None
    segments = path.split("/")
    for index, segment in enumerate(segments[1:], start=1):
        if decode(segment) != decode(call.label):
            continue
        prefix, rest = "/".join(segments[:index]), "/".join(segments[index + 1 :])
        if _is_key(call, rest, trimmed=trimmed) and _takes_prefix(call, prefix, allowed):
            # A slash after a bare bucket makes no difference. A gateway that adds it would redirect
            # for ever if the hop left it out.
            slash = "/" if call.key or path.endswith("/") else ""
            return f"{as_signed(prefix)}/{call.label}{slash}{call.key}"
    return None


def _begins_with(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _is_key(call: Call, rest: str, *, trimmed: bool) -> bool:
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
        if versions == [0, 1]:  # the store has chosen a version
            theirs = [pair for pair in theirs if pair[0] != "versionId"]
        return _find_change(ours, theirs)
    known = {name for name, _ in ours}
    return _find_change(ours, [pair for pair in theirs if pair[0] in known]) or _find_addition(
        call, [name for name, _ in theirs if name not in known]
    )


def _selecting(pairs: Pairs) -> list[tuple[str, bytes]]:
    """Return the parameters that select an operation, in any case of letters: servers are lax."""
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
    """Return a refusal of parameters that a server could take for a part of the call."""
    known = {*query_parameters.OF_STORES}
    if call.is_s3:
        known |= _SELECTING | {name.lower() for name in query_parameters.TAKEN[call.level]}
    # The rest of such a name is the store's choice and could be a secret.
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


def same_address(url: str, other: str) -> bool:
    """Return whether two URLs have the same host and port; 80 and 443 count as one port."""
    here, there = urlsplit(url), urlsplit(other)
    same_port = here.port == there.port or {here.port, there.port} <= {*_WEB_PORTS}
    return here.hostname == there.hostname and same_port


Comparison = Union[SameOperation, OtherOperation]
