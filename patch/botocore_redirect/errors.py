"""The errors that a refused redirect ends a call with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore_redirect.rules.hop import Hop


class RedirectError(ClientError):  # type: ignore[misc]  # botocore is untyped
    """A redirect answered the call and was refused.

    It is a `ClientError`, so code that handles those keeps working. `response` holds the status
    and headers of the answer; its error code is the name of the class.

    `reason` is a short, stable word for programs (`"limit"`, `"untrusted"`, ...). `chain` has the
    hops before the error. `location` is where the answer pointed, without its query.
    """

    def __init__(
        self,
        error_response: Mapping[str, Any],
        operation_name: str,
        *,
        reason: str = "",
        location: str | None = None,
        chain: tuple[Hop, ...] = (),
    ) -> None:
        super().__init__(error_response, operation_name)
        self.reason = reason
        self.location = location
        self.chain = chain

    def __reduce__(self) -> tuple[Any, ...]:
        state = {"reason": self.reason, "location": self.location, "chain": self.chain}
        return type(self), (self.response, self.operation_name), state


class TooManyRedirects(RedirectError):
    """The store still redirects after `RedirectPolicy.max_hops` hops."""


class RedirectLoop(TooManyRedirects):
    """The store redirects in a circle: the chain reached its limit and holds a URL twice."""


class RedirectRefused(RedirectError):
    """The policy does not allow this request to be sent to that target."""


class InvalidLocation(RedirectError):
    """The redirect does not say where to go, or leads to another operation.

    `reason` is `"missing"`, `"malformed"`, `"other-operation"`, or `"region"` if the call would
    have to be signed for another region of AWS.
    """


class S3fsRedirectError(Exception):
    """A refused redirect, as s3fs raises it instead of the OSErrors that it hides.

    `code` is the name of the `RedirectError`, which is the `__cause__` in the process that made the
    call.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class UnsupportedBotocore(RuntimeError):
    """The installed botocore is not built as the patch expects; nothing was patched."""
