"""Why a redirect is not followed: each check, and the text of each refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from botocore_redirect.rules.call import READING
from botocore_redirect.rules.hop import Answer, Kind, Refusal
from botocore_redirect.rules.hosts import trust
from botocore_redirect.rules.location import LocationError, Reference, redact
from botocore_redirect.rules.operation import Comparison, OtherOperation
from botocore_redirect.rules.target_host import TargetHost, host_of

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

_SEE_OTHER = 303


class PossibleHop(NamedTuple):
    """A hop that one reading of a Location leads to."""

    answer: Answer
    gateway: str
    target_host: TargetHost
    url: str
    presigned: bool
    #: Whether the URL means the call that was made.
    comparison: Comparison
    #: The URL means the call only if its host can be trusted to say so.
    needs_trust: bool

    @property
    def host(self) -> str:
        """The host of the target."""
        return host_of(self.url)

    @property
    def reads(self) -> bool:
        """Whether the call only reads."""
        return self.answer.call.method in READING


def find_refusal(hop: PossibleHop, policy: RedirectPolicy) -> Refusal | None:
    """Return the refusal of a hop, or None if it may be taken."""
    return (
        _refuse_beyond_limit(hop.answer, hop.url, policy.max_hops)
        or _refuse_other_operation(hop)
        or _refuse_see_other(hop)
        or _refuse_downgrade(hop, policy)
        or _refuse_private_network(hop, policy)
        or _refuse_untrusted(hop)
    )


def refuse_without_location(answer: Answer) -> Refusal:
    """Return the refusal of an answer that does not say where to go."""
    return Refusal(
        "InvalidLocation",
        "missing",
        f"{redact(answer.url)} answered {answer.status} without a Location header,"
        " so there is nowhere to go. The store has to say where, or its endpoint is wrong.",
    )


def refuse_malformed_location(answer: Answer, problem: LocationError) -> Refusal:
    """Return the refusal of a Location that no request can be sent to."""
    given = redact(answer.locations[0] if answer.locations else answer.endpoint or "")
    return Refusal(
        "InvalidLocation",
        "malformed",
        f"{redact(answer.url)} answered {answer.status}, but {problem}: '{given}'. The store has to"
        " send one http(s) URL.",
        given,
    )


def refuse_region_of_aws(answer: Answer, reference: Reference) -> Refusal:
    """Return the refusal of a redirect to another region of AWS, with botocore before 1.28."""
    given = redact(reference.origin)
    return Refusal(
        "InvalidLocation",
        "region",
        f"{redact(answer.url)} answered {answer.status} and leads to {given}, S3 of AWS in the"
        f" region {answer.region}, which this call cannot be signed for here. Make the client for"
        " that region (with botocore 1.28 or later this is not needed).",
        given,
    )


def _refuse(hop: PossibleHop, reason: str, why: str, kind: Kind = "RedirectRefused") -> Refusal:
    shown = redact(hop.url)
    method, source = hop.answer.call.method, redact(hop.answer.url)
    return Refusal(kind, reason, f"{method} {source} was redirected to {shown}, {why}", shown)


def _refuse_beyond_limit(answer: Answer, target: str, max_hops: int) -> Refusal | None:
    taken = len(answer.chain.hops)
    if taken < max_hops:
        return None
    visited = (*answer.chain.visited, target)
    repeated = next((url for url in visited if visited.count(url) > 1), None)
    if repeated is None:
        shown = [redact(url) for url in visited]
        differ = len(set(shown)) < len(shown)
        return Refusal(
            "TooManyRedirects",
            "limit",
            f"{redact(answer.url)} redirects to {redact(target)} after {_count_hops(taken)}, and"
            f" max_hops is {max_hops}."
            + (" URLs that look alike here differ in their queries." if differ else "")
            + " Raise it if the store needs more: RedirectPolicy(max_hops=...), given to install()"
            " or follow(); with `import botocore_redirect.auto`, BOTOCORE_REDIRECT_MAX_HOPS.",
            redact(target),
        )
    first = visited.index(repeated)
    cycle = visited[first : visited.index(repeated, first + 1) + 1]
    return Refusal(
        "RedirectLoop",
        "loop",
        f"the store redirects in a circle: {' -> '.join(map(redact, cycle))}"
        f" (stopped after {_count_hops(taken)})."
        " It is the store's configuration that needs a look.",
        redact(target),
    )


def _count_hops(number: int) -> str:
    return "1 hop" if number == 1 else f"{number} hops"


def _refuse_other_operation(hop: PossibleHop) -> Refusal | None:
    if not isinstance(hop.comparison, OtherOperation):
        return None
    return _refuse(
        hop,
        "other-operation",
        f"a URL that {hop.comparison.why}. Followed, it would be another operation."
        " It is the store's configuration that needs a look.",
        "InvalidLocation",
    )


def _refuse_see_other(hop: PossibleHop) -> Refusal | None:
    if hop.answer.status != _SEE_OTHER or hop.reads:
        return None
    return _refuse(
        hop,
        "see-other",
        f"with 303, which would turn the {hop.answer.call.method} into a GET."
        " Nothing was sent to it.",
    )


def _refuse_downgrade(hop: PossibleHop, policy: RedirectPolicy) -> Refusal | None:
    schemes = urlsplit(hop.answer.url).scheme, urlsplit(hop.url).scheme
    if schemes != ("https", "http") or policy.allow_downgrade:
        return None
    return _refuse(
        hop,
        "downgrade",
        "from https to http, where everybody on the way can read it."
        " RedirectPolicy(allow_downgrade=True) allows it, given to install() or follow().",
    )


def _refuse_private_network(hop: PossibleHop, policy: RedirectPolicy) -> Refusal | None:
    """Refuse to go from a public host into a private network, or to a cloud's metadata."""
    if trust.is_metadata(hop.host):
        leads_inside = hop.host != host_of(hop.gateway)
    else:
        leads_inside = trust.is_private(hop.host) and not trust.is_private(host_of(hop.answer.url))
    if not leads_inside or policy.trusts_explicitly(hop.gateway, hop.url):
        return None
    if trust.is_metadata(hop.host):
        return _refuse(hop, "private", "the address where a cloud hands out credentials.")
    return _refuse(
        hop,
        "private",
        "an address inside a private network, where a public host must not send anybody to."
        f" {_how_to_trust(hop.host)}",
    )


def _refuse_untrusted(hop: PossibleHop) -> Refusal | None:
    """Refuse what needs a trusted target, or must not be sent to a presigned one."""
    answer = hop.answer
    if hop.presigned:
        if answer.needed_secret is None or hop.reads:
            return None
        return _refuse(
            hop,
            "secret",
            f"a presigned URL, which must not be given {answer.needed_secret}. This request"
            " carries one, and without it would not do what it was made for.",
        )
    if hop.needs_trust:
        return _refuse(
            hop,
            "untrusted",
            "where something new stands before the bucket, which a host has to be trusted for, and"
            f" the redirect policy does not trust this one. {_how_to_trust(hop.host)}",
        )
    if hop.target_host.trusted and not answer.chain.anonymous:
        return None
    if hop.reads and not answer.has_body and not answer.needed_secret:
        return None
    what = answer.needed_secret or ("a body" if answer.has_body else f"a {answer.call.method}")
    lost = " after it had left the trusted hosts" if hop.target_host.trusted else ""
    return _refuse(
        hop,
        "untrusted",
        f"a host that the redirect policy does not trust{lost}; {what} is not sent there."
        f" {_how_to_trust(hop.host)}",
    )


def _how_to_trust(host: str) -> str:
    return (
        f"RedirectPolicy(trust={host!r}) allows it, given to install() or follow(); with"
        f" `import botocore_redirect.auto`, BOTOCORE_REDIRECT_TRUST={host} does."
    )
