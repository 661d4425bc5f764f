"""The Locations that a gateway may send, right and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wire.same_operation.asked import Asked, Mutation
from wire.same_operation.faithful import list_faithful
from wire.same_operation.other_paths import list_other_paths
from wire.same_operation.other_queries import (
    list_changed_queries,
    list_longer_queries,
    list_lost_queries,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = {"path": list_other_paths, "query": list_changed_queries, "names": list_longer_queries}


def list_mutations(asked: Asked) -> list[Mutation]:
    """List what is the same request, and what a server would take for another one; each once."""
    found: dict[object, Mutation] = {}
    for each in (*list_faithful(asked), *_list_unfaithful(asked)):
        found.setdefault((each.location, each.status, each.dialect), each)
    return [*found.values()]


def _list_unfaithful(asked: Asked) -> Iterator[Mutation]:
    others = [*list_lost_queries(asked)]
    for part in asked.call.parts:
        others += _PARTS[part](asked)
    for mutation in others:
        if asked.is_another(mutation.location, mutation.dialect):
            yield mutation
    if asked.method not in ("GET", "HEAD"):
        location = asked.there.encode() + asked.received.target.encode("latin-1")
        yield Mutation("303 for a write", "elsewhere", location, status=303)
