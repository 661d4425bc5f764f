"""The head of a redirect, kept on the request that it answers as soon as it has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from botocore_redirect.rules.hosts.aws import is_aws_s3

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

Fields = tuple[tuple[str, str], ...]

_HEAD = "botocore_redirect_head"


class Head(NamedTuple):
    """The head of a redirect, and what was read of its body."""

    status: int
    #: The header fields in their order; a name may occur several times.
    fields: Fields
    #: It came instead of `100 Continue`: nothing of the request's body was sent.
    early: bool
    #: The part of the answer's body that was read.
    body: bytes
    #: Whether that is all of the body.
    complete: bool


def head_of(request: Any) -> Head | None:
    """Return the redirect that a request was answered with, as its connection noticed it."""
    return cast("Head | None", getattr(request, _HEAD, None))


def set_head(request: Any, head: Head) -> None:
    """Keep the redirect that a request was answered with."""
    setattr(request, _HEAD, head)


def needs_body(fields: Fields) -> bool:
    """Return whether the body of a redirect is needed, to say where to go: there is no Location."""
    return all(name.lower() != "location" for name, _ in fields)


def is_followed(request: Any, status: int, policy: RedirectPolicy) -> bool:
    """Return whether a redirect may be followed, or is left to botocore in any case."""
    return status in policy.statuses and not is_aws_s3(urlsplit(request.url).hostname or "")
