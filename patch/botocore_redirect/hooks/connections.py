"""The connections of clients that follow redirects: they notice a redirect as soon as it arrives.

Between the head of an answer and botocore's hook lie the body, which may be broken off or
malformed, and urllib3's own idea of a redirect. Neither must keep the Location from us.
"""

from __future__ import annotations

import functools
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import urllib3

from botocore_redirect.hooks import workarounds
from botocore_redirect.policy import STATUSES

_SEEN = "_botocore_redirect_seen"


@dataclass(frozen=True)
class Head:
    """What is known of a redirect once its headers have arrived."""

    status: int
    headers: dict[str, str]
    #: It came instead of `100 Continue`: nothing was read from the body of the request.
    early: bool


class LastRedirect(threading.local):
    """The redirect that the connections of one client noticed, in this thread.

    Whoever sends a request sets it to None before: what is there afterwards belongs to it.
    """

    head: Head | None = None


def watch(http_session: Any) -> LastRedirect:
    """Let the connections of one client notice redirects, and return where they note them."""
    classes = getattr(http_session, "_pool_classes_by_scheme", None)
    if classes is None:  # not botocore's own: it answers without urllib3
        return LastRedirect()
    seen: LastRedirect | None = vars(http_session).get(_SEEN)
    if seen is not None:
        return seen
    seen = LastRedirect()
    setattr(http_session, _SEEN, seen)
    watched = {scheme: _watching(pool_class, seen) for scheme, pool_class in classes.items()}
    # The one dictionary that all managers of the client look their pools' class up in.
    classes.update(watched)
    for manager in workarounds.managers(http_session):
        # It cannot be iterated over, and another thread may drop a pool meanwhile.
        for pool in filter(None, map(manager.pools.get, manager.pools.keys())):
            _watch_pool(pool, watched[pool.scheme])
    return seen


def _watch_pool(pool: Any, watched: Any) -> None:
    """Do for a pool that exists already what its class would have done."""
    pool.ConnectionCls = watched.ConnectionCls
    if _urllib3_prepares_redirects():
        # Connections that are open already, and in use perhaps, are of the class they were. The
        # pool must not hold itself: urllib3 closes its connections when nobody holds it any more.
        here, urlopen = weakref.ref(pool), type(pool).urlopen
        pool.urlopen = lambda *args, **kwargs: urlopen(
            here(), *args, redirect=not workarounds.in_use["see-other"], **kwargs
        )


def _watching(pool_class: Any, seen: LastRedirect) -> Any:
    connection_class: Any = _going_on_to_the_answer(pool_class.ConnectionCls)

    class WatchedConnection(connection_class):  # type: ignore[misc]  # botocore is untyped
        def request_chunked(
            self, method: str, url: str, body: Any = None, headers: Any = None
        ) -> None:
            # urllib3 1.26 sends aws-chunked bodies this way, past the place where botocore prepares
            # to wait for an answer to Expect: the redirect would meet a body that nobody reads.
            expects = (headers or {}).get("Expect", b"") == b"100-continue"
            self._response_received = False
            self._expect_header_set = expects and bool(workarounds.in_use["expect"])
            try:
                super().request_chunked(method, url, body=body, headers=headers)
            finally:
                self._expect_header_set = False

        def _send_output(self, *args: Any, **kwargs: Any) -> None:
            super()._send_output(*args, **kwargs)
            if (
                self._response_received
                and self.response_class.keywords["status_tuple"][1] in STATUSES
            ):
                # urllib3 would read all of the body, to send nothing of it, and leave none for the
                # target. This is how it learns that the server wants no more: it goes on to read
                # the answer.
                raise BrokenPipeError

        def getresponse(self) -> Any:
            early = self._response_received  # which is forgotten where the connection closes
            response = connection_class.getresponse(self)  # each request pays for super()
            if response.status in STATUSES:
                seen.head = Head(response.status, dict(response.headers.items()), early)
                if workarounds.in_use["see-other"] and _urllib3_prepares_redirects():
                    response.get_redirect_location = _nowhere
            return response

    class WatchedPool(pool_class):  # type: ignore[misc]  # known at run time alone
        ConnectionCls = WatchedConnection

    return WatchedPool


def _going_on_to_the_answer(connection_class: Any) -> Any:
    """Have a connection that broke while it sent read what was answered, as newer urllib3 does."""
    if _urllib3_reads_answers_after_a_reset():
        return connection_class

    class AfterAReset(connection_class):  # type: ignore[misc]  # known at run time alone
        def send(self, data: Any) -> None:
            try:
                super().send(data)
            except ConnectionResetError:
                raise BrokenPipeError from None

    if _urllib3_reads_answers_after_a_broken_pipe():
        return AfterAReset

    class AfterABrokenPipe(AfterAReset):
        def request(self, *args: Any, **kwargs: Any) -> None:
            with suppress(BrokenPipeError):
                super().request(*args, **kwargs)

        def request_chunked(self, *args: Any, **kwargs: Any) -> None:
            with suppress(BrokenPipeError):
                super().request_chunked(*args, **kwargs)

    return AfterABrokenPipe


def _nowhere() -> bool:
    return False


@functools.cache
def _urllib3_prepares_redirects() -> bool:
    return _urllib3_version() >= (2, 7)


@functools.cache
def _urllib3_reads_answers_after_a_broken_pipe() -> bool:
    return _urllib3_version() >= (1, 26)


@functools.cache
def _urllib3_reads_answers_after_a_reset() -> bool:
    return _urllib3_version() >= (2, 2)


def _urllib3_version() -> tuple[int, int]:
    major, minor = urllib3.__version__.split(".")[:2]
    return int(major), int(minor)
