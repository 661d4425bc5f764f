"""The changes in botocore: the places whose fingerprints differ from the baseline."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from botocore_redirect.testing.guards.baseline import baseline
from botocore_redirect.testing.guards.fingerprint import (
    WRITTEN_IN_C,
    attribute,
    family_modules,
    fingerprint,
    is_module,
    places,
)
from botocore_redirect.testing.guards.ownership import describe, find_author

# Packages that replace sockets to refuse connections to other machines, and do nothing else.
_SOCKET_GUARDS = ("botocore_redirect", "pytest_socket")
_GUARDED = ("socket", "ssl")
# A function that replaces itself when it is first called -> the functions that replace it.
_REPLACES_ITSELF = {
    "urllib3.util.wait.wait_for_socket": ("poll_wait_for_socket", "select_wait_for_socket")
}


@dataclass(frozen=True)
class Change:
    """A place of botocore, or of what it calls, whose value is not the stock one."""

    place: str
    what: str
    value: Any = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.place} is {self.what}"


@dataclass(frozen=True)
class Snapshot:
    """The changes in botocore and its family at one moment."""

    #: By their places.
    changes: dict[str, Change] = field(default_factory=dict)
    #: The defaults of all functions, for a later comparison: no fingerprint includes them.
    defaults: dict[str, tuple[object, object]] = field(default_factory=dict)

    def changes_since(self, before: Snapshot) -> list[Change]:
        """Return the changes that were not there before."""
        return [
            change
            for place, change in self.changes.items()
            if place not in before.changes or before.changes[place].value is not change.value
        ]

    def other_defaults_since(self, before: Snapshot) -> list[Change]:
        """Return the functions whose defaults were replaced."""
        return [
            Change(place, "a function with other defaults")
            for place, defaults in self.defaults.items()
            if any(map(operator.is_not, defaults, before.defaults.get(place, defaults)))
        ]

    def restored_since(self, before: Snapshot) -> list[str]:
        """Return the places that were changed before and are stock again."""
        return [place for place in before.changes if place not in self.changes]


def take_snapshot() -> Snapshot:
    """Compare every imported module of botocore and its family with the baseline."""
    found = Snapshot()
    for name in family_modules():
        values = [*places(name)]
        found.changes.update((change.place, change) for change in _compare(name, values))
        for path, value in values:
            if type(value) is FunctionType and (value.__defaults__ or value.__kwdefaults__):
                found.defaults[f"{name}.{path}"] = value.__defaults__, value.__kwdefaults__
    return found


def changes_of(module: str) -> list[Change]:
    """Compare one imported module with the baseline."""
    return [*_compare(module, places(module))]


def _compare(module: str, values: Iterable[tuple[str, Any]]) -> Iterator[Change]:
    stock = baseline().places.get(module, {})
    for path, value in values:
        expected = stock.get(path, "")
        if fingerprint(value) != expected and not _is_harmless(module, path, value, expected):
            yield Change(f"{module}.{path}", describe(value), value)


def _is_harmless(module: str, path: str, value: Any, expected: str) -> bool:
    place = f"{module}.{path}"
    if is_module(value):  # a part of a package, that another process need not import
        return sys.modules.get(place) is value
    if place in _REPLACES_ITSELF:
        stock = baseline().places[module]
        return fingerprint(value) in map(stock.get, _REPLACES_ITSELF[place])
    return module in _GUARDED and _is_socket_guard(value, expected)


def _is_socket_guard(value: Any, expected: str) -> bool:
    """Whether this refuses connections and wraps the stock value."""
    if find_author(value)[1].partition(".")[0] not in _SOCKET_GUARDS:
        return False
    around = attribute(value, "__wrapped__")
    inherited = not expected and issubclass(type(around), WRITTEN_IN_C)
    return around is None or inherited or fingerprint(around) == expected
