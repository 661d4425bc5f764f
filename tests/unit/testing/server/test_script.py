"""Scripts of a gateway: one step for each request."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from botocore_redirect.testing import HANG_UP, SILENCE, Fault, Gateway, Redirect, Response
from botocore_redirect.testing.server.exchange import Rule
from unit.testing.http_requests import ask, connect

NOBODY = "http://127.0.0.1:1"
HERE = Redirect(200, location=None, body=b"here")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(NOBODY, rule=HERE) as server:
        yield server


def statuses(server: Gateway, count: int) -> list[int]:
    return [ask(server)[0].status for _ in range(count)]


def test_each_request_takes_a_step_and_then_the_rule_applies(gateway: Gateway) -> None:
    gateway.script(Redirect(301), Redirect(308), None, lambda request: Fault(message=request.path))
    assert statuses(gateway, 6) == [301, 308, 502, 503, 200, 200]


def test_unused_steps_of_an_earlier_script_come_first(gateway: Gateway) -> None:
    gateway.script(Redirect(301), Redirect(302))
    assert statuses(gateway, 1) == [301]
    gateway.script(Redirect(308))
    assert statuses(gateway, 3) == [302, 308, 200]


def test_a_new_rule_applies_once_the_script_is_used_up(gateway: Gateway) -> None:
    gateway.script(Redirect(301), Redirect(302))
    gateway.rule = Redirect(308)
    assert statuses(gateway, 3) == [301, 302, 308]


def test_unused_steps_are_an_error_that_names_them() -> None:
    def odd(_: object) -> None: ...

    left = r"the gateway has Fault\(status=500, .*\), HANG_UP, .*odd, None left\."
    server = Gateway(NOBODY, rule=HERE)
    with pytest.raises(AssertionError, match=left):
        _take_one(server, Redirect(301), Fault(500), HANG_UP, odd, None)
    with pytest.raises(ConnectionRefusedError):
        ask(server)


def test_unused_steps_do_not_hide_another_error() -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        _take_one(Gateway(NOBODY), HANG_UP, Fault())


def _take_one(server: Gateway, *steps: Rule) -> None:
    with server:
        server.script(*steps)
        ask(server)


@pytest.mark.parametrize(
    ("step", "way_out"),
    [
        (Fault, r"is a class, not a step: write Fault\(\)"),
        ([Fault()], r"give its steps one by one, as script\(\*steps\)"),
        ((Fault(), None), r"give its steps one by one, as script\(\*steps\)"),
        (503, "503 is not a step: give None, a Redirect"),
        ("http://other.example", "'http://other.example' is not a step"),
    ],
)
def test_a_value_that_is_not_a_step_is_refused_where_it_is_given(
    gateway: Gateway, step: Any, way_out: str
) -> None:
    with pytest.raises(TypeError, match=way_out):
        gateway.script(None, step)
    with pytest.raises(TypeError, match=way_out):
        gateway.rule = step
    with pytest.raises(TypeError, match=way_out):
        Gateway(NOBODY, rule=step)
    assert (gateway.steps_left, gateway.rule) == ([], HERE)


def test_a_rule_that_returns_something_else_is_an_error() -> None:
    nonsense: Any = lambda _: Fault  # noqa: E731 - rules are often lambdas
    server = Gateway(NOBODY, rule=nonsense).start()
    assert ask(server)[0].status == 500
    with pytest.raises(TypeError, match="which is not a reply: return None"):
        server.close()


def test_no_step_is_taken_twice_by_requests_at_the_same_time(gateway: Gateway) -> None:
    gateway.script(*[Redirect(301)] * 20)
    threads = [threading.Thread(target=statuses, args=(gateway, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status for each in gateway.received) == [200] * 20 + [301] * 20


@pytest.mark.parametrize("path", ["//b///k?x=%20&y", "/b/%e6%97?a#b"])
def test_a_redirect_to_an_origin_keeps_the_request_target(gateway: Gateway, path: str) -> None:
    gateway.script(Redirect.to("http://store.example:81/", 308))
    response, _ = ask(gateway, target=path)
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


def test_a_fault_may_have_headers(gateway: Gateway) -> None:
    gateway.script(Fault(headers=(("Retry-After", "7"),)))
    response, body = ask(gateway)
    assert (response.headers["Retry-After"], body[-8:]) == ("7", b"</Error>")


def test_a_response_is_sent_as_it_is(gateway: Gateway) -> None:
    gateway.script(
        Response(200, (("X-A", "1"), ("X-A", "2")), b"<damaged"), Response(204, body=b"x")
    )
    response, body = ask(gateway)
    assert (response.status, response.headers.get_all("X-A"), body) == (
        200,
        ["1", "2"],
        b"<damaged",
    )
    response, body = ask(gateway)
    assert (response.status, response.headers["Content-Length"], body) == (204, None, b"")
    assert gateway.connections == 2


def test_a_response_may_break_off(gateway: Gateway) -> None:
    broken = Response(200, (("Content-Length", "9"),), b"half")
    gateway.script(broken, broken)
    with pytest.raises(http.client.IncompleteRead, match="4 bytes read, 5 more expected"):
        ask(gateway)
    assert ask(gateway, "HEAD")[0].headers["Content-Length"] == "9"


@pytest.mark.parametrize(
    ("step", "redirected"),
    [
        (Response(302, (("Location", "/elsewhere"),)), True),
        (Redirect(399, None), True),
        (Redirect(300, None), True),
        (Redirect(299, None), False),
        (Redirect(400, None), False),
        (Fault(), False),
        (None, False),
    ],
)
def test_the_status_of_a_step_says_whether_it_redirected(
    gateway: Gateway, step: Rule, redirected: bool
) -> None:
    gateway.script(step)
    ask(gateway)
    assert gateway.received[0].redirected is redirected


def test_only_a_redirect_to_the_target_takes_its_turn() -> None:
    turns = iter(["http://one.example", "http://two.example"])
    steps = (Redirect(location="/x"), Redirect.to(NOBODY), Response(307), Fault(), Redirect())
    with Gateway(NOBODY, target=lambda: next(turns), rule=Redirect()) as server:
        server.script(*steps)
        seen = [ask(server)[0].headers["Location"] for _ in range(6)]
    assert seen[4:] == ["http://one.example/b/k", "http://two.example/b/k"]


@pytest.mark.parametrize("body", [None, b"x" * 1_000_000])
def test_hanging_up_closes_this_connection_alone(gateway: Gateway, body: bytes | None) -> None:
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


def test_silence_sends_100_to_a_client_that_waits_for_it(gateway: Gateway) -> None:
    gateway.script(SILENCE)
    connection = connect(gateway)
    connection.putrequest("PUT", "/")
    connection.putheader("Expect", "100-continue")
    connection.putheader("Content-Length", "4")
    connection.endheaders()
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.close()


def test_a_silent_gateway_can_be_closed() -> None:
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


def test_named_steps_have_a_short_repr() -> None:
    assert f"{HANG_UP!r} {SILENCE!r}" == "HANG_UP SILENCE"
    assert "location=SAME" in repr(Redirect())
