"""The gateway: an HTTP/1.1 server on loopback that redirects by rule, relays and records.

It keeps bodies in memory: this is for tests.
"""

from __future__ import annotations

import re
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
    Received,
    Redirect,
    Response,
    Rule,
    has_body,
    plain_text,
)
from botocore_redirect.testing.server.relay import relay
from botocore_redirect.testing.server.request_body import read_body
from botocore_redirect.testing.server.script import Script, check_rule, describe_step

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["SAME", "Gateway", "Received", "Redirect", "Rule"]

_BLOCK = 65536

Target = Union[str, Callable[[], str]]


class Gateway:
    """A server in front of the one at `upstream`; use it as a context manager.

    `rule` decides what happens to a request: None relays it; a `Redirect`, `Fault` or `Response`
    is the response to it; a function of the request returns one of these. The function is called
    before the body is read. If it fails, the response is a 500, and `close` raises the error. The
    steps of a `script` come before the rule; steps that no request has taken are an AssertionError
    at the end of the context. `target` is the origin that redirects with `SAME` point at (by
    default the upstream), or a function that returns it for each redirect.

    `expect` says when a redirect responds to a request with `Expect: 100-continue`: "early",
    without 100 and without reading the body, or "late", after both. `relay_headers` are set on
    relayed requests, and `relay_target` says what of the upstream they ask for (by default what the
    gateway was asked for).

    With an `ssl_context` that holds a certificate, clients speak TLS and `url` starts with https;
    requests are relayed to the upstream as plain HTTP. `port` is where it listens, 0 a free one.

    `rule`, `target` and `expect` can be assigned at any time. `received` lists the requests; each
    is added before its response is sent. `connections` counts TCP connections.
    """

    def __init__(
        self,
        upstream: str,
        *,
        target: Target | None = None,
        rule: Rule = None,
        expect: Literal["early", "late"] = "early",
        relay_headers: Mapping[str, str] | None = None,
        relay_target: Callable[[str], str] = str,
        ssl_context: ssl.SSLContext | None = None,
        port: int = 0,
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
        self.relay_target = relay_target
        self.received: list[Received] = []
        self._ssl_context = ssl_context
        self._port = port
        self._server: ConnectionServer | None = None
        self._open = False

    @property
    def url(self) -> str:
        """The URL of this gateway; still readable once it is closed."""
        if self._server is None:
            raise RuntimeError(
                "The gateway has no url before it is started: use `with Gateway(…)`."
            )
        scheme = "http" if self._ssl_context is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.port}"

    @property
    def rule(self) -> Rule:
        """What happens to a request once the steps of the script are used up."""
        return self._rule

    @rule.setter
    def rule(self, rule: Rule) -> None:
        self._rule: Rule = check_rule(rule)

    @property
    def connections(self) -> int:
        """The number of TCP connections accepted so far."""
        return 0 if self._server is None else self._server.connections

    def script(self, *steps: Rule) -> None:
        """Set the steps for the next requests, one for each; after them, `rule` applies again.

        A step is None (relay), a `Redirect`, `Fault`, `Response`, `HANG_UP` or `SILENCE`, or a
        function of the request that returns one of these. Unused steps of an earlier script come
        first.
        """
        self._script.add(*steps)

    @property
    def steps_left(self) -> list[Rule]:
        """The steps that no request has taken yet."""
        return self._script.unused

    def respond(self, received: Received) -> Response | None:
        """Take the step for this request and make its response; None: the request is relayed."""
        reply = self._script.reply(received, self._rule)
        return None if reply is None else reply.respond(received, self._target_origin)

    def _target_origin(self) -> str:
        return self.target() if callable(self.target) else self.target

    def clear(self) -> None:
        """Clear the list of requests."""
        self.received.clear()

    def start(self) -> Self:
        """Listen on its port of the loopback interface."""
        if self._server is not None:
            raise RuntimeError(f"The gateway at {self.url} was started before; make a new one.")
        self._server = ConnectionServer(partial(_Handler, self), self._ssl_context, self._port)
        self._server.start()
        self._open = True
        return self

    def close(self) -> None:
        """Stop listening and close all connections; then raise the errors of rules."""
        if self._server is not None and self._open:
            self._open = False
            self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.close()
        if kind is None:
            expect_no_steps_left({"the gateway": self})


def expect_no_steps_left(servers: Mapping[str, Gateway]) -> None:
    """Raise one AssertionError that names the unused steps of these servers."""
    left = "; ".join(
        f"{name} has {', '.join(map(describe_step, server.steps_left))} left"
        for name, server in servers.items()
        if server.steps_left
    )
    if left:
        raise AssertionError(
            f"Not every step of the script was used: {left}. Fewer requests came than the script"
            " has steps: remove these, or find out why no request came."
        )


def _origin_form(target: str, port: int) -> str:
    """Return a request target without the origin of this server, which httpx sends along."""
    return re.sub(rf"https?://[^/?]*:{port}(?=[/?])", "", target, count=1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ConnectionServer

    def __init__(self, gateway: Gateway, *args: Any) -> None:
        self._gateway = gateway
        super().__init__(*args)

    def log_message(self, *_: object) -> None:
        """Write no log: `received` lists the requests."""

    def handle_expect_100(self) -> bool:
        """Leave the 100 to `_serve`, which knows whether to read the body."""
        return True

    def _serve(self) -> None:
        received = Received(
            self.command,
            # self.path has lost doubled slashes
            _origin_form(self.requestline.split()[1], self.server.port),
            self.headers,
            self.server.connection_numbers[self.request],
        )
        response = self._scripted(received)
        expects = self.headers.get("Expect", "").lower() == "100-continue"
        early = response and expects and self._gateway.expect == "early"
        if not early or (response and response.waits):
            response = self._read(received, expects=expects) or response
        if response is None:
            upstream = urlsplit(self._gateway.upstream).netloc
            relayed = replace(received, target=self._gateway.relay_target(received.target))
            response = relay(relayed, upstream, self._gateway.relay_headers, self.server.watch)
        received.status = response.status
        self._gateway.received.append(received)
        self._send(response)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server calls these

    def _scripted(self, received: Received) -> Response | None:
        try:
            response = self._gateway.respond(received)
        except BaseException as error:  # noqa: BLE001 - close() raises it, whatever it is
            self.server.failures.append(error)
            return plain_text(500, f"The rule of this gateway failed: {error!r}")
        received.redirected = response is not None and response.is_redirect
        return response

    def _read(self, received: Received, *, expects: bool) -> Response | None:
        if expects:
            super().handle_expect_100()
        body = read_body(self.rfile, self.headers)
        received.body, received.body_bytes = body.data, body.wire_bytes
        if body.problem is None:
            return None
        received.redirected = False
        self.close_connection = True
        return plain_text(400, body.problem)

    def _send(self, response: Response) -> None:
        if response.hangs_up:
            self.close_connection = True
            if response.waits:  # until the client or the gateway closes the connection
                deque(iter(partial(self.rfile.read, _BLOCK), b""), maxlen=0)
            return
        closes = (response.header("Connection") or "").lower() == "close"
        if self.close_connection and not closes:
            response = replace(response, headers=(*response.headers, ("Connection", "close")))
        with_body = self.command != "HEAD"
        breaks_off = with_body and has_body(response.status) and response.breaks_off
        self.close_connection = self.close_connection or closes or breaks_off
        self.wfile.write(response.to_wire(with_body=with_body))
