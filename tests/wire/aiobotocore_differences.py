"""What clients of aiobotocore have not, or do otherwise, with the patch and without it."""

from __future__ import annotations

import pytest

_alone = pytest.mark.boto3_alone

about_urllib3 = _alone("about the pools and connections of urllib3")
about_stale_status = _alone("about a status that connections of botocore keep")
calls_endpoint = _alone("it calls a method of botocore's endpoint itself")
hook_answers = _alone("a hook of aiobotocore has to answer with an AioAWSResponse")
hook_blocks = _alone("a handler that waits for a call would block the event loop")
odd_stream = _alone("aiohttp takes no stream that is not an io.IOBase")
aiohttp_follows = _alone("aiohttp follows by itself where the patch does not")
aiohttp_waits_for_100 = _alone("aiohttp waits for 100 Continue without a limit")
aiohttp_sends_again = _alone("aiohttp sends a read again where the connection was closed")

#: Redirects in chunks, of which the first is none: aiohttp drops the head that came with it.
BROKEN_AT_ONCE = (
    "chunks that are none",
    "trickling in chunks",
    "cut short in chunks",
    "bad chunks",
    "a negative chunk",
    "an endless line",
)


def skip_if_broken_at_once(aiobotocore: str | None, body: str) -> None:
    """Skip a test of a redirect that aiohttp raises an error of its own for."""
    if aiobotocore and body in BROKEN_AT_ONCE:
        pytest.skip("aiohttp drops the head of an answer whose body breaks in the same segment")


def skip_if_sent_again(aiobotocore: str | None, fault: str) -> None:
    """Skip a test of a closed connection, on which aiohttp sends a read a second time."""
    if aiobotocore and any(word in fault for word in ("close", "reset", "no HTTP")):
        pytest.skip("aiohttp sends a read again where the connection was closed")
