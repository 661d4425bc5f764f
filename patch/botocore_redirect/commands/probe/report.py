"""The report as a text, and for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict

from botocore_redirect.commands.probe.records import Observation, Outcome, Report

_WIDTH = 98
_HEADER = ("call", "answer", "Location", "to", "goes on", "Expect", "connection", "result")
_EXPECT = {None: "-", "early": "early", "late": "100 first", "ignored": "ignored"}
_GOES_ON = {"anonymous": "unsigned", "botocore": "by botocore"}


def as_json(report: Report) -> str:
    """Write the report for programs."""
    return json.dumps(asdict(report), indent=1)


def as_text(report: Report) -> str:
    """Write the report for people."""
    targets = _targets(report)
    server = f" (Server: {report.server})" if report.server else ""
    return "\n".join(
        [
            f"{report.endpoint}{server}, asked with botocore {report.botocore}",
            "",
            *_table([_HEADER, *(_row(each, targets) for each in report.observations)]),
            *([""] if targets else []),
            *(f"[{number}] {target}: {trusted}" for target, (number, trusted) in targets.items()),
            *_conclusions(report),
        ]
    )


def _targets(report: Report) -> dict[str, tuple[int, str]]:
    """Give each target a number, and say whether it is trusted."""
    says = {
        "same host": "the gateway's own host",
        "by default": "trusted by default",
        "by the policy": "trusted by the policy in force",
        "no": "not trusted",
        None: "",
    }
    found: dict[str, tuple[int, str]] = {}
    for each in report.observations:
        redirect = each.redirect
        if redirect is not None and redirect.target and redirect.target not in found:
            found[redirect.target] = (len(found) + 1, says[redirect.trusted])
    return found


def _row(each: Observation, targets: dict[str, tuple[int, str]]) -> tuple[str, ...]:
    location, target, goes_on = "-", "-", "-"
    redirect = each.redirect
    if redirect is not None:
        location = redirect.location
        if location == "none" and redirect.endpoint_in_body:
            location = "Endpoint"
        if redirect.target:
            target = f"[{targets[redirect.target][0]}]"
        goes_on = _GOES_ON.get(redirect.goes_on, redirect.goes_on)
    return (
        each.operation,
        str(each.status),
        location,
        target,
        goes_on,
        _EXPECT[each.expect],
        each.connection,
        _result(each.outcome),
    )


def _result(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    if outcome.is_refusal:
        return f"{outcome.reason}"
    code = outcome.code
    if code is None:
        return str(outcome.status)
    if outcome.status is None:
        return code
    return str(outcome.status) if code == str(outcome.status) else f"{outcome.status} {code}"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    ]


def _conclusions(report: Report) -> Iterator[str]:
    if report.dialects:
        yield from _paragraph(f"Redirects like: {'; '.join(report.dialects)}.")
    for note in report.notes:
        yield from _paragraph(note)
    for problem in report.problems:
        yield from _paragraph(f"No setting helps {problem}")
    if report.set_policy:
        yield from _setting(report)
    elif report.works:
        in_force = report.policy_in_force
        defaults = "" if in_force == "RedirectPolicy()" else f" The policy in force: {in_force}."
        yield from _paragraph(f"With the patch, there is nothing to set.{defaults}")
    for each in report.left_behind:
        yield from _paragraph(f"THIS MAY BE LEFT IN THE STORE, remove it by hand: {each}")


def _setting(report: Report) -> Iterator[str]:
    of_trust = (
        " if the hosts in it are yours, as they get signed requests. A cluster may have more hosts"
        " than were seen: patterns such as *.store.com and networks such as 10.0.0.0/8 cover them"
    )
    trusts = "BOTOCORE_REDIRECT_TRUST" in report.set_environment
    again = "Then run the probe again: it sees what comes after."
    yield from _paragraph(f"Set this{of_trust if trusts else ''}. {again}")
    yield ""
    for name, value in report.set_environment.items():
        yield f"  export {name}='{value}'"
    yield f"  botocore_redirect.install(botocore_redirect.{report.set_policy})"


def _paragraph(text: str) -> list[str]:
    return ["", *textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]
