"""What a subject adds to botocore as it is used, and may: handlers of events that it wrote."""

from __future__ import annotations

import gc
import sys

from . import authors, events
from .subject import Subject
from .traces import Key

_HANDLERS = ("builtin", "session", "event")


def handler_of(key: Key) -> object:
    """Give the id of the handler that a finding is about; None: it is about something else."""
    return key[2] if key[0] in _HANDLERS else None


def handlers(subject: Subject) -> set[object]:
    """Give the ids of the subject's handlers, wherever they are registered."""
    emitter = getattr(sys.modules.get("botocore.hooks"), "HierarchicalEmitter", None)
    emitters = [each for each in gc.get_objects() if type(each) is emitter]
    registered = [handler for each in emitters for _, handler in events.handlers(each)]
    for_all = getattr(sys.modules.get("botocore.handlers"), "BUILTIN_HANDLERS", ())
    registered += [handler for _, handler, *_ in for_all]
    return {id(each) for each in registered if subject.kin([authors.author(each)[1]])}
