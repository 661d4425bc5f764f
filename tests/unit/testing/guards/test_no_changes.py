"""What differs from the baseline and is nobody's patch raises no alarm."""

from __future__ import annotations

import functools
import importlib.util
import socket
import sys
import types
from typing import Any

import botocore
import pytest
import urllib3.util.wait
from botocore.utils import percent_encode

from botocore_redirect.testing.guards.changes import take_snapshot
from botocore_redirect.testing.sandbox.loopback import loopback_only

Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> None: ...


def test_modules_that_are_not_loaded_raise_no_alarm(monkeypatch: Patch) -> None:
    lazy = importlib.util._LazyModule("botocore.lazy")  # type: ignore[attr-defined]  # it has no public name
    monkeypatch.setitem(sys.modules, "botocore.lazy", lazy)
    monkeypatch.setitem(sys.modules, "botocore.never", None)
    assert not take_snapshot().changes


def test_a_part_of_a_package_that_no_other_process_imported_raises_no_alarm(
    monkeypatch: Patch,
) -> None:
    made = types.ModuleType("botocore.made")
    monkeypatch.setitem(sys.modules, "botocore.made", made)
    monkeypatch.setattr(botocore, "made", made, raising=False)
    assert not take_snapshot().changes


def test_a_function_that_replaces_itself_raises_no_alarm(monkeypatch: Patch) -> None:
    monkeypatch.setattr(urllib3.util.wait, "wait_for_socket", urllib3.util.wait.wait_for_socket)
    with socket.create_server(("127.0.0.1", 0)) as server:
        urllib3.util.wait.wait_for_read(server, timeout=0)
    assert urllib3.util.wait.wait_for_socket.__name__ != "wait_for_socket"
    assert not take_snapshot().changes
    monkeypatch.setattr(urllib3.util.wait, "wait_for_socket", _nothing)
    assert "urllib3.util.wait.wait_for_socket" in take_snapshot().changes


def test_code_that_the_interpreter_specialises_raises_no_alarm() -> None:
    """The interpreter rewrites it."""
    trace = sys.gettrace()
    sys.settrace(lambda *_: None)
    for _ in range(3000):
        percent_encode("a b")
    sys.settrace(trace)
    assert not take_snapshot().changes


def _written(module: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": module, "socket": socket}
    exec("class Guarded(socket.socket): pass\ndef guarded(*_): pass", names)
    return names


def test_a_socket_guard_is_accepted_only_around_the_stock_function(monkeypatch: Patch) -> None:
    with loopback_only():
        assert not take_snapshot().changes
    guarded = _written("botocore_redirect.testing.sandbox.loopback")["guarded"]
    monkeypatch.setattr(socket, "getfqdn", functools.wraps(socket.getfqdn)(guarded))
    assert not take_snapshot().changes
    guarded.__wrapped__ = _nothing
    assert "socket.getfqdn" in take_snapshot().changes


def test_a_guard_of_pytest_socket_raises_no_alarm(monkeypatch: Patch) -> None:
    """It says nothing of what it is around."""
    names = _written("pytest_socket")
    with monkeypatch.context() as patched:
        patched.setattr(socket, "socket", names["Guarded"])
        assert not take_snapshot().changes
    monkeypatch.setattr(socket.socket, "connect", names["guarded"])
    assert not take_snapshot().changes
