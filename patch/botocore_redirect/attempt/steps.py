"""What an attempt asks its driver to do, one step after the other.

The driver of a synchronous endpoint is in `endpoint`; an asynchronous one differs in awaiting the
steps.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, Union


class Create(NamedTuple):
    """Have botocore create the request of a hop, and sign it."""

    params: Any


class Send(NamedTuple):
    """Have botocore send a request, by this endpoint, and parse what is answered."""

    request: Any
    #: The client's own, or a copy of it whose http session suits the hop.
    endpoint: Any


Step = Union[Create, Send]

#: Takes the result of each step, or what it raised, and ends with a result of its own.
Steps = Generator[Step, Any, Any]
