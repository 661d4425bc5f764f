"""The scripts of a gateway: one step for each request, faults among them."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from botocore_redirect.testing import HANG_UP, SILENCE, Fault, Gateway, Redirect
from botocore_redirect.testing.exchange import Rule

NOBODY = "http://127.0.0.1:1"
HERE = Redirect(200, location=None, body=b"here")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(NOBODY, rule=HERE) as server:
        yield server


def connect(server: Gateway, timeout: float = 10) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=timeout)


def ask(
    server: Gateway, method: str = "GET", path: str = "/b/k", body: bytes | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = connect(server)
    try:
        connection.request(method, path, body=body)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def statuses(server: Gateway, count: int) -> list[int]:
    return [ask(server)[0].status for _ in range(count)]


def test_each_request_takes_a_step_and_then_all_is_as_before(gateway: Gateway) -> None:
    gateway.script(Redirect(301), Redirect(308), None)
    assert statuses(gateway, 5) == [301, 308, 502, 200, 200]


def test_a_script_within_a_script_goes_first(gateway: Gateway) -> None:
    gateway.script(Redirect(301), Redirect(302))
    gateway.script(Redirect(308))
    assert statuses(gateway, 4) == [308, 301, 302, 200]


def test_a_step_may_decide_by_the_request(gateway: Gateway) -> None:
    gateway.script(lambda request: Redirect() if request.path == "/b/k" else None)
    assert statuses(gateway, 2) == [307, 200]


def test_no_step_is_taken_twice_by_requests_at_the_same_time(gateway: Gateway) -> None:
    gateway.script(*[Redirect(301)] * 20)
    threads = [threading.Thread(target=statuses, args=(gateway, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status for each in gateway.received) == [200] * 20 + [301] * 20


@pytest.mark.parametrize("path", ["//b///k?x=%20&y", "/b/%e6%97?a#b"])
def test_a_redirect_to_an_origin_keeps_the_target_as_it_was_asked_for(
    gateway: Gateway, path: str
) -> None:
    gateway.script(Redirect.to("http://store.example:81/", 308))
    response, _ = ask(gateway, path=path)
    assert (response.status, response.headers["Location"]) == (
        308,
        f"http://store.example:81{path}",
    )


def test_a_fault_is_an_error_of_s3(gateway: Gateway) -> None:
    gateway.script(Fault(), Fault(409, "A<B", "x & y"))
    response, body = ask(gateway, "PUT", body=b"data")
    assert response.status == 503
    assert b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate." in body
    assert b"<Code>A&lt;B</Code><Message>x &amp; y</Message>" in ask(gateway)[1]
    assert [(r.redirected, r.body) for r in gateway.received] == [(False, b"data"), (False, b"")]


def test_a_fault_in_answer_to_a_head_has_no_body(gateway: Gateway) -> None:
    gateway.script(Fault())
    response, body = ask(gateway, "HEAD")
    assert (response.status, body) == (503, b"")


def test_a_fault_takes_no_turn_of_a_target() -> None:
    turns = iter(["http://one.example", "http://two.example"])
    with Gateway(NOBODY, target=lambda: next(turns), rule=Redirect()) as server:
        server.script(Fault(), HANG_UP)
        assert ask(server)[0].status == 503
        with pytest.raises(http.client.RemoteDisconnected):
            ask(server)
        assert ask(server)[0].headers["Location"] == "http://one.example/b/k"


@pytest.mark.parametrize("body", [None, b"x" * 1_000_000])
def test_hanging_up_ends_the_connection_and_no_other(gateway: Gateway, body: bytes | None) -> None:
    other = connect(gateway)
    other.request("GET", "/")
    assert other.getresponse().read() == b"here"
    gateway.script(HANG_UP)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(gateway, "PUT", body=body)
    other.request("GET", "/")
    assert other.getresponse().read() == b"here"
    other.close()
    assert [each.status for each in gateway.received] == [200, 0, 200]
    assert not gateway.received[1].redirected


def test_silence_lasts_until_the_client_gives_up(gateway: Gateway) -> None:
    gateway.script(SILENCE)
    connection = connect(gateway, timeout=0.1)
    connection.request("PUT", "/", body=b"data")
    with pytest.raises(OSError, match="timed out"):
        connection.getresponse()
    connection.close()
    assert [(each.status, each.body) for each in gateway.received] == [(0, b"data")]
    assert statuses(gateway, 1) == [200]


def test_silence_asks_for_the_body_that_a_client_holds_back(gateway: Gateway) -> None:
    gateway.script(SILENCE)
    connection = connect(gateway)
    connection.putrequest("PUT", "/")
    connection.putheader("Expect", "100-continue")
    connection.putheader("Content-Length", "4")
    connection.endheaders()
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.close()


def test_a_gateway_closes_though_it_is_silent() -> None:
    with Gateway(NOBODY, rule=SILENCE) as server:
        connection = connect(server)
        connection.request("GET", "/")
        answer: list[Any] = []

        def wait() -> None:
            try:
                answer.append(connection.getresponse())
            except OSError as error:
                answer.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
    waiting.join(10)
    connection.close()
    assert [type(each) for each in answer] in (
        [http.client.RemoteDisconnected],
        [ConnectionResetError],
    )


@pytest.mark.parametrize("step", [HANG_UP, SILENCE], ids=repr)
def test_what_is_no_answer_says_so(step: Rule) -> None:
    assert repr(step) in ("HANG_UP", "SILENCE")
