"""The sandbox lets nothing leave this machine, and reports what tried to."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import socket
import threading
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import boto3
import botocore
import pytest
import urllib3
from botocore.config import Config

from botocore_redirect.testing.sandbox import (
    CallRefused,
    CallRefusedInThread,
    RefusedCall,
    aws_sandbox,
    loopback,
    refused_calls,
)

OUTSIDE = "192.0.2.1"  # of TEST-NET-1, which no host has
OUTSIDE_6 = "2001:db8::1"
Step = Callable[[], Any]


@pytest.fixture
def refused() -> Iterator[list[RefusedCall]]:
    """List what a sandbox inside the one of the session refuses; the outer one lists nothing."""
    with aws_sandbox() as refused:
        yield refused


def over(kind: socket.SocketKind, name: str, *arguments: Any, family: Any = socket.AF_INET) -> Step:
    def step() -> None:
        with socket.socket(family, kind) as sock:
            getattr(sock, name)(*arguments)

    return step


STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
WAYS_OUT: dict[str, tuple[Step, str]] = {
    "connect": (over(STREAM, "connect", (OUTSIDE, 80)), f"{OUTSIDE}:80"),
    "connect_ex": (over(STREAM, "connect_ex", (OUTSIDE, 80)), f"{OUTSIDE}:80"),
    "connect to bytes": (over(STREAM, "connect", (OUTSIDE.encode(), 80)), f"{OUTSIDE}:80"),
    "connect to metadata": (over(STREAM, "connect", ("169.254.169.254", 80)), "169.254.169.254:80"),
    "connect to a private network": (over(STREAM, "connect", ("10.0.0.1", 80)), "10.0.0.1:80"),
    "IPv6": (
        over(STREAM, "connect", (OUTSIDE_6, 80, 0, 0), family=socket.AF_INET6),
        f"[{OUTSIDE_6}]:80",
    ),
    "IPv4 in IPv6": (
        over(STREAM, "connect", (f"::ffff:{OUTSIDE}", 80), family=socket.AF_INET6),
        f"[::ffff:{OUTSIDE}]:80",
    ),
    "sendto": (over(DATAGRAM, "sendto", b"x", (OUTSIDE, 53)), f"{OUTSIDE}:53"),
    "sendmsg": (over(DATAGRAM, "sendmsg", [b"x"], [], 0, (OUTSIDE, 53)), f"{OUTSIDE}:53"),
    "getaddrinfo": (lambda: socket.getaddrinfo("a.example", 80), "a.example:80"),
    "getaddrinfo of a port by name": (
        lambda: socket.getaddrinfo("a.example", port="http"),
        "a.example:http",
    ),
    "gethostbyname": (lambda: socket.gethostbyname("a.example"), "a.example"),
    "gethostbyaddr": (lambda: socket.gethostbyaddr("a.example"), "a.example"),
    "a short address": (over(STREAM, "connect", ("203.113", 80)), "203.113:80"),
    "localhost.example": (
        lambda: socket.getaddrinfo("localhost.example", 80),
        "localhost.e",
    ),
    "create_connection": (lambda: socket.create_connection(("a.example", 80)), "a.example:80"),
    "urllib3": (
        lambda: urllib3.PoolManager().request("GET", "http://a.example/"),
        "a.example:80",
    ),
}


@pytest.mark.parametrize(("way", "address"), WAYS_OUT.values(), ids=WAYS_OUT)
def test_a_call_to_another_host_is_refused(
    refused: list[RefusedCall], way: Step, address: str
) -> None:
    with pytest.raises(CallRefused, match="which is not this machine") as caught:
        way()
    assert refused == [caught.value.call]
    assert address in refused[0].address
    assert refused[0].operation is None
    assert "test_loopback.py::test_a_call_to_another_host_is_refused[" in str(caught.value)
    assert "(call)" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", b"127.0.0.1", "127.1", "0.0.0.0"]
)
def test_this_machine_is_reached(refused: list[RefusedCall], host: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection((host, port)).close()
        over(STREAM, "connect", (host, port))()
        over(DATAGRAM, "sendto", b"x", (host, port))()
    assert refused == []


@pytest.mark.parametrize("host", ["::1", "::ffff:127.0.0.1"])
def test_this_machine_is_reached_over_ipv6(refused: list[RefusedCall], host: str) -> None:
    # Where there is no IPv6 the system says so; the sandbox lets it be asked.
    with contextlib.suppress(OSError):
        over(DATAGRAM, "connect", (host, 9), family=socket.AF_INET6)()
    assert refused == []


def test_the_name_of_this_machine_may_be_looked_up(refused: list[RefusedCall]) -> None:
    for look_up in (socket.gethostbyname, socket.gethostbyaddr, socket.getfqdn):
        with contextlib.suppress(OSError):  # not every machine knows its name
            look_up(socket.gethostname().upper())
    assert socket.getfqdn("")
    assert refused == []


def test_an_address_may_be_looked_up_without_a_connection(refused: list[RefusedCall]) -> None:
    assert socket.getaddrinfo(OUTSIDE, 80)[0][4] == (OUTSIDE, 80)
    assert socket.getaddrinfo(None, 0, flags=socket.AI_PASSIVE)
    assert refused == []


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows has none")
@pytest.mark.parametrize(
    "way",
    [
        over(STREAM, "connect", (5, 80)),
        over(STREAM, "connect", "no address"),
        over(DATAGRAM, "sendto", b"x"),
    ],
)
def test_an_invalid_address_is_the_sockets_own_error(refused: list[RefusedCall], way: Step) -> None:
    with pytest.raises(TypeError):
        way()
    assert refused == []


def test_other_families_are_not_restricted(refused: list[RefusedCall], tmp_path: Path) -> None:
    path = os.path.relpath(tmp_path / "s")  # absolute ones are too long on macOS
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as sock:
        server.bind(path)
        server.listen()
        sock.connect(path)
    # What looks like a host name is none in this family, which takes numbers and says so.
    if hasattr(socket, "AF_VSOCK"):
        with contextlib.suppress(OSError, TypeError), socket.socket(socket.AF_VSOCK) as sock:
            sock.connect(("a.example", 80))
    assert refused == []


def test_other_threads_get_an_error_that_a_pool_can_pass_on(refused: list[RefusedCall]) -> None:
    with ThreadPool(1) as pool:
        call = pool.apply_async(socket.getaddrinfo, ("a.example", 80))
        with pytest.raises(CallRefusedInThread, match=r"a\.example:80"):
            call.get(timeout=10)
    assert [each.address for each in refused] == ["a.example:80"]


@pytest.mark.parametrize("kind", [CallRefused, CallRefusedInThread])
def test_the_errors_pickle_for_xdist_and_pools(kind: Any) -> None:
    call = RefusedCall("a.example:80", None, None, "Do not.")
    copy = pickle.loads(pickle.dumps(kind(call)))
    assert (type(copy), copy.call, str(copy)) == (kind, call, str(call))


MODES = ["legacy", "standard", "adaptive"]


def client(mode: str = "legacy", **options: Any) -> Any:
    modern = tuple(map(int, botocore.__version__.split(".")[:2])) >= (1, 15)
    config = Config(**({"retries": {"mode": mode}} if modern else {}))
    return boto3.session.Session().client("s3", config=config, **options)


@pytest.mark.parametrize("mode", MODES)
def test_botocore_does_not_retry_a_refused_call(refused: list[RefusedCall], mode: str) -> None:
    with pytest.raises(CallRefused) as caught:
        client(mode).list_buckets()
    assert [each.operation for each in refused] == ["s3.ListBuckets"]
    assert str(caught.value).startswith("s3.ListBuckets in ")


def test_a_managed_upload_does_not_report_success(refused: list[RefusedCall]) -> None:
    with pytest.raises(Exception, match=r"s3\.PutObject in .* wanted to reach "):
        client().upload_fileobj(io.BytesIO(b"x"), "b", "k")
    assert len(refused) == 1


def test_a_call_whose_error_is_swallowed_is_listed(refused: list[RefusedCall]) -> None:
    def careless() -> None:
        with contextlib.suppress(Exception):
            socket.getaddrinfo("a.example", 80)

    thread = threading.Thread(target=careless)
    thread.start()
    thread.join()
    assert [each.address for each in refused] == ["a.example:80"]


def test_the_innermost_sandbox_lists_a_refused_call(refused: list[RefusedCall]) -> None:
    with aws_sandbox() as inner, pytest.raises(CallRefused):
        socket.getaddrinfo("a.example", 80)
    with pytest.raises(CallRefused):
        socket.getaddrinfo("b.example", 80)
    assert [each.address for each in inner] == ["a.example:80"]
    assert [each.address for each in refused] == ["b.example:80"]


def test_a_call_that_is_refused_just_as_the_sandbox_ends_still_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loopback, "_active", [])
    with pytest.raises(CallRefused, match=r"203\.0\.113\.1:80"):
        loopback._refuse("203.0.113.1", 80)


def test_a_botocore_that_hides_its_handlers_is_not_called_older_than_moto() -> None:
    hidden: Any = SimpleNamespace(meta=SimpleNamespace(events=object()))
    assert refused_calls._has_handler(hidden, object())


def test_an_address_without_a_host_is_let_through() -> None:
    """As of a netlink socket: a process and a group."""
    loopback._check_connection(object(), (0, 0))
