"""What may be left in a process besides changed functions: each seen, and what is harmless not."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

_CLIENT = """
import boto3
client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a",
                      aws_secret_access_key="b")
"""
_SERVER = """
import http.client, socket
server = socket.create_server(("127.0.0.1", 0))
connection = http.client.HTTPConnection(*server.getsockname())
connection.connect()
"""
# What is found, and the lines that leave it behind once the sandbox is on.
TRACES = {
    "the subject's module": ("our_subject had been imported (imported by ", "import our_subject"),
    "our patch": (
        "botocore_redirect.hooks.endpoint",
        "import botocore_redirect.hooks.endpoint",
    ),
    "a handler on all sessions": (
        "the handler <lambda> of ",
        (
            "import botocore.handlers\n"
            "botocore.handlers.BUILTIN_HANDLERS.append(('before-send', lambda **_: None))"
        ),
    ),
    "a mock of moto": (
        "the handler of moto, whose mock is on",
        "import moto\n(moto.mock_aws if hasattr(moto, 'mock_aws') else moto.mock_s3)().start()",
    ),
    "a handler on the default session": (
        "for before-send is on boto3.DEFAULT_SESSION",
        (
            "import boto3\nboto3.setup_default_session(region_name='us-east-1')\n"
            "boto3.DEFAULT_SESSION.events.register('before-send', lambda **_: None)"
        ),
    ),
    "a handler on a session": (
        "for before-sign is on a session",
        (
            "import botocore.session\nsession = botocore.session.Session()\n"
            "session.register('before-sign', lambda **_: None)"
        ),
    ),
    "a handler on a client": (
        "for before-send.s3 is on a client of s3",
        f"{_CLIENT}client.meta.events.register('before-send.s3', lambda **_: None)",
    ),
    "a Stubber": (
        "a Stubber of botocore answers for a client of s3",
        (
            f"{_CLIENT}from botocore.stub import Stubber\nstubber = Stubber(client)\n"
            "stubber.activate()"
        ),
    ),
    "a changed client": (
        "a client of s3._make_api_call is <lambda> of ",
        f"{_CLIENT}client._make_api_call = lambda *_: None",
    ),
    "a changed endpoint of a client": (
        "a client of s3._endpoint._send is <lambda> of ",
        f"{_CLIENT}client._endpoint._send = lambda *_: None",
    ),
    "a log": (
        "logger botocore has a handler, StreamHandler",
        "import boto3\nboto3.set_stream_logger('botocore')",
    ),
    "a profile": (
        "the environment variable AWS_PROFILE is set",
        "import os\nos.environ['AWS_PROFILE'] = 'mine'",
    ),
    "another way to retry": (
        "the environment variable AWS_RETRY_MODE is set",
        "import os\nos.environ['AWS_RETRY_MODE'] = 'adaptive'",
    ),
    "a plugin of botocore": (
        "the environment variable BOTOCORE_EXPERIMENTAL__PLUGINS is set",
        "import os\nos.environ['BOTOCORE_EXPERIMENTAL__PLUGINS'] = 'a=b'",
    ),
    "other credentials": (
        "the environment variable AWS_SECRET_ACCESS_KEY is set",
        "import os\nos.environ['AWS_SECRET_ACCESS_KEY'] = 'real'",
    ),
    "a configuration": (
        "the environment variable AWS_CONFIG_FILE is set",
        "import os\nos.environ['AWS_CONFIG_FILE'] = 'config'",
    ),
    "a file of credentials": (
        "~/.aws/credentials is in reach",
        (
            "import os, pathlib\nos.environ['HOME'] = os.environ['USERPROFILE'] = os.getcwd()\n"
            "del os.environ['AWS_SHARED_CREDENTIALS_FILE']\n"
            "pathlib.Path('.aws').mkdir()\npathlib.Path('.aws/credentials').write_text('')"
        ),
    ),
    "a proxy": (
        "the environment variable https_proxy is set",
        "import os\nos.environ['https_proxy'] = 'http://127.0.0.1:1'",
    ),
    "a switch of ours": (
        "the environment variable BOTOCORE_REDIRECT is set",
        "import os\nos.environ['BOTOCORE_REDIRECT'] = 'off'",
    ),
    "an open connection": ("an HTTP connection to 127.0.0.1:", _SERVER),
    "another clock": ("time.sleep is <lambda> of ", "import time\ntime.sleep = lambda _: None"),
    "another calendar": (
        "datetime.datetime is Frozen of ",
        (
            "import datetime\nclass Meta(type): pass\n"
            "class Frozen(datetime.datetime, metaclass=Meta): pass\ndatetime.datetime = Frozen"
        ),
    ),
    "other sockets": (
        "socket.socket is class Green of ",
        "import socket\nclass Green: pass\nsocket.socket = Green",
    ),
    "other TLS": (
        "ssl.SSLSocket is class Green of ",
        "import ssl\nclass Green(ssl.SSLSocket): pass\nssl.SSLSocket = Green",
    ),
}
_CONFTEST = """
import pytest
from botocore_redirect.testing.sandbox import shared
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.session.sandbox = shared.entered(item.config)
    item.session.sandbox.__enter__()
    import culprit
"""
# What clients and sessions do as they are used is theirs; these things stay in the process.
_LEFT_BY_TESTS = [
    *("our patch", "a handler on all sessions", "a handler on the default session", "a log"),
    *("a profile", "other credentials", "a proxy", "a switch of ours", "another clock"),
]


@pytest.mark.parametrize("what", TRACES)
def test_a_trace_is_seen_before_the_first_test(tmp_path: Path, what: str) -> None:
    found, lines = TRACES[what]
    guarded.write(tmp_path)
    (tmp_path / "conftest.py").write_text(_CONFTEST, "utf-8")
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    status, output = guarded.run(tmp_path)
    said = guarded.contamination(output)
    assert status == 1, output
    assert "before test_it.py (unpatched, no redirects), " in said
    assert found in said
    if found.endswith((" of ", "imported by ")):
        assert "culprit" in said


@pytest.mark.parametrize("what", _LEFT_BY_TESTS)
@pytest.mark.parametrize("patched", [False, True], ids=["unpatched", "patched"])
def test_a_trace_is_seen_after_the_last_test(tmp_path: Path, what: str, *, patched: bool) -> None:
    found, lines = TRACES[what]
    guarded.write(tmp_path, body="import culprit", patched=patched)
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    status, output = guarded.run(tmp_path)
    said = guarded.contamination(output)
    assert status == 1, output
    assert "1 passed" in output
    assert "after test_it.py (" in said
    assert found in said


def test_a_variable_that_was_taken_away_is_seen(tmp_path: Path) -> None:
    guarded.write(tmp_path, body="import os; del os.environ['AWS_DEFAULT_REGION']")
    _, output = guarded.run(tmp_path)
    assert "the environment variable AWS_DEFAULT_REGION was unset meanwhile" in output


def test_what_is_harmless_raises_no_alarm(tmp_path: Path) -> None:
    """Clients and sessions as they were made, moto at rest, connections that are closed."""
    lines = f"""
import moto
{_CLIENT}
boto3.resource("s3", region_name="us-east-1")
boto3.session.Session().client("dynamodb", region_name="us-east-1")
client.get_paginator("list_objects_v2"), client.get_waiter("object_exists")
with (moto.mock_aws if hasattr(moto, "mock_aws") else moto.mock_s3)():
    inside = boto3.client("s3", region_name="us-east-1")
    inside.create_bucket(Bucket="bucket")
    inside.list_buckets()
{_SERVER}
connection.close()
"""
    guarded.write(tmp_path, body="import culprit")
    (tmp_path / "conftest.py").write_text(_CONFTEST, "utf-8")
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    status, output = guarded.run(tmp_path)
    assert (status, "1 passed" in output) == (0, True), output


def test_no_value_of_a_variable_is_told(tmp_path: Path) -> None:
    guarded.write(tmp_path)
    (tmp_path / "conftest.py").write_text(_CONFTEST, "utf-8")
    (tmp_path / "culprit.py").write_text(
        "import os\nos.environ['AWS_SESSION_TOKEN'] = 'hush' * 2", "utf-8"
    )
    _, output = guarded.run(tmp_path)
    assert "AWS_SESSION_TOKEN is set" in output
    assert "hushhush" not in output
