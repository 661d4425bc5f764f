"""An attempt as a generator: what its driver may do to it."""

from __future__ import annotations

import contextvars
import io
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, create_request_object
from botocore.config import Config

from botocore_redirect import RedirectPolicy, state
from botocore_redirect.attempt.follow_redirects import follow_redirects
from botocore_redirect.attempt.steps import Create, Send
from botocore_redirect.transport import sessions

GATEWAY = "http://gateway.test/bkt/key"
TARGET = "http://gateway.test:81/bkt/key"


@pytest.fixture
def attempt(session: Any) -> Any:
    """An attempt of a call, and the answer that redirects its first request."""
    config = Config(s3={"addressing_style": "path"})
    client = session.client("s3", endpoint_url="http://gateway.test", config=config)
    context: dict[str, Any] = {}
    params = {"method": "GET", "url": GATEWAY, "headers": {}, "body": b"", "context": context}
    endpoint = client._endpoint
    model = client.meta.service_model.operation_model("GetObject")
    request = endpoint.prepare_request(create_request_object(params))
    request.botocore_redirect_params = params
    answer = AWSResponse(GATEWAY, 307, {"location": TARGET}, io.BytesIO())
    steps = follow_redirects(endpoint, request, model, context, RedirectPolicy(), sessions)
    return steps, ((answer, {}), None)


def test_a_hop_is_created_and_sent_while_the_context_says_so(attempt: Any) -> None:
    steps, redirect = attempt
    assert isinstance(next(steps), Send)
    step = steps.send(redirect)
    assert isinstance(step, Create)
    assert step.params["url"] == TARGET
    assert state.is_sending_hop()
    steps.close()
    assert not state.is_sending_hop()


def test_what_is_started_during_a_hop_sends_no_hop_once_that_is_over(attempt: Any) -> None:
    """Tasks inherit the context, and so do threads in a free-threaded Python."""
    steps, redirect = attempt
    next(steps)
    steps.send(redirect)
    inherited = contextvars.copy_context()
    assert inherited.run(state.is_sending_hop)
    steps.close()
    assert not inherited.run(state.is_sending_hop)


def test_an_attempt_may_be_closed_in_another_context(attempt: Any) -> None:
    """A task that is dropped is closed by the garbage collector, wherever that runs."""
    steps, redirect = attempt
    context = contextvars.copy_context()
    context.run(next, steps)
    context.run(steps.send, redirect)
    assert context.run(state.is_sending_hop)
    with state.sending_hop(state.CallState(None)):  # another call
        steps.close()
        assert state.is_sending_hop()
    assert not context.run(state.is_sending_hop)


def test_a_cancellation_restores_what_the_attempt_has_changed(attempt: Any) -> None:
    steps, redirect = attempt
    next(steps)
    steps.send(redirect)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert not state.is_sending_hop()
