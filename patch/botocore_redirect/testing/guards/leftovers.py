"""What else may be left of somebody else in a process: what no function of botocore shows.

Each finding has a key, which is the same as long as the thing is the same, and a sentence.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore_redirect.testing.guards import event_handlers
from botocore_redirect.testing.guards.safe_inspect import is_of_c
from botocore_redirect.testing.sandbox.environment import FAKES, PREFIXES, PROXIES

Key = tuple[object, ...]
Findings = dict[Key, str]

_OURS = ("BOTOCORE_REDIRECT", "BOTOCORE_REDIRECT_TRUST", "BOTOCORE_REDIRECT_MAX_HOPS")
_ALSO = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_LOGGERS = ("boto", "boto3", "botocore", "s3transfer", "urllib3")
_FILES = {
    "AWS_CONFIG_FILE": ("~/.aws/config",),
    "AWS_SHARED_CREDENTIALS_FILE": ("~/.aws/credentials",),
    "BOTO_CONFIG": ("/etc/boto.cfg", "~/.boto"),
}
_CALENDAR = ("datetime", "date", "time", "timedelta", "timezone", "tzinfo")


def findings() -> Findings:
    """Look at all that stays in a process: variables, files, handlers, loggers, clocks."""
    return {
        key: said
        for look in (_variables, _files, _builtin_handlers, _default_session, _loggers, _world)
        for key, said in look()
    }


def environment() -> dict[str, str]:
    """Give the variables that botocore reads, to be compared later."""
    return {name: value for name, value in os.environ.items() if _is_read(name) or name in _ALSO}


def changed(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[Key, str]]:
    """Compare what `environment` gave; values are not told, as they may be secrets."""
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            how = "set" if name not in before else "unset" if name not in after else "changed"
            yield ("variable", name), f"the environment variable {name} was {how} meanwhile"


def _is_read(name: str) -> bool:
    return name.startswith(PREFIXES) or name.upper() in PROXIES or name in _OURS


def _variables() -> Iterator[tuple[Key, str]]:
    for name, value in os.environ.items():
        if _is_read(name) and FAKES.get(name) != value:
            out = "unset it" if name in _OURS else "enter aws_sandbox() first, and unset it"
            yield (
                ("variable", name, value),
                f"the environment variable {name} is set ({out})",
            )


def _files() -> Iterator[tuple[Key, str]]:
    for variable, names in _FILES.items():
        for name in () if os.environ.get(variable) else names:
            path = Path(os.path.expanduser(name))  # noqa: PTH111 - as botocore does, without an error
            if _exists(path):
                yield ("file", name), f"{name} is in reach (enter aws_sandbox() first)"


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _builtin_handlers() -> Iterator[tuple[Key, str]]:
    module = sys.modules.get("botocore.handlers")
    where = "among botocore's BUILTIN_HANDLERS, so on every session made since"
    own = event_handlers.builtin() if module else {}
    listed = [(event, each) for event, each, *_ in getattr(module, "BUILTIN_HANDLERS", ())]
    for event, handler in listed:
        said = event_handlers.foreign(handler)
        is_new = not said and own and event_handlers.entry(event, handler) not in own
        if is_new and not event_handlers.is_foreign(handler):  # moto's is foreign, and may be off
            said = f"the handler {event_handlers.told(handler)}"
        if said:
            yield ("builtin", event, id(handler)), f"{said} for {event} is {where}"
    held = {event_handlers.entry(*each) for each in listed}
    for event, name in (each for each in own if each not in held):
        yield ("builtin", event, name), f"the handler {name} for {event} is no longer {where}"


def _default_session() -> Iterator[tuple[Key, str]]:
    session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    for event, handler in event_handlers.handlers(getattr(session, "events", None)):
        if said := event_handlers.foreign(handler):
            yield (
                ("session", event, id(handler)),
                f"{said} for {event} is on boto3.DEFAULT_SESSION",
            )


def _loggers() -> Iterator[tuple[Key, str]]:
    for name, logger in [*logging.root.manager.loggerDict.items()]:
        if name.partition(".")[0] in _LOGGERS and isinstance(logger, logging.Logger):
            for handler in logger.handlers:
                if type(handler).__name__ != "NullHandler":  # old botocore has one of its own
                    kind = type(handler).__name__
                    yield ("logger", name, id(handler)), f"logger {name} has a handler, {kind}"


def _world() -> Iterator[tuple[Key, str]]:
    """Look for other clocks and calendars, such as freezegun's; ours are written in C."""
    for name in _CALENDAR:
        if not is_of_c(getattr(dt, name), "datetime", name):
            yield from _replaced(f"datetime.{name}", getattr(dt, name))
    for name, value in [*vars(time).items()]:
        is_clock = callable(value) and not name.startswith("_") and name != "struct_time"
        if is_clock and not is_of_c(value, "time", name):
            yield from _replaced(f"time.{name}", value)


def _replaced(place: str, value: Any) -> Iterator[tuple[Key, str]]:
    yield (place, id(value)), f"{place} is {event_handlers.told(value)}"
