"""The gateway of the testing kit, spoken to with http.client and bare sockets."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import botocore_redirect.testing
from botocore_redirect.testing.gateway import Gateway, Received, Redirect, Rule

ORIGIN = "http://target.test"
NOBODY = "http://127.0.0.1:1"


class Echo(BaseHTTPRequestHandler):
    """An upstream that tells what it got, and answers in a few special ways."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep the test output clean."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.requestline.split()[1]
        told = {
            "method": self.command,
            "target": target,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
            "body": body.decode("latin-1"),
        }
        if target == "/empty":
            self.send_response(204, "Nothing Here")
            self.end_headers()
        elif target == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        elif self.command == "HEAD":
            self.send_response(200)
            self.send_header("Content-Length", "12345")
            self.end_headers()
        else:
            text = json.dumps(told).encode()
            self.send_response(418, "Short And Stout")
            self.send_header("X-Twice", "one")
            self.send_header("X-Twice", "two")
            self.send_header("Keep-Alive", "timeout=5")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 - http.server calls these


class EchoServer(ThreadingHTTPServer):
    request_queue_size = 128


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with EchoServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def gateway(upstream: str) -> Iterator[Gateway]:
    with Gateway(upstream, target=ORIGIN) as server:
        yield server


def connect(server: Gateway) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)


def ask(
    server: Gateway, method: str, target: str, body: Any = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = connect(server)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body=body, headers=names)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def talk(server: Gateway) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


def read_answer(sock: socket.socket) -> bytes:
    """Read one answer whose body is empty."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = sock.recv(1)
        assert more, f"the connection ended after {data!r}"
        data += more
    return data


# -- relaying --------------------------------------------------------------------------------------


def test_relays_method_target_body_and_headers(gateway: Gateway, upstream: str) -> None:
    response, body = ask(gateway, "PUT", "/bucket/a%2fb?x=%20y", b"\x00\xff", X_Amz_Meta_A="b")
    told = json.loads(body)
    assert response.status == 418
    assert (told["method"], told["target"]) == ("PUT", "/bucket/a%2fb?x=%20y")
    assert told["body"].encode("latin-1") == b"\x00\xff"
    headers = dict(told["headers"])
    assert headers["x-amz-meta-a"] == "b"
    assert headers["host"] == urlsplit(upstream).netloc


def test_a_relayed_request_has_no_hop_by_hop_headers(gateway: Gateway) -> None:
    _, body = ask(
        gateway, "PUT", "/", b"x", Connection="X-Private", X_Private="1", Keep_Alive="2", TE="3"
    )
    names = {name for name, _ in json.loads(body)["headers"]}
    assert names == {"host", "accept-encoding", "content-length"}


def test_relay_headers_replace_those_of_the_request(upstream: str) -> None:
    with Gateway(upstream, relay_headers={"X-Account": "ours"}) as server:
        _, body = ask(server, "GET", "/", x_account="theirs")
    assert [v for n, v in json.loads(body)["headers"] if n == "x-account"] == ["ours"]


def test_doubled_slashes_in_front_of_the_path_survive(gateway: Gateway) -> None:
    _, body = ask(gateway, "GET", "//bucket///key")
    assert json.loads(body)["target"] == "//bucket///key"
    assert gateway.received[0].path == "//bucket///key"


def test_raw_bytes_in_the_target_survive(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.sendall(b"HEAD /\xc3\xbc\x01 HTTP/1.1\r\nHost: h\r\n\r\n")
        assert read_answer(sock).startswith(b"HTTP/1.1 200 ")
    assert gateway.received[0].target.encode("latin-1") == b"/\xc3\xbc\x01"


def test_relays_status_reason_and_repeated_headers_of_the_answer(gateway: Gateway) -> None:
    response, body = ask(gateway, "GET", "/")
    assert (response.status, response.reason) == (418, "Short And Stout")
    assert response.headers.get_all("X-Twice") == ["one", "two"]
    assert "Keep-Alive" not in response.headers
    assert response.headers.get_all("Content-Length") == [str(len(body))]


def test_the_answer_to_a_head_keeps_the_length_of_the_upstream(gateway: Gateway) -> None:
    response, body = ask(gateway, "HEAD", "/")
    assert (response.headers["Content-Length"], body) == ("12345", b"")


def test_an_answer_without_a_body_stays_without(gateway: Gateway) -> None:
    response, body = ask(gateway, "DELETE", "/empty")
    assert (response.status, response.reason, body) == (204, "Nothing Here", b"")


def test_a_chunked_answer_is_given_its_length(gateway: Gateway) -> None:
    response, body = ask(gateway, "GET", "/chunked")
    assert (response.headers["Content-Length"], body) == ("5", b"abcde")
    assert "Transfer-Encoding" not in response.headers


def test_an_upstream_that_is_down_becomes_a_502_with_the_reason() -> None:
    with Gateway(NOBODY) as server:
        response, body = ask(server, "GET", "/")
    assert response.status == 502
    assert b"ConnectionRefusedError" in body
    assert server.received[0].status == 502


# -- bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [None, Redirect()])
def test_a_body_without_expect_is_read_and_counted(gateway: Gateway, rule: Rule) -> None:
    gateway.rule = rule
    ask(gateway, "PUT", "/", b"x" * 100_000)
    assert gateway.received[0].body == b"x" * 100_000
    assert gateway.received[0].body_bytes == 100_000


def test_a_chunked_body_is_relayed_with_its_length(gateway: Gateway) -> None:
    _, answer = ask(gateway, "PUT", "/", iter([b"abc", b"defgh"]))
    headers = dict(json.loads(answer)["headers"])
    assert json.loads(answer)["body"] == "abcdefgh"
    assert headers["content-length"] == "8"
    assert "transfer-encoding" not in headers
    assert gateway.received[0].body == b"abcdefgh"
    assert gateway.received[0].body_bytes == len(b"3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 10\r\n\r\nfour",
        b"Content-Length: ten\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nnope\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("rule", [None, Redirect()])
def test_a_body_that_is_not_whole_is_answered_400(rest: bytes, rule: Rule) -> None:
    with Gateway(NOBODY, rule=rule) as server, talk(server) as sock:
        sock.sendall(b"PUT /k HTTP/1.1\r\nHost: h\r\n" + rest)
        sock.shutdown(socket.SHUT_WR)
        assert read_answer(sock).startswith(b"HTTP/1.1 400 ")
    assert [(r.status, r.redirected) for r in server.received] == [(400, False)]


# -- redirecting -----------------------------------------------------------------------------------


def test_a_redirect_points_at_the_same_request_on_the_target(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    response, body = ask(gateway, "GET", "//bucket/k%3B?versionId=1&x")
    assert (response.status, response.reason, body) == (307, "Temporary Redirect", b"")
    assert response.headers["Location"] == f"{ORIGIN}//bucket/k%3B?versionId=1&x"
    seen = gateway.received[0]
    assert (seen.status, seen.redirected, seen.query) == (307, True, "versionId=1&x")


def test_the_target_is_the_upstream_unless_told_otherwise(upstream: str) -> None:
    with Gateway(upstream, rule=Redirect(301)) as server:
        response, _ = ask(server, "GET", "/k")
    assert (response.status, response.headers["Location"]) == (301, f"{upstream}/k")


@pytest.mark.parametrize(
    ("location", "wire"),
    [
        ("http://n/日本", "http://n/日本".encode()),
        (b"http://n/\xff;", b"http://n/\xff;"),
        ("", b""),
        (lambda seen: f"{seen.method} is nonsense", b"GET is nonsense"),
    ],
)
def test_a_location_is_sent_as_it_is(gateway: Gateway, location: Any, wire: bytes) -> None:
    gateway.rule = Redirect(location=location)
    with talk(gateway) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b"\r\nLocation: " + wire + b"\r\n" in read_answer(sock)


@pytest.mark.parametrize("location", [None, lambda _: None])
def test_a_redirect_can_lack_a_location(gateway: Gateway, location: Any) -> None:
    gateway.rule = Redirect(location=location)
    response, _ = ask(gateway, "GET", "/")
    assert response.status == 307
    assert "Location" not in response.headers


def test_a_redirect_can_have_a_body_and_more_headers(gateway: Gateway) -> None:
    gateway.rule = Redirect(302, "/", b"<Error/>", (("X-A", "1"), ("X-A", "2")))
    response, body = ask(gateway, "GET", "/")
    assert (body, response.headers.get_all("X-A")) == (b"<Error/>", ["1", "2"])
    response, body = ask(gateway, "HEAD", "/")
    assert (body, response.headers["Content-Length"]) == (b"", "8")


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 307), (b"GET", 204), (b"GET", 304)])
def test_no_body_is_sent_where_http_has_none(gateway: Gateway, method: bytes, status: int) -> None:
    gateway.rule = Redirect(status, None, b"a body")
    with talk(gateway) as sock:
        for _ in range(2):
            sock.sendall(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert read_answer(sock).startswith(b"HTTP/1.1 %d " % status)


def test_a_redirect_that_says_close_closes(gateway: Gateway) -> None:
    gateway.rule = Redirect(headers=(("Connection", "close"),))
    with talk(gateway) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        read_answer(sock)
        assert sock.recv(1) == b""


def test_a_rule_decides_per_request_and_before_the_body(gateway: Gateway) -> None:
    bodies = []

    def only_puts(seen: Received) -> Redirect | None:
        bodies.append(seen.body)
        return Redirect() if seen.method == "PUT" else None

    gateway.rule = only_puts
    assert ask(gateway, "PUT", "/k", b"body")[0].status == 307
    assert ask(gateway, "POST", "/k", b"body")[0].status == 418
    assert bodies == [b"", b""]
    assert [(r.redirected, r.body) for r in gateway.received] == [(True, b"body"), (False, b"body")]


def test_a_target_can_be_chosen_for_each_redirect(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    turns = iter(["http://a.test", "http://b.test"])
    gateway.target = lambda: next(turns)
    places = [ask(gateway, "GET", "/k")[0].headers["Location"] for _ in range(2)]
    assert places == ["http://a.test/k", "http://b.test/k"]


# -- Expect: 100-continue --------------------------------------------------------------------------

ASKING_FIRST = b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"


def test_an_early_redirect_takes_no_body_and_keeps_the_connection(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    with talk(gateway) as sock:
        for _ in range(2):
            sock.sendall(ASKING_FIRST)
            assert read_answer(sock).startswith(b"HTTP/1.1 307 ")
    assert [(r.body_bytes, r.connection) for r in gateway.received] == [(0, 1), (0, 1)]
    assert gateway.connections == 1


def test_a_late_redirect_comes_after_100_and_the_body(gateway: Gateway) -> None:
    gateway.rule = Redirect()
    gateway.expect = "late"
    with talk(gateway) as sock:
        sock.sendall(ASKING_FIRST)
        assert read_answer(sock) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert gateway.received == []
        sock.sendall(b"hello")
        assert read_answer(sock).startswith(b"HTTP/1.1 307 ")
    assert gateway.received[0].body == b"hello"


def test_a_relayed_request_with_expect_gets_100_and_loses_it_upstream(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.sendall(ASKING_FIRST)
        assert read_answer(sock) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        response = http.client.HTTPResponse(sock)
        response.begin()
        told = json.loads(response.read())
        response.close()
    assert told["body"] == "hello"
    assert "expect" not in dict(told["headers"])


# -- what is recorded ------------------------------------------------------------------------------


def test_connections_are_numbered_as_they_come(gateway: Gateway) -> None:
    first, second = connect(gateway), connect(gateway)
    for connection in (first, second, first):
        connection.request("GET", "/")
        connection.getresponse().read()
    assert [r.connection for r in gateway.received] == [1, 2, 1]
    assert gateway.connections == 2
    first.close()
    second.close()


def test_headers_are_found_in_any_case_and_kept_in_order(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.sendall(b"HEAD / HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\n\r\n")
        read_answer(sock)
    seen = gateway.received[0]
    assert seen.headers["X-A"] == "2"
    assert seen.raw_headers == [("Host", "h"), ("X-B", "1"), ("x-a", "2"), ("X-B", "3")]


def test_many_clients_at_once_are_all_recorded(gateway: Gateway) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            ask(gateway, "PUT", f"/{number}/{turn}", b"x" * number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = {f"/{number}/{turn}" for number in range(10) for turn in range(5)}
    assert {seen.target for seen in gateway.received} == sent
    assert gateway.connections == 50
    gateway.clear()
    assert gateway.received == []


# -- failures and the end --------------------------------------------------------------------------


class SurprisingError(BaseException):
    """Like the exceptions of pytest.fail: no Exception."""


@pytest.mark.parametrize("kind", [ZeroDivisionError, SurprisingError])
def test_an_error_in_a_rule_is_answered_500_and_raised_at_the_end(
    upstream: str, kind: type[BaseException]
) -> None:
    def broken(_: Received) -> Redirect:
        raise kind("broken rule")

    server = Gateway(upstream, rule=broken).start()
    response, body = ask(server, "PUT", "/", b"body")
    assert response.status == 500
    assert b"broken rule" in body
    assert not server.received[0].redirected
    with pytest.raises(kind, match="broken rule"):
        server.close()
    server.close()


def test_close_ends_idle_connections_promptly(upstream: str) -> None:
    with Gateway(upstream) as server:
        idle = [talk(server) for _ in range(5)]
        idle[0].sendall(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        read_answer(idle[0])
        idle[1].sendall(b"PUT /half HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")
        began = time.monotonic()
    assert time.monotonic() - began < 2
    for sock in idle:
        with sock, suppress(ConnectionResetError):  # an end, too
            while sock.recv(4096):
                pass
    with pytest.raises(ConnectionRefusedError):
        talk(server)


def test_close_does_not_wait_for_a_silent_upstream() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Gateway(f"http://127.0.0.1:{silent.getsockname()[1]}") as server:
            client = talk(server)
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            accepted, _ = silent.accept()
            assert accepted.recv(1) == b"G"
            began = time.monotonic()
        assert time.monotonic() - began < 2
        accepted.close()
        client.close()


def test_a_client_that_goes_away_is_no_failure(gateway: Gateway) -> None:
    with talk(gateway) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # RST
        sock.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab")
    gateway.close()


def test_it_writes_nothing_to_stderr(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    ask(gateway, "GET", "/")
    with talk(gateway) as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        sock.recv(4096)
    gateway.close()
    assert capfd.readouterr() == ("", "")


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match=r"http://h/path.*http://HOST:PORT"):
        Gateway("http://h/path")
    with pytest.raises(ValueError, match="'soon'"):
        Gateway(NOBODY, expect="soon")  # type: ignore[arg-type]
    server = Gateway(NOBODY)
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = server.url
    with server, pytest.raises(RuntimeError, match="was started before"):
        server.start()


def test_the_kit_imports_neither_boto_nor_moto_nor_the_patch() -> None:
    package = Path(botocore_redirect.testing.__file__).parents[1]
    script = f"""
import sys, types
parent = types.ModuleType("botocore_redirect")
parent.__path__ = [{str(package)!r}]
sys.modules["botocore_redirect"] = parent
import botocore_redirect.testing
roots = {{name.partition(".")[0] for name in sys.modules}}
assert not roots & {{"boto3", "botocore", "moto", "urllib3"}}, roots
ours = [name for name in sys.modules if name.startswith("botocore_redirect.")]
assert all(name.startswith("botocore_redirect.testing") for name in ours), ours
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
