"""What the probe finds out: one record for each call, and the report on all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from botocore_redirect.commands.probe.exchange import Connection, Expect

LocationForm = Literal["absolute", "relative", "several", "none"]
#: Why a target is trusted, or that it is not.
Trusted = Literal["same host", "by default", "by the policy", "no"]
#: How the call goes on: signed anew, with the signature in the Location, unsigned, not at all, or
#: as botocore alone would do it.
GoesOn = Literal["signed", "presigned", "anonymous", "refused", "botocore", "ignored"]


@dataclass(frozen=True)
class RedirectFacts:
    """One redirect, as the rules of the patch see it."""

    location: LocationForm
    #: The host or URL in the `<Endpoint>` of the body.
    endpoint_in_body: str | None
    #: Scheme, host and port of the target, where the answer names one.
    target: str | None
    trusted: Trusted | None
    goes_on: GoesOn
    #: The reason of a refusal, by the word that errors have.
    reason: str | None = None
    #: The refusal in words.
    why: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How the call ended, with its redirects followed."""

    #: The last status; None if there was no answer.
    status: int | None
    hops: int = 0
    #: The code of an error, such as `NoSuchKey` or `RedirectRefused`.
    code: str | None = None
    reason: str | None = None
    message: str | None = None
    #: Where the call was refused, without a query.
    location: str | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether the patch refused a redirect."""
        return self.reason is not None


@dataclass(frozen=True)
class Observation:
    """One call: the first answer to it, and how it ended."""

    operation: str
    method: str
    status: int
    expect: Expect | None
    connection: Connection
    #: None if the answer was no redirect.
    redirect: RedirectFacts | None
    #: None if redirects were not to be followed.
    outcome: Outcome | None


@dataclass(frozen=True)
class Report:
    """All that the probe found out."""

    endpoint: str
    bucket: str | None
    botocore: str
    #: The `Server` header of the gateway.
    server: str | None
    observations: tuple[Observation, ...]
    #: The stores that redirect like this one.
    dialects: tuple[str, ...]
    policy_in_force: str
    #: Whether a client with this package works with the policy in force.
    works: bool
    #: The policy to set, as Python and as variables of the environment; empty if none is needed.
    set_policy: str | None = None
    set_environment: dict[str, str] = field(default_factory=dict)
    #: What no policy helps against.
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    #: What was written and could not be removed.
    left_behind: tuple[str, ...] = ()
