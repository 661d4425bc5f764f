"""What a call ends in when a redirect is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore_redirect.rules.hop import Hop


class RedirectError(ClientError):  # type: ignore[misc]  # botocore is untyped
    """A redirect answered the call and was not followed.

    It is a `ClientError`, so code that handles those keeps working. `response` holds the status
    and headers of the answer, with the name of the kind as its error code.

    `reason` is a short stable word for programs (`"limit"`, `"untrusted"`, ...), `chain` the hops
    that were taken before, `location` where the answer pointed, without its query.
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
    """The chain reached `RedirectPolicy.max_hops` and the store still redirects."""


class RedirectLoop(TooManyRedirects):
    """The chain reached its limit by visiting the same URL again."""


class RedirectRefused(RedirectError):
    """The policy does not let this request travel to that target."""


class InvalidLocation(RedirectError):
    """The answer is a redirect that says nowhere to go, or where the call would be another one.

    `reason` is `"missing"`, `"malformed"`, `"other-operation"`, or `"region"` where the call would
    have to be signed for another region of AWS.
    """


class UnsupportedBotocore(RuntimeError):
    """The patch does not know how to hook this botocore; nothing was patched."""
