"""What is left in a process besides changed functions is seen around a file.

Which things these are, tests/unit/testing/guards knows.
"""

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
_QUADRANT = """
with aws_sandbox():
    import culprit
    try:
        with quadrant(patched=False, redirects=False, subject="our_subject:install"):
            print("stock")
    except Contaminated as error:
        print(error)
"""
_MOTO = "import moto\n(moto.mock_aws if hasattr(moto, 'mock_aws') else moto.mock_s3)().start()"
# What is found, and the lines that leave it in a process whose sandbox is on.
BEFORE = {
    "the subject's module": ("our_subject had been imported (imported by ", "import our_subject"),
    "our patch": ("botocore_redirect.", "import botocore_redirect.hooks.endpoint"),
    "a mock of moto": ("the handler of moto, whose mock is on", _MOTO),
    "a Stubber": (
        "a Stubber of botocore answers for a client of s3",
        f"{_CLIENT}import botocore.stub as s\nstubber = s.Stubber(client)\nstubber.activate()",
    ),
    "an open connection": ("an HTTP connection to 127.0.0.1:", _SERVER),
    "a variable": (
        "the environment variable AWS_SESSION_TOKEN is set",
        "import os\nos.environ['AWS_SESSION_TOKEN'] = 'hush' * 2",
    ),
}


@pytest.mark.parametrize("what", BEFORE)
def test_a_leftover_is_seen_before_the_first_test(tmp_path: Path, what: str) -> None:
    found, lines = BEFORE[what]
    guarded.write(tmp_path)
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    said = guarded.script(tmp_path, _QUADRANT)
    assert said.startswith("before this process (unpatched, no redirects), ")
    assert found in said
    assert "hushhush" not in said


# What clients and sessions do as they are used is theirs; these things stay in the process.
AFTER = {
    "the handler <lambda> of ": (
        "import botocore.handlers\n"
        "botocore.handlers.BUILTIN_HANDLERS.append(('before-send', lambda **_: None))"
    ),
    "for before-call is on boto3.DEFAULT_SESSION": (
        "import boto3\nboto3.setup_default_session(region_name='us-east-1')\n"
        "boto3.DEFAULT_SESSION.events.register('before-call', lambda **_: None)"
    ),
    "logger botocore has a handler": "boto3.set_stream_logger('botocore')",
    "time.sleep is <lambda>() of ": "import time\ntime.sleep = lambda _: None",
    "the environment variable AWS_PROFILE is set": "import os\nos.environ['AWS_PROFILE'] = 'mine'",
}


@pytest.mark.parametrize("patched", [False, True], ids=["unpatched", "patched"])
def test_leftovers_are_seen_after_the_last_test(tmp_path: Path, *, patched: bool) -> None:
    guarded.write(tmp_path, body="import culprit", patched=patched)
    (tmp_path / "culprit.py").write_text("\n".join(AFTER.values()), "utf-8")
    status, output = guarded.run(tmp_path)
    said = guarded.contamination(output)
    assert status == 1, output
    assert "1 passed" in output
    assert "after test_it.py (" in said
    for each in AFTER:
        assert each in said


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
    (tmp_path / "culprit.py").write_text(lines, "utf-8")
    assert guarded.script(tmp_path, _QUADRANT) == "stock"
