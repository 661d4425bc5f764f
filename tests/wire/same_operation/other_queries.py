"""Locations with another query: parameters lost, changed and added."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from wire.same_operation.asked import DIALECT, NODE, Asked, Mutation
from wire.same_operation.faithful import with_query
from wire.servers.s3_routes import list_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

LAX = replace(DIALECT, any_case=True, semicolons=True)
LAST_WINS = replace(DIALECT, last_wins=True)

_HEADERS_IN_QUERY = {
    "GET": ["x-amz-expected-bucket-owner=1", "X-Amz-Request-Payer=requester"],
    "PUT": ["x-amz-acl=public-read", "X-Amz-Copy-Source=src%2Fother", "x-amz-grant-read=id%3D1"],
    "DELETE": ["x-amz-bypass-governance-retention=true", "x-amz-mfa=1"],
}


def list_lost_queries(asked: Asked) -> Iterator[Mutation]:
    """List Locations that lose the query, or one of its parameters."""
    own, path = asked.parameters, asked.received.path
    if not own:
        return
    there = asked.there.encode()
    statuses = (301, 302, 308, 303) if asked.method in ("GET", "HEAD") else (301, 302, 308)
    for status in (307, statuses[len(asked.operation) % len(statuses)]):
        location = there + with_query(path, [])
        yield Mutation("query lost", f"elsewhere, {status}", location, status=status)
    yield Mutation("query lost", "here", asked.here.encode() + with_query(path, []))
    yield Mutation("query lost", "for others", there + with_query(path, ["pid=1", "x=2"]))
    if not path.startswith("//"):
        yield Mutation("query lost", "relative", with_query(path, []))
    if not asked.is_virtual and asked.bucket:
        at_bucket = asked.at_bucket(asked.bucket, NODE).encode()
        yield Mutation("query lost", "to a host", at_bucket + with_query(f"/{asked.key}", []))
    for number, each in enumerate(own):
        left = [*own[:number], *own[number + 1 :]]
        for more in ([], ["pid=1"]):
            location = asked.there.encode() + with_query(path, [*left, *more])
            yield Mutation("parameter lost", each, location)


def list_changed_queries(asked: Asked) -> Iterator[Mutation]:
    """List Locations that spell a parameter or its value otherwise."""
    own, path = asked.parameters, asked.received.path

    def here(kind: str, what: str, parameters: list[str], **more: object) -> Mutation:
        location = asked.there.encode() + with_query(path, parameters)
        return Mutation(kind, what, location, **more)  # type: ignore[arg-type]  # its other fields

    for number, each in enumerate(own):
        name, _, value = each.partition("=")
        before, after = own[:number], own[number + 1 :]
        others = {
            "another": f"{name}=7",
            "longer": f"{name}={value}x",
            "empty": f"{name}=",
            "no value": name,
            "escaped twice": f"{name}={quote(value, safe='')}",
            "decoded": f"{name}={unquote_plus(value)}",
            "as plus": f"{name}={value.replace('%2B', '+')}",
        }
        for what, other in others.items():
            if other != each:
                yield here("value changed", f"{name}, {what}", [*before, other, *after])
                if what == "another":
                    yield here("given twice", f"{name}, first", [other, *own])
                    yield here("given twice", f"{name}, last", [*own, other], dialect=LAST_WINS)
        spelled = {name.upper(), name.lower(), name.capitalize(), f"{name}%20", f"amp;{name}"}
        for other in sorted(spelled - {name}):
            kept = f"{other}={value}" if "=" in each else other
            yield here("name in another spelling", other, [*before, kept, *after])
    if own[1:]:
        for separator in (";", "&amp;", "%26", ","):
            yield here("other separators", separator, [separator.join(own)])
    if own:
        yield here("other separators", "a second question mark", ["pid=1?" + "&".join(own)])
        location = asked.there.encode() + path.encode("latin-1") + b"%3F" + "&".join(own).encode()
        yield Mutation("other separators", "the question mark escaped", location)


@cache
def _names_of(level: str) -> tuple[str, ...]:
    """List the parameters that the model has at that level."""
    found = {
        name: value
        for route in list_routes()
        if route.level == level
        for name, value in (*route.static.items(), *dict.fromkeys(route.parameters, "7").items())
    }
    both = [("partNumber=7", "uploadId=u"), ("append", "position=0"), ("select", "select-type=2")]
    single = [f"{name}={value}" if value else name for name, value in sorted(found.items())]
    return (*single, *("&".join(pair) for pair in both))


def list_longer_queries(asked: Asked) -> Iterator[Mutation]:
    """List Locations with one parameter more, of those that the model has at that level."""
    own, path = asked.parameters, asked.received.path
    for number, added in enumerate(_names_of(asked.level)):
        name = added.partition("=")[0]
        if any(each.partition("=")[0] == name for each in own):
            continue
        location = asked.there.encode() + with_query(path, [*own, added])
        yield Mutation("parameter added", added, location, dialect=LAST_WINS)
        spelled = _spell(added, number + len(asked.operation))
        location = asked.there.encode() + with_query(path, [spelled, *own])
        yield Mutation("parameter added, odd spelling", spelled, location, dialect=LAX)
    for added in _HEADERS_IN_QUERY.get(asked.method, ()):
        location = asked.there.encode() + with_query(path, [*own, added])
        yield Mutation("header added in the query", added, location)


def _spell(added: str, number: int) -> str:
    """Write a parameter in one of the ways in which a careless look misses it."""
    name, equals, value = added.partition("=")
    rest = f"{equals}{value}"
    return (
        f"{name.upper()}{rest}",
        f"{name.lower()}{rest}" if name != name.lower() else f"{name.title()}{rest}",
        f"%{ord(name[0]):02X}{name[1:]}{rest}",
        f"pid=1;{added}",
        f"{name}=" if not value else f"{name.capitalize()}{rest}",
        f"&{added}",
    )[number % 6]
