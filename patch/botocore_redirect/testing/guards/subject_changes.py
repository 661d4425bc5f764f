"""What a subject may do: what it changed when it was installed, and handlers that it wrote."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore_redirect.testing.guards import leftovers
from botocore_redirect.testing.guards.changes import Change, Snapshot, take_snapshot
from botocore_redirect.testing.guards.event_handlers import registered_handlers
from botocore_redirect.testing.guards.fingerprint import FAMILY, builtin_handlers
from botocore_redirect.testing.guards.leftovers import Key
from botocore_redirect.testing.guards.ownership import find_author, is_standard
from botocore_redirect.testing.guards.subject import Subject

_HANDLERS = ("builtin", "session", "event")


@dataclass
class InstallRecord:
    """The changes that a subject made while it was installed."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    handlers: set[object] = field(default_factory=set)
    #: The packages that it brought along.
    packages: set[str] = field(default_factory=set)


@contextmanager
def recorded() -> Iterator[InstallRecord]:
    """Record what a subject does when it is installed in here, before botocore is imported."""
    before, record = {*sys.modules}, InstallRecord()
    yield record
    packages = {name.partition(".")[0] for name in {*sys.modules} - before}
    record.packages = {each for each in packages if not (each in FAMILY or is_standard(each))}
    record.snapshot = take_snapshot()
    record.handlers = {handler_of(key) for key in leftovers.find()} - {None}


def is_by(change: Change, subject: Subject, packages: set[str]) -> bool:
    """Whether the subject, or what is in the packages that it brought along, made this change."""
    if change.value is None:
        return False
    module = find_author(change.value)[1]
    return bool(subject.in_package([module])) or module.partition(".")[0] in packages


def handler_of(key: Key) -> object:
    """Give the id of the handler that a leftover is; None: it is none."""
    return key[2] if key[0] in _HANDLERS else None


def handlers(subject: Subject) -> set[object]:
    """Give the ids of the subject's handlers, wherever they are registered."""
    emitter = getattr(sys.modules.get("botocore.hooks"), "HierarchicalEmitter", None)
    emitters = [each for each in gc.get_objects() if type(each) is emitter]
    registered = [handler for each in emitters for _, handler in registered_handlers(each)]
    registered += [handler for _, handler in builtin_handlers()]
    return {id(each) for each in registered if subject.in_package([find_author(each)[1]])}
