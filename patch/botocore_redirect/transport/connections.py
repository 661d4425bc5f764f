"""Notice a redirect on its connection, as soon as the head of the answer has arrived.

Before botocore returns an answer, its body is read, which may be endless, broken off or malformed,
and urllib3 acts on the redirect in its own way. Neither may hide the Location. So methods of
botocore's connection classes are replaced while a patch is in force. No connection, pool, manager
or session holds anything of ours. A connection class of another library is used as it is.

A replacement does what the original does until a redirect arrives. Only then it searches the stack
for the request of its connection (see `in_flight`). If redirects of that request are not followed,
it leaves the answer alone.
"""

from __future__ import annotations

import functools
from http.client import HTTPResponse
from typing import Any, Callable, cast

import urllib3
from botocore import awsrequest

from botocore_redirect.policy import STATUSES
from botocore_redirect.state import policy_of
from botocore_redirect.transport.head import (
    Fields,
    Head,
    head_of,
    is_followed,
    needs_body,
    set_head,
)
from botocore_redirect.transport.in_flight import find_request
from botocore_redirect.transport.redirect_body import settle_body

Method = Callable[..., Any]
Replacement = tuple[Any, str, Method]


def replacements() -> list[Replacement]:
    """Return the attributes of botocore's connections to replace while a patch is in force."""
    found = {"_send_output": _send_output}
    if not _urllib3_sends_chunks_by_request():
        found["request_chunked"] = _request_chunked
    if not _urllib3_reads_answers_after_a_reset():
        found["send"] = _send
    if not _urllib3_reads_answers_after_a_broken_pipe():
        found["request"] = _request
    connections = (awsrequest.AWSHTTPConnection, awsrequest.AWSHTTPSConnection)
    common = awsrequest.AWSConnection
    return [
        *((owner, "getresponse", _getresponse(owner)) for owner in connections),
        *((common, name, make(_original(common, name))) for name, make in found.items()),
    ]


def _original(owner: Any, name: str) -> Method:
    """Return a method of a mixin, which may leave it to the class that it is mixed into."""
    if name in vars(owner):
        return cast("Method", getattr(owner, name))
    return lambda self, *args, **kwargs: getattr(super(owner, self), name)(*args, **kwargs)


def _getresponse(owner: Any) -> Method:
    """Return `getresponse` for a class that inherits it, and for classes derived from that one.

    Each request pays for this method. It looks up what it calls each time: others may replace it.
    """
    base = next(kind for kind in owner.__mro__[1:] if hasattr(kind, "getresponse"))

    def getresponse(self: Any) -> Any:
        sock = self.sock  # None afterwards if the server closes
        if type(self) is owner:
            response = base.getresponse(self)
        else:
            response = super(owner, self).getresponse()  # a few times slower
        if response.status in STATUSES:
            _notice(self, sock, response)
        return response

    return getresponse


def _notice(connection: Any, sock: Any, response: Any) -> None:
    """Store the head of a redirect on the request that it answers, and settle its body."""
    request = find_request()
    policy = policy_of(request)
    if policy is None or head_of(request) is not None:
        return
    answer = getattr(response, "_fp", response)  # urllib3 2 wraps it here, 1.26 later
    is_real = isinstance(answer, HTTPResponse)
    fields: Fields = tuple((answer if is_real else response).headers.items())
    early = isinstance(
        answer, awsrequest.AWSHTTPResponse
    )  # botocore uses it for these answers alone
    body, complete = b"", False
    if is_real and is_followed(request, response.status, policy):
        if _urllib3_prepares_redirects() and "see-other" in policy.workarounds:
            response.get_redirect_location = _nowhere
        needed = needs_body(fields)
        body, complete = settle_body(connection, sock, answer, needed=needed)
        if getattr(response, "length_remaining", None) is not None:
            response.length_remaining = len(body)  # urllib3 2 expects more
    set_head(request, Head(response.status, fields, early, body, complete))


def _send_output(original: Method) -> Method:
    def send_output(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if self._response_received and _is_redirected_early(self):
            # urllib3 would read the whole body, send nothing of it, and leave none for the target.
            # This error tells it that the server wants no more: it goes on to read the answer.
            raise BrokenPipeError

    return send_output


def _is_redirected_early(connection: Any) -> bool:
    policy = policy_of(find_request())
    status = connection.response_class.keywords["status_tuple"][1]
    return policy is not None and status in policy.statuses


def _request_chunked(original: Method) -> Method:
    def request_chunked(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None
    ) -> None:
        # urllib3 1.26 sends aws-chunked bodies this way. It bypasses botocore's preparation to wait
        # for an answer to Expect: the body would be sent to a gateway that does not read it.
        policy = policy_of(find_request())
        if policy is None:
            original(self, method, url, body=body, headers=headers)
            return
        expects = (headers or {}).get("Expect", b"") == b"100-continue"
        self._response_received = False
        self._expect_header_set = expects and "expect" in policy.workarounds
        try:
            original(self, method, url, body=body, headers=headers)
        except BrokenPipeError:
            if _urllib3_reads_answers_after_a_broken_pipe():
                raise
        finally:
            self._expect_header_set = False

    return request_chunked


def _send(original: Method) -> Method:
    """Return a `send` after which the answer is read even if the connection was reset.

    The server may have answered with a redirect while the body was sent. urllib3 2.2 does the same.
    """

    def send(self: Any, data: Any) -> None:
        try:
            original(self, data)
        except ConnectionResetError:
            if policy_of(find_request()) is None:
                raise
            raise BrokenPipeError from None

    return send


def _request(original: Method) -> Method:
    def request(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            original(self, *args, **kwargs)
        except BrokenPipeError:
            if policy_of(find_request()) is None:
                raise

    return request


def _nowhere() -> bool:
    return False


@functools.cache
def _urllib3_prepares_redirects() -> bool:
    return _urllib3_version() >= (2, 7)


@functools.cache
def _urllib3_reads_answers_after_a_broken_pipe() -> bool:
    return _urllib3_version() >= (1, 26)


@functools.cache
def _urllib3_sends_chunks_by_request() -> bool:
    return _urllib3_version() >= (2, 0)


@functools.cache
def _urllib3_reads_answers_after_a_reset() -> bool:
    return _urllib3_version() >= (2, 2)


def _urllib3_version() -> tuple[int, int]:
    major, minor = urllib3.__version__.split(".")[:2]
    return int(major), int(minor)
