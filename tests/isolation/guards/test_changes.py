"""Every way to change botocore that we know of, each seen by the guards, with who did it."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

# What is changed, and by which lines of a module that a quadrant imports.
_ENDPOINT = "botocore.endpoint.Endpoint"
CHANGES = {
    "a function": (f"{_ENDPOINT}._send", "Endpoint._send = lambda self, request: None"),
    "a function that claims to be the original": (
        f"{_ENDPOINT}._send",
        """
@functools.wraps(Endpoint._send)
def _send(self, request): pass
_send.__module__ = "botocore.endpoint"
Endpoint._send = _send""",
    ),
    "the code of a function": (
        f"{_ENDPOINT}._send",
        "Endpoint._send.__code__ = (lambda self, request: None).__code__",
    ),
    "a part of the code of a function": (
        f"{_ENDPOINT}._send",
        """
code = Endpoint._send.__code__
Endpoint._send.__code__ = code.replace(co_consts=(*code.co_consts, "more"))""",
    ),
    "a function of botocore in place of another": (
        f"{_ENDPOINT}.close",
        "Endpoint.close = Endpoint._send",
    ),
    "data in place of a method": (f"{_ENDPOINT}.close", "Endpoint.close = None"),
    "a built-in function": (f"{_ENDPOINT}.close", "Endpoint.close = print"),
    "a wrapper of wrapt": (
        f"{_ENDPOINT}._send",
        """
import wrapt
def wrapper(wrapped, instance, args, kwargs): pass
wrapt.wrap_function_wrapper("botocore.endpoint", "Endpoint._send", wrapper)""",
    ),
    "a mock": (f"{_ENDPOINT}._send", "mock.patch.object(Endpoint, '_send').start()"),
    "a mock that looks like the original": (
        f"{_ENDPOINT}._send",
        "mock.patch.object(Endpoint, '_send', autospec=True).start()",
    ),
    "a partial": (f"{_ENDPOINT}._send", "Endpoint._send = functools.partial(lambda request: None)"),
    "a partial method": (
        f"{_ENDPOINT}._send",
        "Endpoint._send = functools.partialmethod(lambda self, request: None)",
    ),
    "a context manager": (
        f"{_ENDPOINT}._send",
        "Endpoint._send = contextlib.contextmanager(lambda self, request: (yield))",
    ),
    "a cached function": (
        f"{_ENDPOINT}._send",
        "Endpoint._send = functools.lru_cache(lambda self, request: None)",
    ),
    "an object that can be called": (
        f"{_ENDPOINT}._send",
        "Endpoint._send = type('Sender', (), {'__call__': lambda *_: None})()",
    ),
    "a static method": (f"{_ENDPOINT}.close", "Endpoint.close = staticmethod(lambda: None)"),
    "a property": (
        "botocore.client.ClientMeta.service_model",
        "import botocore.client as c\nc.ClientMeta.service_model = property(lambda self: 1)",
    ),
    "a descriptor": (
        f"{_ENDPOINT}.http_session",
        "Endpoint.http_session = type('Descriptor', (), {'__get__': lambda *_: None})()",
    ),
    "a method that was not there": (
        "botocore.client.BaseClient.__getattribute__",
        (
            "from botocore.client import BaseClient\n"
            "BaseClient.__getattribute__ = lambda *names: object.__getattribute__(*names)"
        ),
    ),
    "a function of a module": (
        "botocore.endpoint.convert_to_response_dict",
        "import botocore.endpoint\nbotocore.endpoint.convert_to_response_dict = lambda *_: {}",
    ),
    "a class": (
        "botocore.endpoint.Endpoint",
        "import botocore.endpoint\nbotocore.endpoint.Endpoint = type('Endpoint', (Endpoint,), {})",
    ),
    "a class that claims to be the original": (
        "botocore.endpoint.Endpoint._send",
        (
            "import botocore.endpoint\nbotocore.endpoint.Endpoint = type('Endpoint', (Endpoint,),"
            " {'__module__': 'botocore.endpoint', '_send': lambda self, request: None})"
        ),
    ),
    "the class of connections": (
        "botocore.awsrequest.AWSHTTPConnectionPool.ConnectionCls",
        (
            "from botocore.awsrequest import *\n"
            "AWSHTTPConnectionPool.ConnectionCls = type('Recorded', (AWSHTTPConnection,), {})"
        ),
    ),
    "boto3": (
        "boto3.session.Session.client",
        "import boto3.session\nboto3.session.Session.client = lambda *_, **__: None",
    ),
    "s3transfer": (
        "s3transfer.manager.TransferManager.upload",
        "import s3transfer.manager\ns3transfer.manager.TransferManager.upload = lambda *_: None",
    ),
    "urllib3": (
        "urllib3.connectionpool.HTTPConnectionPool.urlopen",
        (
            "import urllib3.connectionpool\n"
            "urllib3.connectionpool.HTTPConnectionPool.urlopen = lambda *_: None"
        ),
    ),
    "http.client": (
        "http.client.HTTPConnection.putrequest",
        "import http.client\nhttp.client.HTTPConnection.putrequest = lambda *_: None",
    ),
}
IMPORTS = """
import contextlib, functools
from unittest import mock
from botocore.endpoint import Endpoint
"""
# Of these no function tells who wrote them.
_NAMELESS = {
    *("data in place of a method", "a built-in function", "a mock", "an object that can be called"),
    *("a function of botocore in place of another", "a mock that looks like the original"),
    *("a partial", "a partial method", "a context manager", "a cached function", "a static method"),
    *("a property", "the code of a function", "a part of the code of a function", "a descriptor"),
    "a class that claims to be the original",
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_is_seen_before_the_first_test(tmp_path: Path, how: str) -> None:
    place, lines = CHANGES[how]
    guarded.write(tmp_path, top="import culprit")
    (tmp_path / "culprit.py").write_text(IMPORTS + lines, "utf-8")
    status, output = guarded.run(tmp_path)
    said = guarded.contamination(output)
    assert status == 1, output
    assert "before test_it.py (unpatched, no redirects), " in said
    assert f"{place} is " in said
    if how not in _NAMELESS:
        assert f"imported by {tmp_path / 'test_it.py'}:3" in said


def test_a_change_is_seen_after_the_last_test(tmp_path: Path) -> None:
    place, lines = CHANGES["a function"]
    guarded.write(tmp_path, body="import culprit")
    (tmp_path / "culprit.py").write_text(IMPORTS + lines, "utf-8")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert f"after test_it.py (unpatched, no redirects), {place} is " in output
    assert f"(imported by {tmp_path / 'test_it.py'}:6)" in output


def test_other_defaults_are_seen_after_the_last_test(tmp_path: Path) -> None:
    swap = "from botocore.endpoint import Endpoint; Endpoint.__init__.__defaults__ = (1,) * 9"
    guarded.write(tmp_path, top="import botocore.endpoint", body=swap)
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert f"{_ENDPOINT}.__init__ is a function with other defaults" in output


_CELLS = """
from boto3.s3.inject import upload_file
cells = dict(zip(upload_file.__code__.co_freevars, upload_file.__closure__))
"""


def test_what_a_decorated_function_calls_is_looked_at(tmp_path: Path) -> None:
    """The cells of a closure can be filled anew."""
    pytest.importorskip("botocore.context", reason="it has no such decorator")
    guarded.write(tmp_path, top="import culprit")
    swap = f"{_CELLS}cells['func'].cell_contents = lambda *_, **__: None"
    (tmp_path / "culprit.py").write_text(swap, "utf-8")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "boto3.s3.inject.upload_file is " in guarded.contamination(output)


def test_an_empty_cell_calls_nothing(tmp_path: Path) -> None:
    pytest.importorskip("botocore.context", reason="it has no such decorator")
    guarded.write(tmp_path, top="import culprit")
    (tmp_path / "culprit.py").write_text(f"{_CELLS}del cells['func'].cell_contents", "utf-8")
    status, output = guarded.run(tmp_path)
    assert (status, "1 passed" in output) == (0, True), output
