"""Pure: one answer and what went before it, in; follow, refuse or leave alone, out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore_redirect.rules.canonical import without_echo
from botocore_redirect.rules.chain import find_excess
from botocore_redirect.rules.endpoint_element import point_at
from botocore_redirect.rules.hop import Answer, Decision, Discover, Follow, Kind, Refusal
from botocore_redirect.rules.hosts import trust
from botocore_redirect.rules.location import LocationError, Reference, redact, resolve
from botocore_redirect.rules.operation import Other, Same, Target, compare, same_address
from botocore_redirect.rules.presigned import is_presigned
from botocore_redirect.rules.target import Goal, gateway_of, host_of, recognize

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

_READING = ("GET", "HEAD")
_SEE_OTHER = 303
_REGION = re.compile(r"[A-Za-z0-9._-]{1,63}")


def decide(answer: Answer, policy: RedirectPolicy) -> Decision:
    """Return what to do with a redirect; None leaves it to botocore."""
    if answer.status not in policy.statuses:
        return None
    gateway = gateway_of(answer.call)
    if trust.is_aws_s3(host_of(gateway)):
        return _decide_at_aws(answer, gateway, policy)
    if not answer.locations:  # else the body is not read, but for what has arrived by chance
        answer = replace(answer, region=answer.region or answer.region_in_body)
    try:
        references = _read(answer, gateway, policy)
    except LocationError as problem:
        return _malformed(answer, problem)
    if not references:
        return _find_region(answer)
    if answer.region and trust.is_aws_s3(host_of(references[0].origin)):
        # A proxy in front of AWS, or a client of the wrong region: botocore stays at the endpoint.
        return None if answer.stock_redirects else _leads_to_aws(answer, references[0])
    return _decide(answer, gateway, references, policy)


def _decide_at_aws(answer: Answer, gateway: str, policy: RedirectPolicy) -> Decision:
    """Leave to botocore what names a region, or leads away from S3 of the same partition."""
    if answer.region or answer.region_in_body or len(answer.locations) != 1:
        return None
    try:
        references = _read(answer, gateway, policy)
    except LocationError:
        return None
    host = host_of(references[0].origin)
    if trust.aws_partition(host) != trust.aws_partition(host_of(gateway)):
        return None
    return _decide(answer, gateway, references, policy)


def _find_region(answer: Answer) -> Decision:
    """Have botocore go to the region of the bucket: the answer names it, or HEAD may tell it."""
    if not answer.stock_redirects:
        return _missing(answer)
    if answer.region:
        return None
    # To ask by HEAD what HEAD was just asked would never end.
    return _missing(answer) if answer.call.is_head_bucket else Discover(_missing(answer))


def _read(answer: Answer, gateway: str, policy: RedirectPolicy) -> list[Reference]:
    """Return what the answer can mean, nothing where it says nowhere to go."""
    call = answer.call
    if len(answer.locations) > 1:
        raise LocationError("it has more than one Location header")
    location = answer.locations[0] if answer.locations else None
    if location is None and answer.endpoint:
        location = point_at(answer.endpoint, call, gateway, policy)
    if location is None:
        return []
    ends = (f"{call.label}/{call.key}", call.key) if call.key else ()
    hops = answer.chain.hops
    # A presigned target was sent the store's signature, and none of the client's.
    sent = "" if hops and hops[-1].sent == "presigned" else urlsplit(answer.sent_url).query
    return [
        replace(each, query=without_echo(each.query, sent))
        for each in resolve(location, answer.sent_url, ends)
    ]


@dataclass(frozen=True)
class _Candidate:
    """One reading of a Location."""

    url: str
    presigned: bool
    verdict: Same | Other
    #: Only the word of a trusted host can be taken for it that this is the same operation.
    needs_trust: bool = False


def _decide(
    answer: Answer, gateway: str, references: list[Reference], policy: RedirectPolicy
) -> Decision:
    goal = recognize(answer.call, gateway, references[0].origin, policy)
    candidates = [_judge(answer, gateway, goal, reference, policy) for reference in references]
    same = [each for each in candidates if isinstance(each.verdict, Same)]
    chosen = (same or candidates)[0]
    step = _Step(answer, gateway, goal, chosen)
    return (
        find_excess(answer, chosen.url, policy.max_hops)
        or _find_fault(step, policy)
        or _choose_form(step)
    )


def _judge(
    answer: Answer, gateway: str, goal: Goal, reference: Reference, policy: RedirectPolicy
) -> _Candidate:
    presigned = is_presigned(reference.query)
    target = Target(
        elsewhere=not any(
            same_address(reference.origin, asked) for asked in (answer.call.url, gateway)
        ),
        in_host=goal.in_host,
        other_in_host=goal.other_in_host,
        presigned=presigned,
        rewrites=policy.rewrites,
    )
    verdict = compare(answer.call, reference.path, reference.query, target)
    believed = presigned or goal.trusted or isinstance(verdict, Other)
    if not believed:
        target = replace(target, new_prefix=False)
        believed = isinstance(compare(answer.call, reference.path, reference.query, target), Same)
    if presigned:
        url = reference.url
    elif isinstance(verdict, Same) and verdict.path is not None:
        url = reference.with_path(verdict.path)
    else:
        url = reference.url_as_signed
    return _Candidate(url, presigned, verdict, needs_trust=not believed)


@dataclass(frozen=True)
class _Step:
    """A hop that could be taken."""

    answer: Answer
    gateway: str
    goal: Goal
    candidate: _Candidate

    @property
    def host(self) -> str:
        return host_of(self.candidate.url)

    @property
    def reads(self) -> bool:
        return self.answer.call.method in _READING

    def refuse(self, reason: str, why: str, kind: Kind = "RedirectRefused") -> Refusal:
        shown = redact(self.candidate.url)
        method, source = self.answer.call.method, redact(self.answer.url)
        return Refusal(kind, reason, f"{method} {source} was redirected to {shown}, {why}", shown)


def _find_fault(step: _Step, policy: RedirectPolicy) -> Refusal | None:
    """Return why a step is not taken, whatever it would be sent."""
    if isinstance(step.candidate.verdict, Other):
        return step.refuse(
            "other-operation",
            f"a URL that {step.candidate.verdict.why}. Followed, it would be another operation."
            " It is the store's configuration that needs a look.",
            "InvalidLocation",
        )
    source, there = urlsplit(step.answer.url), urlsplit(step.candidate.url)
    if step.answer.status == _SEE_OTHER and not step.reads:
        return step.refuse(
            "see-other",
            f"with 303, which would turn the {step.answer.call.method} into a GET. Nothing was"
            " sent.",
        )
    if source.scheme == "https" and there.scheme == "http" and not policy.allow_downgrade:
        return step.refuse(
            "downgrade",
            "from https to http, where everybody on the way can read it."
            " RedirectPolicy(allow_downgrade=True) allows it, given to install() or follow().",
        )
    if _leads_inside(step) and not policy.names(step.gateway, step.candidate.url):
        if trust.is_metadata(step.host):
            return step.refuse("private", "the address where a cloud hands out credentials.")
        return step.refuse(
            "private",
            "an address inside a private network, where a public host must not send anybody to."
            f" {_how_to_trust(step.host)}",
        )
    return None


def _choose_form(step: _Step) -> Follow | Refusal:
    """Return how the request goes to its target, if it can."""
    answer, goal, url = step.answer, step.goal, step.candidate.url
    if step.candidate.presigned:
        if answer.needed_secret and not step.reads:
            return step.refuse(
                "secret",
                f"a presigned URL, which must not be given {answer.needed_secret}. This request"
                " carries one, and without it would not do what it was made for.",
            )
        return Follow(url, "presigned", goal.trusted, goal.in_host)
    if step.candidate.needs_trust:
        return step.refuse(
            "untrusted",
            "where something new stands before the bucket, which a host has to be trusted for, and"
            f" the redirect policy does not trust this one. {_how_to_trust(step.host)}",
        )
    if goal.trusted and not answer.chain.anonymous:
        region = answer.region if answer.region and _REGION.fullmatch(answer.region) else None
        return Follow(url, "signed", goal.trusted, goal.in_host, region)
    if not step.reads or answer.has_body or answer.needed_secret:
        a_call = "a body" if answer.has_body else f"a {answer.call.method}"
        what = answer.needed_secret or a_call
        lost = " after it had left the trusted hosts" if goal.trusted else ""
        return step.refuse(
            "untrusted",
            f"a host that the redirect policy does not trust{lost}; {what} is not sent to"
            f" strangers. {_how_to_trust(step.host)}",
        )
    return Follow(url, "anonymous", goal.trusted, goal.in_host)


def _leads_inside(step: _Step) -> bool:
    """Return whether a step goes from a public host into a network, or to a cloud's metadata."""
    if trust.is_metadata(step.host):
        return step.host != host_of(step.gateway)
    return trust.is_private(step.host) and not trust.is_private(host_of(step.answer.url))


def _how_to_trust(host: str) -> str:
    return (
        f"RedirectPolicy(trust={host!r}) allows it, given to install() or follow(); with"
        f" `import botocore_redirect.auto`, BOTOCORE_REDIRECT_TRUST={host} does."
    )


def _missing(answer: Answer) -> Refusal:
    return Refusal(
        "InvalidLocation",
        "missing",
        f"{redact(answer.url)} answered {answer.status} without a Location header,"
        " so there is nowhere to go. The store has to say where, or its endpoint is wrong.",
    )


def _malformed(answer: Answer, problem: LocationError) -> Refusal:
    given = redact(answer.locations[0] if answer.locations else answer.endpoint or "")
    return Refusal(
        "InvalidLocation",
        "malformed",
        f"{redact(answer.url)} answered {answer.status}, but {problem}: '{given}'. The store has to"
        " send one http(s) URL.",
        given,
    )


def _leads_to_aws(answer: Answer, reference: Reference) -> Refusal:
    given = redact(reference.origin)
    return Refusal(
        "InvalidLocation",
        "region",
        f"{redact(answer.url)} answered {answer.status} and leads to {given}, S3 of AWS in the"
        f" region {answer.region}, which this call cannot be signed for here. Make the client for"
        " that region (with botocore 1.28 or later this is not needed).",
        given,
    )
