"""The records of the rules: an answer, the chain of hops before it, and the decision on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Union

from botocore_redirect.rules.call import Call

#: How a request goes to its target: signed anew, with the signature in its URL, or unsigned.
Sent = Literal["signed", "presigned", "anonymous"]
Kind = Literal["TooManyRedirects", "RedirectLoop", "RedirectRefused", "InvalidLocation"]


@dataclass(frozen=True)
class Hop:
    """One redirect that was followed. Its URLs have no user, query or fragment."""

    status: int
    method: str
    source: str
    target: str
    sent: Sent

    def as_metadata(self) -> dict[str, object]:
        """Return the entry of `ResponseMetadata["Redirects"]`."""
        return {
            "Status": self.status,
            "Method": self.method,
            "From": self.source,
            "To": self.target,
            "Sent": self.sent,
        }


class Chain(NamedTuple):
    """The hops of one attempt, and the full URLs that were visited."""

    visited: tuple[str, ...]
    hops: tuple[Hop, ...] = ()
    #: A hop has left the trusted hosts: no later hop of the chain is signed.
    anonymous: bool = False

    def then(self, hop: Hop, step: Follow) -> Chain:
        """Return the chain with one more hop."""
        return Chain(
            visited=(*self.visited, step.url),
            hops=(*self.hops, hop),
            anonymous=self.anonymous or not step.trusted,
        )


class Answer(NamedTuple):
    """An answer with a redirect status, and the request that it answers."""

    status: int
    call: Call
    chain: Chain
    #: The URL of that request as it was sent: with the client's signature, if that is in the query.
    sent_url: str
    #: The Location header fields, decoded as latin-1.
    locations: tuple[str, ...] = ()
    #: `<Endpoint>` in the body, as S3 sends it: a host or a URL.
    endpoint: str | None = None
    #: The AWS region that a header names, and the one that the body names.
    region: str | None = None
    region_in_body: str | None = None
    #: Whether botocore, left alone, can find the region of the bucket and ask the endpoint again.
    botocore_can_find_region: bool = False
    has_body: bool = False
    #: The secret that the request does not work without, as an error names it.
    needed_secret: str | None = None

    @property
    def url(self) -> str:
        """The URL of the request that got this answer."""
        return self.chain.visited[-1]


class Follow(NamedTuple):
    """Send the same method and body to `url`."""

    url: str
    sent: Sent
    trusted: bool
    #: Whether the host of the URL holds the bucket.
    bucket_in_host: bool = False
    #: The region to sign for, where the answer names one.
    region: str | None = None


class Refusal(NamedTuple):
    """End the call with an error: its class, a word for programs, a message for people."""

    kind: Kind
    reason: str
    why: str
    location: str | None = None


class Discover(NamedTuple):
    """Let botocore find the region of the bucket and ask the endpoint again."""

    #: How the call ends if botocore finds no region.
    otherwise: Refusal


#: None leaves the answer to botocore.
Decision = Union[Follow, Refusal, Discover, None]
