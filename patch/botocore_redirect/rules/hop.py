"""Pure: one answer and what went before it, in; follow, refuse or leave alone, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Union
from urllib.parse import SplitResult, urlsplit

from botocore_redirect.rules import trust
from botocore_redirect.rules.location import LocationError, is_presigned, redact, resolve

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

#: How a request goes to its target: signed anew, with the signature of the URL, or with nothing.
Sent = Literal["signed", "presigned", "anonymous"]
Kind = Literal["TooManyRedirects", "RedirectLoop", "RedirectRefused", "InvalidLocation"]

_READING = ("GET", "HEAD")
_SEE_OTHER = 303


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


@dataclass(frozen=True)
class Chain:
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


@dataclass(frozen=True)
class Answer:
    """What is known of an answer with a redirect status, and of the request it answers."""

    status: int
    method: str
    location: str | None
    #: The configured endpoint, which all trust is measured from.
    endpoint: str
    chain: Chain
    names_region: bool = False
    has_body: bool = False
    #: The secret that the request does not work without, in words.
    needed_secret: str | None = None

    @property
    def url(self) -> str:
        """The URL of the request that got this answer."""
        return self.chain.visited[-1]


@dataclass(frozen=True)
class Follow:
    """Send the same method and body to `url`."""

    url: str
    sent: Sent
    trusted: bool


@dataclass(frozen=True)
class Refusal:
    """End the call: `kind` names the error, `reason` is a word for programs, `why` for people."""

    kind: Kind
    reason: str
    why: str
    location: str | None = None


Decision = Union[Follow, Refusal, None]


def decide(answer: Answer, policy: RedirectPolicy) -> Decision:
    """Return what to do with a redirect; None leaves it to botocore."""
    gateway = gateway_of(answer.endpoint, answer.chain.visited[0])
    if (
        answer.status not in policy.statuses
        or answer.names_region
        or trust.is_aws_s3(_host(gateway))
    ):
        return None
    if answer.location is None:
        return Refusal(
            "InvalidLocation",
            "missing",
            f"{redact(answer.url)} answered {answer.status} without a Location header,"
            " so there is nowhere to go. The store has to say where, or its endpoint is wrong.",
        )
    try:
        target = resolve(answer.location, answer.url)
    except LocationError as problem:
        return Refusal(
            "InvalidLocation",
            "malformed",
            f"{redact(answer.url)} answered {answer.status}, but {problem}:"
            f" '{redact(answer.location)}'. The store has to send an http(s) URL.",
            redact(answer.location),
        )
    return _limit(answer, target, policy) or _allowed(answer, gateway, target, policy)


def gateway_of(endpoint: str, first_url: str) -> str:
    """Return the origin that a client is configured with, without the label of a bucket."""
    configured, requested = _host(endpoint), _host(first_url)
    if requested == configured or requested.endswith(f".{configured}"):
        return endpoint
    return first_url  # an endpoint that was resolved for this call: an access point, say


def _limit(answer: Answer, target: str, policy: RedirectPolicy) -> Refusal | None:
    taken = len(answer.chain.hops)
    if taken < policy.max_hops:
        return None
    visited = (*answer.chain.visited, target)
    repeated = next((url for url in visited if visited.count(url) > 1), None)
    if repeated is None:
        return Refusal(
            "TooManyRedirects",
            "limit",
            f"{redact(answer.url)} redirects to {redact(target)} after {taken} hops, and"
            f" max_hops is {policy.max_hops}. Raise RedirectPolicy(max_hops=...) if the store"
            " needs more.",
            redact(target),
        )
    first = visited.index(repeated)
    cycle = visited[first : visited.index(repeated, first + 1) + 1]
    return Refusal(
        "RedirectLoop",
        "loop",
        f"the store redirects in a circle: {' -> '.join(map(redact, cycle))}"
        f" (stopped after {taken} hops). It is the store's configuration that needs a look.",
        redact(target),
    )


def _allowed(answer: Answer, gateway: str, target: str, policy: RedirectPolicy) -> Decision:
    source, goal = urlsplit(answer.url), urlsplit(target)
    reading = answer.method in _READING
    step = f"{answer.method} {redact(answer.url)} was redirected to {redact(target)}"

    def refused(reason: str, why: str) -> Refusal:
        return Refusal("RedirectRefused", reason, f"{step}, {why}", redact(target))

    if answer.status == _SEE_OTHER and not reading:
        return refused(
            "see-other",
            f"with 303, which would turn the {answer.method} into a GET. Nothing was sent.",
        )
    if source.scheme == "https" and goal.scheme == "http" and not policy.allow_downgrade:
        return refused(
            "downgrade",
            "from https to http, where everybody on the way can read it."
            " RedirectPolicy(allow_downgrade=True) allows it.",
        )
    trusted = _trusted(answer, gateway, goal, policy)
    allow = f"RedirectPolicy(trust={goal.hostname!r}) allows it."
    if not trusted and _leads_inside(gateway, goal):
        return refused(
            "private",
            f"an address inside a private network or a cloud's metadata, which the gateway"
            f" {redact(gateway)} must not send anybody to. {allow}",
        )
    if is_presigned(goal.query):
        if answer.needed_secret and not reading:
            return refused(
                "secret",
                f"a presigned URL, which must not be given {answer.needed_secret}. This request"
                " carries one, and without it would not do what it was made for.",
            )
        return Follow(target, "presigned", trusted)
    if trusted and not answer.chain.anonymous:
        return Follow(target, "signed", trusted)
    if not reading or answer.has_body or answer.needed_secret:
        what = answer.needed_secret or ("a body" if answer.has_body else f"a {answer.method}")
        lost = " after it had left the trusted hosts" if trusted else ""
        return refused(
            "untrusted",
            f"a host that is not trusted by the gateway {redact(gateway)}{lost};"
            f" {what} is not sent to strangers. {allow}",
        )
    return Follow(target, "anonymous", trusted)


def _leads_inside(gateway: str, goal: SplitResult) -> bool:
    host = goal.hostname or ""
    return trust.is_metadata(host) or (
        trust.is_private(host) and not trust.is_private(_host(gateway))
    )


def _trusted(answer: Answer, gateway: str, goal: SplitResult, policy: RedirectPolicy) -> bool:
    """Compare names with and without the bucket that virtual-host addressing puts in front."""
    target = f"{goal.scheme}://{goal.netloc}"
    if policy.trusts(gateway, target):
        return True
    configured = _host(gateway)
    bucket = _host(answer.chain.visited[0])[: -len(configured)]
    host = goal.netloc
    if not bucket or not host.startswith(bucket):
        return False
    bare = host[len(bucket) :]
    # `evil.com` without the bucket `evil` is `com`, which would pass for a machine's short name.
    if "." not in bare and _host(f"//{bare}") != configured:
        return False
    return policy.trusts(gateway, f"{goal.scheme}://{bare}")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
