"""The words of the rules: an answer, the chain before it, and what can become of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Union

from botocore_redirect.rules.operation import Call

#: How a request goes to its target: signed anew, with the signature of the URL, or with nothing.
Sent = Literal["signed", "presigned", "anonymous"]
Kind = Literal["TooManyRedirects", "RedirectLoop", "RedirectRefused", "InvalidLocation"]


@dataclass(frozen=True)
class Hop:
    """One redirect that was followed. Its URLs are without user, query and fragment."""

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
    """The hops of one attempt, and the URLs in full that they visited."""

    visited: tuple[str, ...]
    hops: tuple[Hop, ...] = ()
    #: Once a hop left the trusted hosts, no later one of the chain is signed.
    anonymous: bool = False

    def then(self, hop: Hop, step: Follow) -> Chain:
        """Return the chain with one more hop taken."""
        return Chain(
            visited=(*self.visited, step.url),
            hops=(*self.hops, hop),
            anonymous=self.anonymous or not step.trusted,
        )


class Answer(NamedTuple):
    """What is known of an answer with a redirect status, and of the request it answers."""

    status: int
    call: Call
    chain: Chain
    #: The URL that was answered as it was sent: with a signature of the client's in its query.
    sent_url: str
    #: The Location fields, as `http.client` hands them over.
    locations: tuple[str, ...] = ()
    #: What the body says in `<Endpoint>`, as S3 does: a host, or a URL.
    endpoint: str | None = None
    #: The AWS region that the head of the answer names, and the one that its body does.
    region: str | None = None
    region_in_body: str | None = None
    #: Whether botocore, left alone, finds the region of the bucket and asks the endpoint again.
    botocore_can_find_region: bool = False
    has_body: bool = False
    #: The secret that the request does not work without, in words.
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
    """End the call: `kind` names the error, `reason` is a word for programs, `why` for people."""

    kind: Kind
    reason: str
    why: str
    location: str | None = None


class Discover(NamedTuple):
    """Leave it to botocore to find the region of the bucket, and to ask the endpoint again."""

    #: How the call ends where botocore finds no region.
    otherwise: Refusal


#: None leaves the answer to botocore.
Decision = Union[Follow, Refusal, Discover, None]
