"""Describe a redirect by the rules that the patch follows redirects by."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from botocore_redirect.commands.probe.records import LocationForm, RedirectFacts, Trusted
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.hop import Answer, Decision, Follow, Refusal
from botocore_redirect.rules.location import redact
from botocore_redirect.rules.target_host import describe_host, gateway_of, host_of

_ABSOLUTE = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")


def describe_redirect(answer: Answer, decision: Decision, policy: RedirectPolicy) -> RedirectFacts:
    """Describe a redirect and the decision of the policy on it."""
    target = None
    if isinstance(decision, Follow):
        target = _origin(decision.url)
    elif isinstance(decision, Refusal) and decision.location and decision.reason != "malformed":
        target = _origin(decision.location)
    facts = RedirectFacts(
        location=_form(answer.locations),
        endpoint_in_body=None if answer.endpoint is None else redact(answer.endpoint),
        target=target,
        trusted=None if target is None else _trusted(answer, target, policy),
        goes_on=decision.sent if isinstance(decision, Follow) else "botocore",
    )
    if answer.status not in policy.statuses:
        return replace(facts, goes_on="ignored")
    if isinstance(decision, Refusal):
        return replace(facts, goes_on="refused", reason=decision.reason, why=decision.why)
    return facts


def _form(locations: tuple[str, ...]) -> LocationForm:
    if len(locations) != 1:
        return "several" if locations else "none"
    return "absolute" if _ABSOLUTE.match(locations[0]) else "relative"


def _trusted(answer: Answer, target: str, policy: RedirectPolicy) -> Trusted:
    gateway = gateway_of(answer.call)
    if host_of(gateway) == host_of(target):
        return "same host"
    if describe_host(answer.call, gateway, target, RedirectPolicy()).trusted:
        return "by default"
    return "by the policy" if describe_host(answer.call, gateway, target, policy).trusted else "no"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
