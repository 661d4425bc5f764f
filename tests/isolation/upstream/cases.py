"""A folder like the one that botocore's tests are unpacked in, with a few small tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import nox

_S3 = """
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

URL = "http://store.test"
session = botocore.session.get_session()
session.set_credentials("user", "secret")


def client(answer):
    config = Config(retries={"max_attempts": 0})
    s3 = session.create_client("s3", "us-east-1", endpoint_url=URL, config=config)
    s3.meta.events.register("before-send.s3", answer)
    return s3


class Body:
    def stream(self, **_):
        yield b"<ListAllMyBucketsResult/>"


def test_an_answer_is_parsed():
    s3 = client(lambda request, **_: AWSResponse(URL, 200, {}, Body()))
    assert s3.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_requests_name_the_client():
    seen = []
    s3 = client(lambda request, **_: seen.append(request) or AWSResponse(URL, 200, {}, Body()))
    s3.list_buckets()
    assert "User-Agent" in seen[0].headers


def test_an_exception_ends_the_call():
    seen = []

    def refuse(request, **_):
        seen.append(request)
        raise EndpointConnectionError(endpoint_url=URL)

    try:
        client(refuse).list_buckets()
    except EndpointConnectionError:
        assert len(seen) == 1
    else:
        assert False, "no exception"
"""

_STUB = """
import botocore.session
from botocore.stub import Stubber


def test_a_stub_answers():
    session = botocore.session.get_session()
    session.set_credentials("user", "secret")
    s3 = session.create_client("s3", "us-east-1")
    with Stubber(s3) as stub:
        stub.add_response("list_buckets", {})
        s3.list_buckets()
"""

_OTHER = """
import os
import socket
import unittest

import pytest


@pytest.mark.parametrize("value", [1, 1], ids=str)
def test_an_id(value):
    assert value


def test_no_network():
    for host in ("192.0.2.1", "amazonaws.com"):
        with pytest.raises(OSError, match="without a network"):
            socket.create_connection((host, 80), timeout=1)


def test_nothing_of_the_environment():
    assert not [name for name in os.environ if name.startswith("AWS_")]
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]


def test_cases():
    def is_even(number):
        assert number % 2 == 0

    for number in (0, 2, 3):
        yield is_even, number


class TestSubtests(unittest.TestCase):
    def test_numbers(self):
        for number in (0, 1):
            with self.subTest(number=number):
                self.assertEqual(number, 0)

    @unittest.skip("no crt")
    def test_crt(self):
        pass
"""


def write_tests(folder: Path) -> Path:
    """Write the tests and the configuration that `unpack_tests` leaves."""
    unit = folder / "tests/unit"
    unit.mkdir(parents=True)
    (folder / "tests/functional").mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in {"s3": _S3, "stub": _STUB, "other": _OTHER}.items():
        (unit / f"test_{name}.py").write_text(text)
    return folder


class Session:
    """As much of a nox session as runs Python: the one that runs these tests."""

    @contextmanager
    def chdir(self, folder: Path) -> Iterator[None]:
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)

    def run(
        self,
        *command: str,
        env: Mapping[str, str | None],
        success_codes: tuple[int, ...],
        stdout: IO[str],
    ) -> None:
        assert command[0] == "python"
        ended = subprocess.run(
            [sys.executable, *command[1:]],
            env={name: value for name, value in {**os.environ, **env}.items() if value},
            stdout=stdout,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if ended.returncode not in success_codes:
            raise nox.command.CommandFailed
