"""Tests that use the fixtures of the kit; test_fixtures.py checks their outcomes."""

from __future__ import annotations

CONFTEST = 'pytest_plugins = ["botocore_redirect.testing.fixtures"]'

_ALONE = """
import os

def test_alone():
    assert os.environ["AWS_ROLE_SESSION_NAME"] == "real"
"""

_STORES = """
import socket
import sys
import pytest
from botocore_redirect import follow
from botocore_redirect.testing import HANG_UP, SILENCE, Fault

made = []

@pytest.mark.parametrize("_", range(2))
def test_stores(redirecting_s3, _):
    assert redirecting_s3.inspector.snapshot() == {}
    follow(redirecting_s3.client()).create_bucket(Bucket="same-name")
    assert [each.status for each in redirecting_s3.gateway.received] == [307]

def test_makes(make_redirecting_s3):
    one, other = make_redirecting_s3(targets=3), make_redirecting_s3(tls=True)
    assert (len(one.targets), other.url[:5]) == (3, "https")
    follow(one.client()).create_bucket(Bucket="of-one")
    assert follow(other.client()).list_buckets()["Buckets"] == []
    made.extend([one, other])

def test_speaks_a_dialect(make_redirecting_s3):
    store = make_redirecting_s3(dialect="aistore")
    store.inspector.fill({"of-ais": {"key": b"content"}})
    follow(store.client()).get_object(Bucket="of-ais", Key="key")
    assert "pid=" in store.targets[0].received[0].query

def test_both_have_ended():
    for each in made:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", int(each.url.rpartition(":")[2])))

def test_leaves_steps(redirecting_s3):
    redirecting_s3.inspector.create_bucket("left")
    redirecting_s3.script(HANG_UP)
    redirecting_s3.targets[0].script(SILENCE)

def test_after_steps_were_left(redirecting_s3):
    redirecting_s3.inspector.create_bucket("left")

def test_fails_with_steps_left(redirecting_s3):
    redirecting_s3.script(Fault())
    raise KeyError

def test_uses_responses(stubbed_client):
    s3, stub = stubbed_client()
    stub.add_response("list_buckets", {"Buckets": []})
    assert s3.list_buckets()["Buckets"] == []

def test_leaves_responses(stubbed_client):
    stubbed_client("s3")[1].add_response("list_buckets", {})
    stubbed_client("ec2")

def test_fails_with_responses_left(stubbed_client):
    stubbed_client("s3")[1].add_response("list_buckets", {})
    raise KeyError

def test_nothing_of_moto_is_in_this_process():
    assert "moto" not in sys.modules
"""

_QUADRANT = """
import http.client
import pytest
from botocore_redirect.testing import Redirect

REDIRECTS = False
pytestmark = pytest.mark.quadrant(patched=False, redirects=REDIRECTS)

def status(store):
    connection = http.client.HTTPConnection(store.url.partition("//")[2])
    connection.request("GET", "/")
    return connection.getresponse().status

def test_follows_the_marker(redirecting_s3, make_redirecting_s3):
    for store in (redirecting_s3, make_redirecting_s3(targets=2)):
        assert status(store) == (307 if REDIRECTS else 200)

def test_redirects_on_request(redirecting_s3, make_redirecting_s3):
    redirecting_s3.redirect(Redirect(308))
    for store in (redirecting_s3, make_redirecting_s3(redirect=Redirect(308))):
        assert status(store) == 308
"""

_SANDBOX = """
import socket
import boto3
import pytest
from botocore_redirect.testing import CallRefused

def leave():
    try:
        socket.create_connection(("203.0.113.1", 80))
    except BaseException:
        pass

def test_swallows(aws_sandbox):
    leave()

def test_leaves_on_purpose(aws_sandbox):
    leave()
    aws_sandbox.clear()

def test_stays(aws_sandbox):
    pass

def test_calls(aws_sandbox):
    boto3.client("s3").list_buckets()

def test_stays_after_a_call(aws_sandbox):
    pass

def test_skips(aws_sandbox):
    leave()
    pytest.skip("too late")

@pytest.mark.xfail(raises=KeyError)
def test_is_expected_to_fail(aws_sandbox):
    leave()
    raise KeyError

@pytest.mark.xfail(raises=CallRefused)
def test_is_expected_to_call(aws_sandbox):
    boto3.client("s3").list_buckets()

@pytest.fixture(scope="module")
def leaves_in_its_teardown(aws_sandbox):
    yield
    leave()

def test_first(leaves_in_its_teardown):
    pass

def test_last():
    pass
"""

_TRAP = """
import boto3

s3 = boto3.client("s3", "us-east-1", aws_access_key_id="real", aws_secret_access_key="real")

def test_trap(aws_sandbox, moto_s3):
    s3.list_buckets()
"""

_FUNCTION = """
import pytest

@pytest.mark.parametrize("number", range(2))
def test_moto_s3_begins_empty(moto_s3, number):
    assert moto_s3.list_buckets()["Buckets"] == []
    moto_s3.create_bucket(Bucket="bucket")
"""

_MODULE = """
import pytest

@pytest.mark.parametrize("number", range(2))
def test_module_keeps(module_moto_s3, number):
    assert len(module_moto_s3.list_buckets()["Buckets"]) == number
    module_moto_s3.create_bucket(Bucket=f"bucket-{number}")
"""

_SESSION = """
def test_session_keeps(session_moto_s3, request):
    module = request.module.__name__
    names = [each["Name"] for each in session_moto_s3.list_buckets()["Buckets"]]
    assert names == ([] if module == "test_7_session" else ["bucket"])
    session_moto_s3.create_bucket(Bucket="bucket")
"""

_MOCK_IN_MOCK = """
def test_mock_in_mock(session_moto_s3, moto_s3):
    pass
"""

#: In this order, because the sandbox and the mock of a session last until its end.
FILES = {
    "conftest.py": CONFTEST,
    "test_1_alone.py": _ALONE,
    "test_2_stores.py": _STORES,
    "test_2_quadrant.py": _QUADRANT,
    "test_2_redirects.py": _QUADRANT.replace("REDIRECTS = False", "REDIRECTS = True"),
    "test_3_sandbox.py": _SANDBOX,
    "test_4_trap.py": _TRAP,
    "test_5_function.py": _FUNCTION,
    "test_5_module.py": _MODULE,
    "test_6_module.py": _MODULE,
    "test_7_session.py": _SESSION,
    "test_8_session.py": _SESSION,
    "test_9_mock_in_mock.py": _MOCK_IN_MOCK,
}
