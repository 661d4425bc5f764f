"""An HTTP/1.1 server on a real loopback socket: it redirects by rule, relays the rest, records all.

Standard library only. Bodies are held in memory: this is for tests.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Callable, Literal, Union
from urllib.parse import urlsplit

from botocore_redirect.testing.server.connection_server import ConnectionServer
from botocore_redirect.testing.server.exchange import (
    SAME,
    Answer,
    Received,
    Redirect,
    Rule,
    has_body,
    plain,
)
from botocore_redirect.testing.server.relay import relay
from botocore_redirect.testing.server.request_body import read_body
from botocore_redirect.testing.server.script import Script, check, name

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["SAME", "Gateway", "Received", "Redirect", "Rule"]

_BLOCK = 65536

Target = Union[str, Callable[[], str]]


class Gateway:
    """A server in front of the one at `upstream`; use it as a context manager.

    `rule` says what is answered here: nothing (None), everything (a `Redirect` or a fault), or what
    a function of the request returns one for. The function is called before the body is read. An
    error in it is answered with 500 and raised again by `close`. A `script` comes before it; steps
    that no request has taken are an AssertionError where the context ends. `target` is the origin
    that redirects with `SAME` point at (the upstream by default), or a function that names it anew
    for each.

    `expect` says when a redirect answers a request with `Expect: 100-continue`: "early", without
    100 and without its body, or "late", after both. `relay_headers` are set on what is relayed.

    With an `ssl_context` that holds a certificate, clients speak TLS and `url` starts with https;
    what is relayed goes to the upstream as plain HTTP.

    `rule`, `target` and `expect` can be assigned at any time. `received` lists the requests, each
    added when its answer is known and before that is sent; `connections` counts TCP connections.
    """

    def __init__(
        self,
        upstream: str,
        *,
        target: Target | None = None,
        rule: Rule = None,
        expect: Literal["early", "late"] = "early",
        relay_headers: Mapping[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        origin = urlsplit(upstream)
        if origin.scheme != "http" or not origin.netloc or origin.path not in ("", "/"):
            raise ValueError(
                f"The upstream {upstream!r} is not an http origin; write it as http://HOST:PORT."
            )
        if expect not in ("early", "late"):
            raise ValueError(f"expect is {expect!r}; it must be 'early' or 'late'.")
        self.upstream = upstream
        self.target: Target = upstream if target is None else target
        self._script = Script()
        self.rule = rule
        self.expect = expect
        self.relay_headers = dict(relay_headers or {})
        self.received: list[Received] = []
        self._ssl_context = ssl_context
        self._server: ConnectionServer | None = None
        self._open = False

    @property
    def url(self) -> str:
        """Where clients find this gateway; still readable once it is closed."""
        if self._server is None:
            raise RuntimeError(
                "The gateway has no url before it is started: use `with Gateway(…)`."
            )
        scheme = "http" if self._ssl_context is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.port}"

    @property
    def rule(self) -> Rule:
        """What is answered here, once the steps of the script are taken."""
        return self._rule

    @rule.setter
    def rule(self, rule: Rule) -> None:
        self._rule: Rule = check(rule)

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted so far."""
        return 0 if self._server is None else self._server.connections

    def script(self, *steps: Rule) -> None:
        """Take one step for each request to come, then do what the rule says.

        A step is what a rule can be: None relays, a `Redirect`, `Fault`, `Answer`, `HANG_UP` or
        `SILENCE` answers, a function decides. Steps go after those that are left of another script.
        """
        self._script.add(*steps)

    @property
    def steps_left(self) -> list[Rule]:
        """The steps that no request has taken yet."""
        return self._script.left

    def reply_to(self, received: Received) -> Answer | None:
        """Find the answer to this request, and take its step; None: it is to be relayed."""
        reply = self._script.reply(received, self._rule)
        return None if reply is None else reply.answer(received, self._origin)

    def _origin(self) -> str:
        return self.target() if callable(self.target) else self.target

    def clear(self) -> None:
        """Forget the requests received so far."""
        self.received.clear()

    def start(self) -> Self:
        """Listen on a free port of the loopback interface."""
        if self._server is not None:
            raise RuntimeError(f"The gateway at {self.url} was started before; make a new one.")
        self._server = ConnectionServer(partial(_Handler, self), self._ssl_context)
        self._server.start()
        self._open = True
        return self

    def close(self) -> None:
        """End every connection and stop listening; then raise what a rule raised, if one did."""
        if self._server is not None and self._open:
            self._open = False
            self._server.end()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.close()
        if kind is None:
            expect_none_left({"the gateway": self})


def expect_none_left(servers: Mapping[str, Gateway]) -> None:
    """Raise one AssertionError that names the steps which none of these servers has taken."""
    left = [(where, server.steps_left) for where, server in servers.items() if server.steps_left]
    if left:
        told = "; ".join(f"{where} has {', '.join(map(name, steps))} left" for where, steps in left)
        raise AssertionError(
            f"Not every step of the script was taken: {told}. Fewer requests came than it has"
            " steps for: leave those out, or find out why no request came."
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ConnectionServer

    def __init__(self, gateway: Gateway, *args: Any) -> None:
        self._gateway = gateway
        super().__init__(*args)

    def log_message(self, *_: object) -> None:
        """Say nothing: `received` is the log."""

    def handle_expect_100(self) -> bool:
        """Leave the 100 to `_serve`, which knows whether the body is wanted."""
        return True

    def _serve(self) -> None:
        received = Received(
            self.command,
            self.requestline.split()[1],  # self.path has lost doubled slashes
            self.headers,
            self.server.ordinals[self.request],
        )
        answer = self._planned(received)
        expects = self.headers.get("Expect", "").lower() == "100-continue"
        early = answer and expects and self._gateway.expect == "early"
        if not early or (answer and answer.waits):
            answer = self._read(received, expects=expects) or answer
        if answer is None:
            upstream = urlsplit(self._gateway.upstream).netloc
            answer = relay(received, upstream, self._gateway.relay_headers, self.server.watch)
        received.status = answer.status
        self._gateway.received.append(received)
        self._send(answer)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server calls these

    def _planned(self, received: Received) -> Answer | None:
        try:
            answer = self._gateway.reply_to(received)
        except BaseException as error:  # noqa: BLE001 - kept and raised by close(), whatever it is
            self.server.failures.append(error)
            return plain(500, f"The rule of this gateway failed: {error!r}")
        received.redirected = answer is not None and answer.is_redirect
        return answer

    def _read(self, received: Received, *, expects: bool) -> Answer | None:
        if expects:
            super().handle_expect_100()
        body = read_body(self.rfile, self.headers)
        received.body, received.body_bytes = body.data, body.wire_bytes
        if body.problem is None:
            return None
        received.redirected = False
        self.close_connection = True
        return plain(400, body.problem)

    def _send(self, answer: Answer) -> None:
        if answer.hangs_up:
            self.close_connection = True
            if answer.waits:  # until the client or the gateway is closed
                deque(iter(partial(self.rfile.read, _BLOCK), b""), maxlen=0)
            return
        closes = (answer.header("Connection") or "").lower() == "close"
        if self.close_connection and not closes:
            answer = replace(answer, headers=(*answer.headers, ("Connection", "close")))
        with_body = self.command != "HEAD"
        breaks_off = with_body and has_body(answer.status) and answer.breaks_off
        self.close_connection = self.close_connection or closes or breaks_off
        self.wfile.write(answer.to_wire(with_body=with_body))
