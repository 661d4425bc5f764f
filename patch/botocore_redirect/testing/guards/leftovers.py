"""Leftovers of other tests and libraries: variables, files, event handlers, loggers, clocks.

Each has a key, by which two checks compare it, and a text for the message.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from botocore_redirect.testing.guards import changes, event_handlers
from botocore_redirect.testing.guards.fingerprint import CLOCKS
from botocore_redirect.testing.sandbox.environment import FAKES, PREFIXES, PROXIES

Key = tuple[object, ...]
Leftovers = dict[Key, str]

_OURS = (
    "BOTOCORE_REDIRECT",
    "BOTOCORE_REDIRECT_TRUST",
    "BOTOCORE_REDIRECT_MAX_HOPS",
    "BOTOCORE_REDIRECT_REWRITES",
)
_ALSO = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_LOGGERS = ("boto", "boto3", "botocore", "s3transfer", "urllib3")
_FILES = {
    "AWS_CONFIG_FILE": ("~/.aws/config",),
    "AWS_SHARED_CREDENTIALS_FILE": ("~/.aws/credentials",),
    "BOTO_CONFIG": ("/etc/boto.cfg", "~/.boto"),
}


def find() -> Leftovers:
    """Look at all that stays in a process: variables, files, handlers, loggers, clocks."""
    return {**find_in_environment(), **find_in_process()}


def find_in_environment() -> Leftovers:
    """Look at what `aws_sandbox` takes away: variables and files."""
    return {**dict(_variables()), **dict(_files())}


def find_in_process() -> Leftovers:
    """Look at what a forked process inherits: handlers, loggers, clocks."""
    return {
        **dict(_builtin_handlers()),
        **dict(_default_session()),
        **dict(_loggers()),
        **dict(_clocks()),
    }


def environment() -> dict[str, str]:
    """Give the variables that botocore reads, to be compared later."""
    return {name: value for name, value in os.environ.items() if _is_read(name) or name in _ALSO}


def changed(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[Key, str]]:
    """Compare what `environment` gave; no message has a value, which may be a secret."""
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
    for event, identity, problem in event_handlers.changes_of_builtin():
        yield ("builtin", event, identity), problem


def _default_session() -> Iterator[tuple[Key, str]]:
    session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    for event, handler in event_handlers.registered_handlers(getattr(session, "events", None)):
        if problem := event_handlers.describe_foreign(handler):
            yield (
                ("session", event, id(handler)),
                f"{problem} for {event} is on boto3.DEFAULT_SESSION",
            )


def _loggers() -> Iterator[tuple[Key, str]]:
    for name, logger in [*logging.root.manager.loggerDict.items()]:
        if name.partition(".")[0] in _LOGGERS and isinstance(logger, logging.Logger):
            for handler in logger.handlers:
                if type(handler).__name__ != "NullHandler":  # old botocore has one of its own
                    kind = type(handler).__name__
                    yield ("logger", name, id(handler)), f"logger {name} has a handler, {kind}"


def _clocks() -> Iterator[tuple[Key, str]]:
    """Look for other clocks and calendars, such as freezegun's."""
    for name in CLOCKS:
        importlib.import_module(name)
        for change in changes.changes_of(name):
            importer = event_handlers.describe_importer(change.value)
            yield (change.place, id(change.value)), f"{change}{importer}"
