"""`python -m botocore_redirect.testing`: a store that a user starts and stops by hand."""

from __future__ import annotations

import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import boto3
import pytest
from botocore.config import Config

import botocore_redirect
from botocore_redirect.testing import Received
from botocore_redirect.testing import __main__ as command

pytest.importorskip("moto.server", reason="these tests need moto with its server")
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signal to end a process gently"
)

COMMAND = [sys.executable, "-m", "botocore_redirect.testing"]
Captured = pytest.CaptureFixture[str]


class Server:
    """The command, while it runs; its introduction has been read."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self.introduction = self.read_until("probe --endpoint-url")

    def read_until(self, words: str) -> str:
        text = ""
        for line in self._output:
            text += line
            if words in line:
                return text
        raise AssertionError(f"it ended before it wrote {words!r}: {text}")

    @property
    def url(self) -> str:
        found = re.search(r"AWS_ENDPOINT_URL_S3=(\S+)", self.introduction)
        assert found
        return found[1]


@contextmanager
def running(*arguments: str, end: signal.Signals = signal.SIGINT) -> Iterator[Server]:
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            yield Server(child.stdout)
            child.send_signal(end)
            assert child.wait(timeout=60) == 0
            assert child.stdout.read().endswith("Stopped.\n")
            assert child.stderr.read() == ""
        finally:
            child.kill()


def client(url: str, ca: str | None = None) -> Any:
    made = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        verify=ca,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(proxies={}),
    )
    return botocore_redirect.follow(made)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_redirects_and_logs_until_it_is_stopped(end: signal.Signals) -> None:
    with running("--targets", "2", "--status", "301", end=end) as server:
        s3 = client(server.url)
        s3.create_bucket(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="key", Body=b"hello")
        log = server.read_until("5 bytes")
        assert re.findall(r"(gateway|target \d) +(\d+) +(\w+) +(/\S*)", log) == [
            ("gateway", "301", "PUT", "/bkt"),
            ("target 1", "200", "PUT", "/bkt"),
            ("gateway", "301", "PUT", "/bkt/key"),
            ("target 2", "200", "PUT", "/bkt/key"),
        ]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))


def test_it_speaks_tls_and_prints_the_authority() -> None:
    with running("--tls") as server:
        found = re.search(r"AWS_CA_BUNDLE=(\S+)", server.introduction)
        assert found
        assert client(server.url, found[1]).list_buckets()["Buckets"] == []
        assert f"--ca-bundle {found[1]} s3 mb" in server.introduction


def test_it_redirects_as_the_store_does_that_is_named() -> None:
    with running("--dialect", "aistore") as server:
        assert "redirects as NVIDIA AIStore" in server.introduction
        assert server.url.endswith("/s3")
        s3 = client(server.url)
        s3.create_bucket(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="key", Body=b"hello")
        log = server.read_until("5 bytes")
    assert re.search(r"gateway +200 +PUT +/s3/bkt ", log)
    assert re.search(r"target 1 +200 +PUT +/s3/bkt/key\?pid=", log)


def test_it_listens_on_the_port_that_is_asked_for_also_again_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    for _ in range(2):
        with running("--port", port) as server:
            assert server.url == f"http://127.0.0.1:{port}"
            client(server.url).list_buckets()


def refuse(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == ""
    return done


def test_a_port_that_is_in_use_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = refuse("--port", str(port))
    assert done.returncode == 1
    assert re.fullmatch(rf"The store cannot listen on port {port}: .*\n", done.stderr)


def test_a_process_without_moto_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setitem(sys.modules, "moto.server", None)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        assert command.main([]) == 1
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), handlers):
            signal.signal(number, handler)
    assert "pip install 'moto[s3,server]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--targets", "0"], "'0' is not a number from 1 to 100"),
        (["--targets", "many"], "'many' is not a number from 1 to 100"),
        (["--port", "70000"], "'70000' is not a number from 0 to 65535"),
        (["--status", "300"], "invalid choice: 300"),
        (["--dialect", "s4"], "invalid choice: 's4'"),
        (["--dialect", "ecs", "--status", "301"], "omit --status"),
    ],
)
def test_a_wrong_argument_is_one_clear_error(
    capsys: Captured, arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_the_help_has_examples_and_statuses(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(sys, "argv", ["testing", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(Path(command.__file__)), run_name="__main__")
    assert ended.value.code == 0
    assert "exit status:" in capsys.readouterr().out


def test_a_line_of_the_log_holds_no_control_characters(capsys: Captured) -> None:
    log = command.RequestLog("gateway", threading.Lock())
    log.append(Received("GET", "/bkt/\x1b[2Jkey"))
    assert capsys.readouterr().out == "gateway   ---  GET    /bkt/?[2Jkey  0 bytes\n"
    assert log == []
