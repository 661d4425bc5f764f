"""What the observations mean, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from botocore_redirect.commands.probe.records import Observation

_EXPECT = {
    "early": "The gateway redirects before it reads a body: each body is sent once.",
    "late": "The gateway says `100 Continue` before it redirects: each body is sent twice.",
    "ignored": (
        "The gateway ignores `Expect: 100-continue`: each body is sent twice, the first time after"
        " a second."
    ),
}


def notes(
    observations: Sequence[Observation], bucket: str | None, *, writes: bool
) -> Iterator[str]:
    """Say what the observations mean."""
    redirected = [each for each in observations if each.redirect is not None]
    if not redirected:
        yield "Nothing was redirected: stock boto3 works with what was asked here, too."
    else:
        calls = ", ".join(dict.fromkeys(each.operation for each in redirected))
        yield f"Without the patch, boto3 does not follow: {calls}."
    goes_on = {each.redirect.goes_on for each in redirected if each.redirect is not None}
    if "ignored" in goes_on:
        yield "The policy in force leaves some statuses to botocore, which does not follow them."
    if "botocore" in goes_on:
        yield "Some redirects are left to botocore: it finds the region of a bucket itself."
    expects = {each.expect for each in redirected}
    yield from (text for expect, text in _EXPECT.items() if expect in expects)
    if any(each.connection == "stuck" for each in observations):
        yield (
            "The gateway keeps a connection whose next request it takes for a part of the body. The"
            " patch closes such connections after a redirect; stock botocore keeps them."
        )
    if "anonymous" in goes_on:
        yield "Some hosts are not trusted: they get reads without a signature, and no writes."
    yield from _errors_of_the_store(observations)
    if bucket is None:
        yield "Only the list of buckets was asked for: name a bucket with --bucket."
    elif not writes:
        yield "Only reads were asked for: --write asks for writes, too."


def _errors_of_the_store(observations: Sequence[Observation]) -> Iterator[str]:
    for each in observations:
        outcome = each.outcome
        if each.redirect is None and outcome is not None and _is_unexpected(outcome.code):
            yield f"{each.operation}, not redirected: {outcome.status} {outcome.code}."


def _is_unexpected(code: str | None) -> bool:
    return code not in (None, "NoSuchKey")
