"""What else stays in a process: variables, files, handlers, loggers and clocks."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import re
import sys
import time
import types
from pathlib import Path
from typing import Any

import boto3
import botocore.handlers
import pytest

from botocore_redirect.testing import aws_sandbox
from botocore_redirect.testing.guards import leftovers

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _before() -> None:
    _known.clear()
    _known.update(leftovers.find())


_known: leftovers.Leftovers = {}


def _found() -> list[str]:
    return [text for key, text in leftovers.find().items() if key not in _known]


def _nothing(*_: object, **__: object) -> None: ...


class _Date(dt.date): ...


class _Datetime(dt.datetime): ...


# Any that has another name, or another author, is another.
CLOCKS: dict[str, tuple[types.ModuleType, Any]] = {
    "time.sleep": (time, print),
    "time.time": (time, time.monotonic),
    "time.perf_counter": (time, _nothing),
    "time.localtime": (time, functools.partial(_nothing)),
    "time.gmtime": (time, type("gmtime", (), {"__module__": "time"})),
    "time.strftime": (time, types.SimpleNamespace),
    "datetime.datetime": (dt, _Datetime),
    "datetime.date": (dt, _Date),
    "datetime.timezone": (dt, type("timezone", (), {"__module__": "datetime", "utc": 0})),
}


@pytest.mark.parametrize("place", CLOCKS)
def test_clocks_and_calendars_of_others_are_seen(place: str, monkeypatch: Patch) -> None:
    module, value = CLOCKS[place]
    with monkeypatch.context() as patched:
        patched.setattr(module, place.partition(".")[2], value)
        found = _found()
    assert {text.partition(" is ")[0] for text in found} >= {place}


_VARIABLES = {
    "AWS_PROFILE": "mine",
    "AWS_RETRY_MODE": "adaptive",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_CONFIG_FILE": "config",
    "BOTO_CONFIG": "config",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "a=b",
    "BOTOCORE_REDIRECT": "off",
    "BOTOCORE_REDIRECT_TRUST": "*",
    "BOTOCORE_REDIRECT_MAX_HOPS": "1",
    "BOTOCORE_REDIRECT_REWRITES": "on",
    "https_proxy": "http://127.0.0.1:1",
}


@pytest.mark.parametrize("name", _VARIABLES)
def test_a_variable_that_the_sandbox_does_not_set_is_seen(name: str, monkeypatch: Patch) -> None:
    with aws_sandbox():
        assert not leftovers.find_in_environment()
        monkeypatch.setenv(name, _VARIABLES[name])
        (text,) = leftovers.find_in_environment().values()
        monkeypatch.undo()
    # Without the value, which may be a secret.
    assert re.fullmatch(rf"the environment variable {name} is set \([a-z_(), ]*unset it\)", text)


@pytest.mark.parametrize(
    "name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
)
def test_a_changed_certificate_authority_variable_is_reported(
    name: str, monkeypatch: Patch
) -> None:
    monkeypatch.delenv(name, raising=False)
    before = leftovers.environment()
    monkeypatch.setenv(name, "other")
    after = leftovers.environment()
    assert [key for key, _ in leftovers.changed(before, after)] == [("variable", name)]


@pytest.mark.parametrize("name", ["boto", "boto3", "botocore", "s3transfer", "urllib3.connection"])
def test_a_log_of_each_package_is_seen(name: str, monkeypatch: Patch) -> None:
    monkeypatch.setattr(logging.getLogger(name), "handlers", [logging.StreamHandler()])
    assert _found() == [f"logger {name} has a handler, StreamHandler"]


def test_a_home_without_aws_files_is_no_leftover(monkeypatch: Patch, tmp_path: Path) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    for home in (tmp_path, tmp_path / ("far" * 2000)):  # the second is more than a path can be
        monkeypatch.setenv("HOME", str(home))
        assert not [text for text in _found() if "~" in text]
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [text for text in _found() if "~/.aws/config is in reach" in text]


def _of_moto(enabled: object) -> Any:
    made = type("Stubber", (), {"__module__": "moto.core", "__call__": _nothing})()
    made.enabled = enabled
    return made


def _switched_off(**_: object) -> None: ...


_switched_off.enabled = False  # type: ignore[attr-defined]  # functions may have any

# Added to what botocore registers for every session, and whether that is harmless.
HANDLERS = {
    "a function of botocore at another event": (botocore.handlers.disable_signing, False),
    "a function written in C": (print, False),
    "a function of Python's library": (json.dumps, False),
    "a function that says it is off": (_switched_off, False),
    "the mock of moto that is on": (_of_moto(enabled=True), False),
    "the mock of moto that is off": (_of_moto(enabled=False), True),
    "something of moto that is no mock": (_of_moto(enabled=None), False),
}


@pytest.mark.parametrize("what", HANDLERS)
def test_a_handler_that_botocore_does_not_make_is_seen(what: str, monkeypatch: Patch) -> None:
    handler, harmless = HANDLERS[what]
    listed = [*botocore.handlers.BUILTIN_HANDLERS, ("choose-signer", handler)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", listed)
    wanted = [] if harmless else [True]
    assert [" for choose-signer is among botocore's " in text for text in _found()] == wanted


def test_a_handler_on_the_default_session_is_seen(monkeypatch: Patch) -> None:
    session = boto3.Session(region_name="us-east-1")
    session.events.register("before-send", _nothing)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    (text,) = _found()
    assert text.startswith("the handler _nothing of ")
    assert text.endswith(" for before-send is on boto3.DEFAULT_SESSION")


def test_a_handler_that_is_gone_is_seen(monkeypatch: Patch) -> None:
    listed = botocore.handlers.BUILTIN_HANDLERS
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", listed[1:])
    assert [" is no longer among " in text for text in _found()] == [True]


def test_without_botocore_there_are_no_handlers(monkeypatch: Patch) -> None:
    monkeypatch.delitem(sys.modules, "botocore.handlers")
    assert not _found()
