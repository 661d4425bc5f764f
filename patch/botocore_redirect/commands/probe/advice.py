"""The policy to set, found by asking the rules again with another policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urljoin

from botocore_redirect.commands.probe.records import Outcome
from botocore_redirect.environment import VARIABLES
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.hop import Answer, Follow, Refusal
from botocore_redirect.rules.hosts import trust
from botocore_redirect.rules.location import redact
from botocore_redirect.rules.target_host import host_of

_UNAUTHORIZED, _FORBIDDEN = 401, 403


class Case(NamedTuple):
    """A call that was redirected: the first answer, and how the call ended."""

    operation: str
    answer: Answer
    #: None if redirects were not to be followed.
    outcome: Outcome | None


class Advice(NamedTuple):
    """The policy under which all calls go on, and what no policy helps against."""

    policy: RedirectPolicy
    problems: tuple[str, ...]

    def environment(self, in_force: RedirectPolicy) -> dict[str, str]:
        """Return the variables to set where the policy in force is that of the environment."""
        return {
            variable.name: variable.write(getattr(self.policy, field))
            for field, variable in VARIABLES.items()
            if getattr(self.policy, field) != getattr(in_force, field)
        }


def advise(cases: Iterable[Case], policy: RedirectPolicy) -> Advice:
    """Return the policy that these calls need: `policy` itself if it is enough."""
    needed = policy
    problems: dict[str, list[str]] = {}
    for case in cases:
        needed, problem = _adjust(case, policy, needed)
        if problem:
            problems.setdefault(problem, []).append(case.operation)
    return Advice(needed, tuple(f"{', '.join(calls)}: {text}" for text, calls in problems.items()))


def _adjust(
    case: Case, in_force: RedirectPolicy, needed: RedirectPolicy
) -> tuple[RedirectPolicy, str | None]:
    """Return the policy that one call needs, too, or the reason why none helps."""
    tried = needed
    while True:
        better, decision = tried, decide(case.answer, tried)
        if case.answer.status not in tried.statuses:
            better = replace(tried, statuses=tried.statuses | {case.answer.status})
        elif isinstance(decision, Refusal):
            better = _allowing(tried, decision.reason, decision.location)
            if better == tried:
                return needed, decision.why
        elif isinstance(decision, Follow) and _is_rejected(case.outcome, decision):
            better = _trusting(tried, host_of(decision.url))
        if better == tried:
            break
        tried = better
    if case.outcome is None or decision != decide(case.answer, in_force):
        return tried, None  # how the call ends by that decision is not known yet
    target = redact(urljoin(decision.url, "/")) if isinstance(decision, Follow) else "the target"
    return _adjust_to_the_end(case.outcome, in_force, tried, target)


def _adjust_to_the_end(
    outcome: Outcome, in_force: RedirectPolicy, needed: RedirectPolicy, target: str
) -> tuple[RedirectPolicy, str | None]:
    """Return the policy for what came after the first redirect."""
    if outcome.is_refusal:
        if _allowing(in_force, outcome.reason, outcome.location) == in_force:
            return needed, outcome.message
        return _allowing(needed, outcome.reason, outcome.location), None
    if outcome.status is None:
        return needed, f"{target} could not be asked ({outcome.code}). Can this machine reach it?"
    # A key that does not exist is no failure of the redirect.
    if outcome.hops and outcome.code not in (None, "NoSuchKey"):
        return needed, f"followed, it ended with {outcome.status} {outcome.code}: {outcome.message}"
    return needed, None


def _allowing(policy: RedirectPolicy, reason: str | None, location: str | None) -> RedirectPolicy:
    """Return the policy that does not refuse for this reason; the same one if there is none."""
    if reason in ("untrusted", "private"):
        host = host_of(location or "")
        return policy if trust.is_metadata(host) else _trusting(policy, host)
    if reason == "downgrade":
        return replace(policy, allow_downgrade=True)
    if reason == "other-operation":
        return replace(policy, rewrites=True)
    if reason == "limit":
        return replace(policy, max_hops=max(policy.max_hops, RedirectPolicy.max_hops))
    return policy


def _trusting(policy: RedirectPolicy, host: str) -> RedirectPolicy:
    if not isinstance(policy.trust, tuple) or host in policy.trust:
        return policy
    return replace(policy, trust=(*policy.trust, host))


def _is_rejected(outcome: Outcome | None, decision: Follow) -> bool:
    """Return whether the target did not take the request because it had no signature."""
    if outcome is None or decision.sent != "anonymous":
        return False
    return outcome.status in (_UNAUTHORIZED, _FORBIDDEN)
