"""The functions of the request path in each class: requirements/functions.json.

A line for each function gives the classes that changed it, with a short digest; None where it is
missing. `check` names by it what has changed in a release that is younger than the census.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from botocore_redirect.commands.source_digests import SHORT

#: Function -> digest.
Functions = Mapping[str, str]


def shorten(functions: Functions) -> Functions:
    """Return the functions of a release with short digests."""
    return {name: digest[:SHORT] for name, digest in functions.items()}


def load(text: str, classes: Iterable[str]) -> dict[str, Functions]:
    """Read the functions of each class back; the classes are given oldest first."""
    histories: dict[str, dict[str, str | None]] = json.loads(text)
    changes: dict[str, dict[str, str | None]] = {}
    for name, history in histories.items():
        for class_, digest in history.items():
            changes.setdefault(class_, {})[name] = digest
    now: dict[str, str | None] = {}
    found: dict[str, Functions] = {}
    for class_ in classes:
        now.update(changes.get(class_, {}))
        found[class_] = {name: digest for name, digest in now.items() if digest}
    return found


def render(by_class: Mapping[str, Functions]) -> str:
    """Return the file: a line for each function; the classes are given oldest first."""
    histories: dict[str, dict[str, str | None]] = {}
    before: Functions = {}
    for class_, functions in by_class.items():
        for name in {*before, *functions}:
            if before.get(name) != functions.get(name):
                histories.setdefault(name, {})[class_] = functions.get(name)
        before = functions
    lines = [f"{json.dumps(name)}: {json.dumps(histories[name])}" for name in sorted(histories)]
    return "{\n" + ",\n".join(lines) + "\n}\n"
