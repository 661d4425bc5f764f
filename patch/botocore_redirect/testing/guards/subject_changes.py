"""What is a subject's own, and may be there: what it did at first, and handlers that it wrote."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore_redirect.testing.guards import (
    event_handlers,
    leftovers,
    module_source,
    ownership,
    pristine,
)
from botocore_redirect.testing.guards.leftovers import Key
from botocore_redirect.testing.guards.pristine import Change, Look
from botocore_redirect.testing.guards.subject import Subject

_BOTO = ("botocore", "boto3", "s3transfer", "urllib3")
_HANDLERS = ("builtin", "session", "event")


@dataclass
class Work:
    """What a subject did to botocore while nobody else could."""

    look: Look = field(default_factory=Look)
    handlers: set[object] = field(default_factory=set)
    #: The packages that it brought along.
    packages: set[str] = field(default_factory=set)


@contextmanager
def watched() -> Iterator[Work]:
    """See what a subject does when it is installed in here, before anything of botocore is."""
    before, work = {*sys.modules}, Work()
    yield work
    packages = {name.partition(".")[0] for name in {*sys.modules} - before}
    work.packages = {name for name in packages if not _is_common(name)}
    work.look = pristine.look()
    work.handlers = {handler_of(key) for key in leftovers.findings()} - {None}


def is_by(change: Change, subject: Subject, packages: set[str]) -> bool:
    """Whether the subject, or what is in the packages that it brought along, made this change."""
    if change.value is None:
        return False
    module = ownership.author(change.value)[1]
    return bool(subject.kin([module])) or module.partition(".")[0] in packages


def handler_of(key: Key) -> object:
    """Give the id of the handler that a finding is about; None: it is about something else."""
    return key[2] if key[0] in _HANDLERS else None


def handlers(subject: Subject) -> set[object]:
    """Give the ids of the subject's handlers, wherever they are registered."""
    emitter = getattr(sys.modules.get("botocore.hooks"), "HierarchicalEmitter", None)
    emitters = [each for each in gc.get_objects() if type(each) is emitter]
    registered = [handler for each in emitters for _, handler in event_handlers.handlers(each)]
    for_all = getattr(sys.modules.get("botocore.handlers"), "BUILTIN_HANDLERS", ())
    registered += [handler for _, handler, *_ in for_all]
    return {id(each) for each in registered if subject.kin([ownership.author(each)[1]])}


def _is_common(package: str) -> bool:
    return package in _BOTO or module_source.is_standard(package)
