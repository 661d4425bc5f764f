"""The steps that an attempt asks its driver to do, and what else differs between drivers.

`hooks.attempt_driver` performs the steps for a synchronous endpoint, `aio.attempt_driver` awaits
them for one of aiobotocore.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Union

if TYPE_CHECKING:
    from botocore_redirect.rules.hop import Follow, Refusal


class Create(NamedTuple):
    """Have botocore create and sign the request of a hop."""

    params: Any


class Send(NamedTuple):
    """Have botocore send a request through this endpoint, and parse the answer."""

    request: Any
    #: The client's endpoint, or a copy of it with an http session for the hop.
    endpoint: Any


Step = Union[Create, Send]

#: Yields steps, takes the result of each or the error that it raised, and returns a result.
Steps = Generator[Step, Any, Any]


class Sessions(Protocol):
    """The http sessions of hops: `transport.sessions` or `aio.sessions`."""

    def refuse_to_show_certificate(
        self, endpoint: Any, decision: Follow, context: Any, *, stranger: bool
    ) -> Refusal | None:
        """Return a refusal if the hop would show the client's certificate to a stranger."""

    def endpoint_for(self, endpoint: Any, url: str, context: Any, *, stranger: bool) -> Any:
        """Return the endpoint for a hop: the client's, or a copy with a session for the hop."""

    def make_room(self, http_session: Any) -> None:
        """Let a session keep connections to another host."""
