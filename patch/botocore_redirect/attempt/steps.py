"""The steps that an attempt asks its driver to do.

`hooks.attempt_driver` performs them for a synchronous endpoint. An asynchronous driver would await
them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, Union


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
