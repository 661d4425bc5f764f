"""A store that carries out every request, for all operations of S3's model.

It authenticates nobody, and is more lenient than most servers: it ignores unknown parameters, and
a missing parameter makes a request another operation.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from botocore_redirect.testing.server.exchange import Response
from wire.servers.event_stream import event
from wire.servers.s3_requests import Dialect, S3Request, parse_request
from wire.servers.s3_routes import Route, find_route, load_model
from wire.servers.s3_state import (
    Resource,
    State,
    apply_operation,
    describe,
    find_resource,
    is_reading,
    show,
)

if TYPE_CHECKING:
    from botocore_redirect.testing import Received

_NOT_ALLOWED = Response(
    405, body=b"<Error><Code>MethodNotAllowed</Code><Message>No such operation.</Message></Error>"
)


class S3Store:
    """What is stored, and how requests change it. `reply` is a rule for a `Gateway`.

    Several gateways may share it. One request at a time: its effect is that of the body, which is
    read after the rule was asked, so it is worked out when the state is looked at.
    """

    def __init__(self, dialect: Dialect | None = None) -> None:
        self.dialect = dialect or Dialect()
        self._state: State = {}
        self._pending: list[tuple[Received, Route, S3Request]] = []
        self._done: list[tuple[str, Resource]] = []

    def reset(self, state: State, dialect: Dialect) -> None:
        """Hold this, and nothing was done yet."""
        self.dialect = dialect
        self._state = dict(state)
        self._pending.clear()
        self._done.clear()

    @property
    def state(self) -> State:
        """What is stored after all requests so far."""
        while self._pending:
            received, route, request = self._pending.pop(0)
            apply_operation(self._state, route, request, received.body)
        return dict(self._state)

    @property
    def done(self) -> list[tuple[str, Resource]]:
        """The operations that were carried out, and on what."""
        return [*self._done]

    def reply(self, received: Received) -> Response:
        """Answer a request, and do what it says."""
        before = self.state
        route, request = find_route(parse_request(received, self.dialect), self.dialect)
        if route is None:
            self._done.append(("none", ("none", request.bucket, request.key, request.method)))
            return _NOT_ALLOWED
        resource = find_resource(route, request)
        self._done.append((route.operation, resource))
        self._pending.append((received, route, request))
        return _answer(route, request, before.get(resource, "nothing"))


def _answer(route: Route, request: S3Request, held: str) -> Response:
    description = f"{show(find_resource(route, request))} for {describe(route, request)}"
    if is_reading(route.operation):
        description = f"{description} holds {held}"
    text = description.encode("ascii", "backslashreplace").replace(b"\r", b"").replace(b"\n", b"")
    status, body = _shape_of_answer(route.operation)
    # In a header, as not every output has a member that text would fit in, and HEAD has no body.
    return Response(status, (("ETag", '"e"'), ("x-description", text.decode())), body or text)


@cache
def _shape_of_answer(operation: str) -> tuple[int, bytes]:
    """Return status and body; an empty body stands for the text of the answer."""
    if operation not in load_model().operation_names:
        return 200, b"<Answer/>"
    model = load_model().operation_model(operation)
    status = model.http.get("responseCode", 200)
    output = model.output_shape
    payload = output.serialization.get("payload") if output else None
    if payload is None:
        return status, b"<Answer/>"
    member = output.members[payload]
    if getattr(member, "is_event_stream", False) or member.serialization.get("eventstream"):
        return status, event("Records", b"1,2\n") + event("End")
    if member.type_name in ("blob", "string"):
        return status, b""
    return status, b"<Answer/>"
