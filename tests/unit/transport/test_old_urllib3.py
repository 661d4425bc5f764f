"""What connections do for an urllib3 that goes on to the answer by itself, or does not."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from botocore_redirect import RedirectPolicy
from botocore_redirect.transport import connections

FOLLOWED = SimpleNamespace(
    botocore_redirect_patch=SimpleNamespace(policy=RedirectPolicy(), active=True)
)
OTHERS = SimpleNamespace()


def breaking(*_: Any, **__: Any) -> None:
    raise BrokenPipeError


@pytest.mark.parametrize(("request_in_flight", "raises"), [(FOLLOWED, False), (OTHERS, True)])
def test_a_broken_pipe_is_no_error_where_redirects_are_followed(
    monkeypatch: pytest.MonkeyPatch, request_in_flight: Any, *, raises: bool
) -> None:
    monkeypatch.setattr(connections, "find_request", lambda: request_in_flight)
    with pytest.raises(BrokenPipeError) if raises else nullcontext():
        connections._request(breaking)(SimpleNamespace(), "PUT", "/bkt/key")


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_broken_pipe_in_a_chunked_body_is_raised_if_urllib3_reads_on(
    monkeypatch: pytest.MonkeyPatch, *, goes_on: bool
) -> None:
    monkeypatch.setattr(connections, "find_request", lambda: FOLLOWED)
    name = "_urllib3_reads_answers_after_a_broken_pipe"
    monkeypatch.setattr(connections, name, lambda: goes_on)
    with pytest.raises(BrokenPipeError) if goes_on else nullcontext():
        connections._request_chunked(breaking)(SimpleNamespace(), "PUT", "/bkt/key")
