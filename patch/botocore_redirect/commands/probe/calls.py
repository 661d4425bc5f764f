"""Make one call with the installed botocore, and observe the first answer to it.

botocore builds and signs the request. The first one of each call is sent by `exchange`, and its
answer is given back to botocore, so that the patch itself follows where it redirects.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, replace
from typing import Any, Callable, cast

import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from urllib3._collections import HTTPHeaderDict  # urllib3 1 does not export it

from botocore_redirect.attempt.describe import describe_answer, describe_call
from botocore_redirect.commands.probe.advice import Case
from botocore_redirect.commands.probe.describe import describe_redirect
from botocore_redirect.commands.probe.dialects import Redirected
from botocore_redirect.commands.probe.exchange import Exchange, Request, Server
from botocore_redirect.commands.probe.records import Observation, Outcome
from botocore_redirect.errors import RedirectError
from botocore_redirect.policy import STATUSES, RedirectPolicy
from botocore_redirect.rules.canonical import without_signature
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.endpoint_element import location_from_endpoint
from botocore_redirect.rules.hop import Answer, Chain
from botocore_redirect.rules.location import LocationError, resolve
from botocore_redirect.rules.target_host import gateway_of


class TimeLimit(Exception):
    """A call did not end in time."""


class _NotFollowed(Exception):
    """Ends a call at its first answer."""


@dataclass
class Call:
    """One call that was made, and what is known of it."""

    operation: str
    result: dict[str, Any] | None = None
    observation: Observation | None = None
    case: Case | None = None
    redirected: Redirected | None = None

    @property
    def outcome(self) -> Outcome | None:
        """How the call ended; None if redirects were not to be followed."""
        return None if self.observation is None else self.observation.outcome

    def fail(self, code: str, message: str) -> None:
        """Report the call as failed, though it returned."""
        outcome = replace(cast("Outcome", self.outcome), code=code, message=message)
        self.observation = replace(cast("Observation", self.observation), outcome=outcome)
        if self.case is not None:
            self.case = self.case._replace(outcome=outcome)


class Caller:
    """Makes calls of one client, each within a time limit."""

    def __init__(
        self,
        open_client: Callable[[], Any],
        server: Server,
        policy: RedirectPolicy,
        *,
        follows: bool,
        seconds: float,
    ) -> None:
        self._open_client = open_client
        self._client = open_client()
        self._server = server
        self._policy = policy
        self._follows = follows
        self._seconds = seconds

    def call(self, operation: str, method: str, **parameters: Any) -> Call:
        """Make a call and observe it. Raises what kept it from being answered."""
        watch = _Watch(self._client, self._server, self._policy, follows=self._follows)
        made = Call(operation)
        outcome: Outcome | None
        try:
            function = getattr(self._client, method)
            made.result = within(self._seconds, operation, lambda: watch.call(function, parameters))
            outcome = _succeeded(made.result)
        except _NotFollowed:
            outcome = None
        except ClientError as error:
            outcome = _failed(error)
        except Exception as error:
            if isinstance(error, TimeLimit):  # its thread still uses the client
                self._client = self._open_client()
            if watch.exchange is None:
                raise
            outcome = Outcome(None, code=type(error).__name__, message=str(error))
        _describe(made, watch, self._policy, outcome)
        return made


class _Watch:
    """Sends the first request of a call, and keeps the answer."""

    def __init__(
        self, client: Any, server: Server, policy: RedirectPolicy, *, follows: bool
    ) -> None:
        self._client = client
        self._server = server
        self._policy = policy
        self._follows = follows
        self._params: Any = None
        self._model: Any = None
        self._request: Any = None
        self.exchange: Exchange | None = None
        self.answer: Answer | None = None

    @property
    def method(self) -> str:
        """The method of the request."""
        return str(self._request.method)

    def call(self, function: Callable[..., Any], parameters: dict[str, Any]) -> dict[str, Any]:
        """Make the call, and read the body of its answer."""
        events = self._client.meta.events
        handlers = {
            "before-call.s3": self._before_call,
            "before-send.s3": self._before_send,
            "response-received.s3": self._response_received,
        }
        for name, handler in handlers.items():
            events.register(name, handler)
        try:
            result: dict[str, Any] = function(**parameters)
            if "Body" in result:
                result["Body"] = result["Body"].read()
        finally:
            for name, handler in handlers.items():
                events.unregister(name, handler)
        return result

    def _before_call(self, model: Any, params: Any, **_: Any) -> None:
        if self._params is None:  # else botocore looks for the region of a bucket
            self._params, self._model = params, model

    def _before_send(self, request: Any, **_: Any) -> Any:
        if self.exchange is not None:  # a hop
            return None
        self._request = request
        self.exchange = self._server.exchange(_as_sent(request))
        return _as_botocore(request, self.exchange)

    def _response_received(self, parsed_response: Any, **_: Any) -> None:
        if self.exchange is None or self.exchange.status not in STATUSES or self.answer is not None:
            return
        params, url = self._params, self._request.url
        call = describe_call(self._client._endpoint, params, url, self._model)  # noqa: SLF001 - as `follow` does
        response = _as_botocore(self._request, self.exchange)
        chain = Chain(visited=(without_signature(url),))
        self.answer = describe_answer(params, url, response, parsed_response, call, chain)
        if not self._follows:
            raise _NotFollowed


def within(seconds: float, what: str, function: Callable[[], Any]) -> Any:
    """Return what a function returns; raise `TimeLimit` if it does not end in time."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeLimit(f"{what} did not end within {seconds:g} s")
    return results[0]


def _as_sent(request: Any) -> Request:
    """Return a request of botocore as it goes over the wire."""
    headers = tuple((_text(name), _text(value)) for name, value in request.headers.items())
    body = request.body or b""
    data = body.read() if hasattr(body, "read") else bytes(body)
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    return Request(request.method, request.url, headers, data)


def _as_botocore(request: Any, exchange: Exchange) -> AWSResponse:
    """Return an answer as botocore's own HTTP session returns it."""
    raw = urllib3.HTTPResponse(
        body=io.BytesIO(exchange.body),
        headers=HTTPHeaderDict(exchange.headers),
        status=exchange.status,
        preload_content=False,
        request_method=request.method,
    )
    return AWSResponse(request.url, exchange.status, raw.headers, raw)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _succeeded(result: dict[str, Any]) -> Outcome:
    metadata = result["ResponseMetadata"]
    return Outcome(metadata["HTTPStatusCode"], hops=len(metadata.get("Redirects", ())))


def _failed(error: ClientError) -> Outcome:
    metadata = error.response.get("ResponseMetadata", {})
    said = error.response.get("Error", {})
    outcome = Outcome(
        metadata.get("HTTPStatusCode"),
        hops=len(metadata.get("Redirects", ())),
        code=said.get("Code"),
        message=said.get("Message"),
    )
    if isinstance(error, RedirectError):
        return replace(outcome, hops=len(error.chain), reason=error.reason, location=error.location)
    return outcome


def _describe(made: Call, watch: _Watch, policy: RedirectPolicy, outcome: Outcome | None) -> None:
    exchange, answer = cast("Exchange", watch.exchange), watch.answer
    facts = None
    if answer is not None:
        facts = describe_redirect(answer, decide(answer, policy), policy)
        made.case = Case(made.operation, answer, outcome)
        made.redirected = Redirected(
            answer.call.endpoint,
            _target(answer, policy),
            {name.lower(): value for name, value in exchange.headers},
            by_endpoint_alone=not answer.locations and answer.endpoint is not None,
        )
    made.observation = Observation(
        made.operation,
        watch.method,
        exchange.status,
        exchange.expect,
        exchange.connection,
        facts,
        outcome,
    )


def _target(answer: Answer, policy: RedirectPolicy) -> str | None:
    """Return the URL that an answer leads to, as far as it says one."""
    call, location = answer.call, answer.locations[0] if answer.locations else None
    try:
        if location is None and answer.endpoint:
            location = location_from_endpoint(answer.endpoint, call, gateway_of(call), policy)
        return None if location is None else resolve(location, answer.sent_url)[0].url
    except LocationError:
        return None
