"""Things that are made once, and can be taken back, though the answer may be lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from botocore.exceptions import ClientError

from workloads.cluster.calls import Calls
from workloads.cluster.errors import SERVER_ERROR
from workloads.cluster.undo import Undo

Patience = Callable[[Callable[[], str]], Any]


@dataclass(frozen=True)
class Thing:
    """What is made: its kind and its name, for people; how to look for it, and how to remove it.

    `look` returns the ids of what is there of it, and `remove` takes one of them.
    """

    kind: str
    name: str
    look: Callable[[], Sequence[str]]
    remove: Callable[[str], object]


def make(
    thing: Thing, create: Callable[[], str], undo: Undo, calls: Calls, patience: Patience
) -> str:
    """Make a thing that is not there, and return its id; only what was made is undone.

    `create` asks the service. `patience`, like `calls` itself or a method of it, may ask again:
    after an answer that was lost, what is there by now is looked for first, so it is not made
    twice. And what an interrupt leaves in doubt is looked for when it is undone.
    """
    making = _Making(thing, create, calls)
    in_doubt = undo.add(f"{thing.kind} {thing.name}", making.take_back)
    try:
        made = str(patience(making))
        undo.add(f"{thing.kind} {made}", partial(thing.remove, made))
        making.in_doubt = False
    finally:
        if not making.in_doubt:
            undo.forget(in_doubt)
    return made


class _Making:
    """A request that may be made again. Until the service says no, it is in doubt what it did."""

    def __init__(self, thing: Thing, create: Callable[[], str], calls: Calls) -> None:
        self._thing = thing
        self._create = create
        self._calls = calls
        self.in_doubt = False

    def __call__(self) -> str:
        if self.in_doubt and (found := self._calls.found(self._thing.look)):
            return found[0]
        before, self.in_doubt = self.in_doubt, True
        try:
            return self._create()
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < SERVER_ERROR:
                self.in_doubt = before
            raise

    def take_back(self) -> None:
        for found in self._calls.found(self._thing.look):
            self._thing.remove(found)
