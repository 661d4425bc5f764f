"""botocore's connections, which notice a redirect as soon as its head has arrived.

Between the head of an answer and botocore's hook lie the body, which may be endless, broken off or
malformed, and urllib3's own idea of a redirect. Neither must keep the Location from us. So methods
of botocore's classes of connections are replaced while a patch is in force.
No connection, pool, manager or session holds anything of ours, and a connection that somebody else
puts in place of botocore's is simply used.

A replacement does what the original does, until there is something to notice. Only then it looks
for the request that its connection is busy with, on the stack (see `in_flight`); it leaves the
answer alone where that is not a request of a client whose redirects are followed.
"""

from __future__ import annotations

import functools
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, cast
from urllib.parse import urlsplit

import urllib3
from botocore import awsrequest

from botocore_redirect.policy import STATUSES
from botocore_redirect.rules.hosts.aws import is_aws_s3
from botocore_redirect.state import policy_of
from botocore_redirect.transport.in_flight import find_request
from botocore_redirect.transport.redirect_body import settle_body

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

Fields = tuple[tuple[str, str], ...]
Method = Callable[..., Any]
Replacement = tuple[Any, str, Method]

_HEAD = "botocore_redirect_head"


class Head(NamedTuple):
    """What is known of a redirect from the connection on which it came."""

    status: int
    #: The header fields as they came, in their order; one name may be there several times.
    fields: Fields
    #: It came instead of `100 Continue`: nothing was read from the body of the request.
    early: bool
    #: What was read of the answer's body.
    body: bytes
    #: Whether that is all of the body.
    complete: bool


def head_of(request: Any) -> Head | None:
    """Return the redirect that a request was answered with, where its connection noticed one."""
    return cast("Head | None", getattr(request, _HEAD, None))


def needs_body(status: int, fields: Fields) -> bool:
    """Return whether the body of a redirect says where to go, as S3's own does."""
    del status
    return all(name.lower() != "location" for name, _ in fields)


def replacements() -> list[Replacement]:
    """Return what is replaced of botocore's connections while a patch is in force."""
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
    """Return a method of a class that may leave it to what it is mixed into."""
    if name in vars(owner):
        return cast("Method", getattr(owner, name))
    return lambda self, *args, **kwargs: getattr(super(owner, self), name)(*args, **kwargs)


def _getresponse(owner: Any) -> Method:
    """Return `getresponse` for a class that inherits it, and for what others derive from it.

    Each request pays for this one. What is called is looked up each time: others may replace it.
    """
    base = next(kind for kind in owner.__mro__[1:] if hasattr(kind, "getresponse"))

    def getresponse(self: Any) -> Any:
        sock = self.sock  # which is gone afterwards where the server closes
        if type(self) is owner:
            response = base.getresponse(self)
        else:
            response = super(owner, self).getresponse()  # a few times slower
        if response.status in STATUSES:
            _notice(self, sock, response)
        return response

    return getresponse


def _notice(connection: Any, sock: Any, response: Any) -> None:
    """Note a redirect on the request that it answers, and deal with its body."""
    request = find_request()
    policy = policy_of(request)
    if policy is None or head_of(request) is not None:
        return
    answer = getattr(response, "_fp", response)  # urllib3 2 wraps it here, 1.26 later
    is_real = isinstance(answer, HTTPResponse)
    fields: Fields = tuple((answer if is_real else response).headers.items())
    early = isinstance(answer, awsrequest.AWSHTTPResponse)  # used for nothing else
    body, complete = b"", False
    if is_real and _is_ours(request, response.status, policy):
        if _urllib3_prepares_redirects() and "see-other" in policy.workarounds:
            response.get_redirect_location = _nowhere
        needed = needs_body(response.status, fields)
        body, complete = settle_body(connection, sock, answer, needed=needed)
        if getattr(response, "length_remaining", None) is not None:
            response.length_remaining = len(body)  # urllib3 2 has counted on more
    setattr(request, _HEAD, Head(response.status, fields, early, body, complete))


def _is_ours(request: Any, status: int, policy: RedirectPolicy) -> bool:
    """Return whether a redirect is not one of those that are left to botocore anyway."""
    return status in policy.statuses and not is_aws_s3(urlsplit(request.url).hostname or "")


def _send_output(original: Method) -> Method:
    def send_output(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if self._response_received and _is_redirected_early(self):
            # urllib3 would read all of the body, to send nothing of it, and leave none for the
            # target. This is how it learns that the server wants no more: it goes on to read
            # the answer.
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
        # urllib3 1.26 sends aws-chunked bodies this way, past the place where botocore prepares
        # to wait for an answer to Expect: the redirect would meet a body that nobody reads.
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
    """Return a `send` that, when the connection breaks, has the answer read as newer urllib3 does.

    It breaks while the body is sent, perhaps because the server has redirected it already.
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
