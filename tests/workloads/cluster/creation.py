"""Create a resource once, even where an answer is lost, and remember how to remove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from botocore.exceptions import ClientError

from workloads.cluster.calls import Calls
from workloads.cluster.errors import SERVER_ERROR
from workloads.cluster.undo import Undo

Retry = Callable[[Callable[[], str]], Any]


@dataclass(frozen=True)
class Resource:
    """A resource to create: its kind and its name in messages, how to find and how to remove it.

    `look` returns the ids of those that exist, and `remove` takes one of them.
    """

    kind: str
    name: str
    look: Callable[[], Sequence[str]]
    remove: Callable[[str], object]


def create_once(
    resource: Resource, create: Callable[[], str], undo: Undo, calls: Calls, retry: Retry
) -> str:
    """Create a resource that does not exist, and return its id; `undo` removes only this one.

    `create` asks the service. `retry`, `calls` itself or one of its methods, may ask again: after a
    lost answer the resource is looked for first, so that it is not created twice. If an interrupt
    leaves it open whether the resource exists, `undo` looks for it.
    """
    creation = _Creation(resource, create, calls)
    in_doubt = undo.add(f"{resource.kind} {resource.name}", creation.take_back)
    try:
        created = str(retry(creation))
        undo.add(f"{resource.kind} {created}", partial(resource.remove, created))
        creation.in_doubt = False
    finally:
        if not creation.in_doubt:
            undo.forget(in_doubt)
    return created


class _Creation:
    """A request that may be repeated. Unless the service refuses it, its effect is in doubt."""

    def __init__(self, resource: Resource, create: Callable[[], str], calls: Calls) -> None:
        self._resource = resource
        self._create = create
        self._calls = calls
        self.in_doubt = False

    def __call__(self) -> str:
        if self.in_doubt and (found := self._calls.look_until_found(self._resource.look)):
            return found[0]
        before, self.in_doubt = self.in_doubt, True
        try:
            return self._create()
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < SERVER_ERROR:
                self.in_doubt = before
            raise

    def take_back(self) -> None:
        for found in self._calls.look_until_found(self._resource.look):
            self._resource.remove(found)
