"""The report as one HTML file without any other resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template

from tools.results.outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    QUADRANTS,
    QuadrantResult,
    Record,
    Report,
    plural,
    quadrant_results,
    quadrant_state,
    quadrant_title,
    rerun_command,
    version_key,
    version_of,
)

_TEMPLATE = Path(__file__).with_name("page.html")
_PACKAGES = (
    *("botocore", "boto3", "s3transfer", "urllib3", "moto", "pytest"),
    *("aiobotocore", "aiohttp", "httpx", "httpx2"),
)
_GLYPHS = {PASSED: ("p", "✓"), FAILED: ("f", "✗"), NOT_RUN: ("n", "-")}
_MAX_MESSAGE = 160
# All failures of a page share this many characters, so that the page stays small when all is red.
_MAX_ALL_FAILURES = 80_000
_MAX_RESULT = 8_000
_MAX_DETAILS = 2_000


def render(report: Report) -> str:
    """Return the page; the same report gives the same page."""
    ids = {record["cell"]: f"c{number}" for number, record in enumerate(report["cells"])}
    failed_results = [
        result
        for record in report["cells"]
        for quadrant in QUADRANTS
        for result in quadrant_results(record, quadrant)
        if result["outcome"] != PASSED
    ]
    limit = min(_MAX_RESULT, _MAX_ALL_FAILURES // max(1, len(failed_results)))
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        summary=_render_summary(report),
        grid=_render_grid(report["cells"], ids),
        problems=_render_problems(report["cells"], ids),
        details="\n".join(
            _render_details(record, ids[record["cell"]], limit) for record in report["cells"]
        ),
    )


def _render_summary(report: Report) -> str:
    summary = report["summary"]
    facts = [
        (f"{summary['passed'] + summary['failed']} of {summary['cells']}", "cells run"),
        (str(summary["passed"]), "green"),
        (str(summary["failed"]), "failed"),
        (str(summary["cached"]), "from the cache"),
        *([(str(summary["asked"]), "not of the table")] if summary["asked"] else []),
        (f"{summary['seconds']:.1f} s", "of all cells, added up"),
        (f"{summary['cpu_seconds']:.1f} s", "CPU"),
    ]
    items = "".join(f"<li><b>{escape(number)}</b> {escape(what)}</li>" for number, what in facts)
    ended = summary["ended"]
    last = f'<p class="soft">The last cell ended {_render_time(ended)}.</p>' if ended else ""
    return f'<ul class="facts">{items}</ul>{last}'


def _render_time(ended: str) -> str:
    return f'<time datetime="{escape(ended)}">{escape(ended[:16].replace("T", " "))}</time>'


def _render_square(word: str) -> str:
    kind, glyph = _GLYPHS[word]
    return f'<i class="{kind}">{glyph}</i>'


def _render_grid(cells: list[Record], ids: dict[str, str]) -> str:
    pythons = sorted({record["python"] for record in cells}, key=version_key)
    squares: dict[tuple[str, str], list[Record]] = {}
    for record in cells:
        squares.setdefault((version_of(record, "botocore"), record["python"]), []).append(record)
    releases = sorted({botocore for botocore, _ in squares}, key=version_key, reverse=True)
    heads = "".join(f'<th scope="col">{escape(python)}</th>' for python in pythons)
    rows = [
        f'<tr><th scope="row">{escape(release) or "?"}</th>'
        + "".join(
            f"<td>{_render_buttons(squares.get((release, p), []), ids)}</td>" for p in pythons
        )
        + "</tr>"
        for release in releases
    ]
    head = f'<tr><th scope="col">botocore</th>{heads}</tr>'
    return f"<thead>{head}</thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>"


def _render_buttons(cells: list[Record], ids: dict[str, str]) -> str:
    alone = len(cells) == 1
    buttons = "".join(_render_button(record, ids[record["cell"]], alone=alone) for record in cells)
    return buttons if alone or not cells else f'<div class="several">{buttons}</div>'


def _render_button(record: Record, target: str, *, alone: bool) -> str:
    """Draw a cell: four squares, and what distinguishes it from others in its place."""
    states = [quadrant_state(record, quadrant) for quadrant in QUADRANTS]
    marks = '<span class="alarm">!</span>' if record["alarm"] else ""
    if record["outcome"] == FAILED and FAILED not in states:
        marks += '<span class="bad">✗</span>'
    label = escape(f"{record['cell']}: {', '.join(_describe_outcome(record))}")
    if record["backend"]:
        which = ["aiobotocore", version_of(record, "aiobotocore"), record["backend"]]
    else:
        which = [] if alone else ["urllib3", version_of(record, "urllib3")]
    which += ["not of the table"] if record["asked"] else []
    caption = f'<span class="which">{"<br>".join(map(escape, which))}</span>' if which else ""
    return (
        f'<button class="cell{" cached" if record["cached"] else ""}" type="button"'
        f' popovertarget="{target}" aria-label="{label}" title="{label}">'
        f'<span class="four">{"".join(map(_render_square, states))}</span>{marks}{caption}</button>'
    )


def _describe_outcome(record: Record) -> Iterator[str]:
    failed = [
        quadrant_title(quadrant)
        for quadrant in QUADRANTS
        if quadrant_state(record, quadrant) == FAILED
    ]
    yield f"failed in {' and '.join(failed)}" if failed else record["outcome"]
    if record["reason"]:
        yield record["reason"]
    if record["cached"]:
        yield "from the cache"
    if record["alarm"]:
        yield "unknown source of botocore"


def _render_problems(cells: list[Record], ids: dict[str, str]) -> str:
    parts = []
    for heading, chosen in {
        "Failed": [record for record in cells if record["outcome"] == FAILED],
        "Not run": [record for record in cells if record["outcome"] == NOT_RUN],
        "Unknown source of botocore": [record for record in cells if record["alarm"]],
    }.items():
        items = "".join(
            f"<li>{_render_link(record, ids[record['cell']])}</li>" for record in chosen
        )
        if items:
            opened = " open" if heading == "Failed" else ""
            summary = f"<summary><h2>{heading}: {len(chosen)}</h2></summary>"
            parts.append(f'<details{opened}>{summary}<ul class="list">{items}</ul></details>')
    return "\n".join(parts)


def _render_link(record: Record, target: str) -> str:
    name = escape(record["cell"])
    words = escape(", ".join(_describe_outcome(record)))
    return (
        f'<button class="open" type="button" popovertarget="{target}">{name}</button>'
        f' <span class="soft">{words}</span>'
    )


def _render_details(record: Record, target: str, limit: int) -> str:
    """Render the popover of a cell: versions, times, and the outcome of each quadrant."""
    run = record["run"]
    facts = [("outcome", ", ".join(_describe_outcome(record)))]
    if run:
        versions = [
            f"{name} {run['versions'][name]}" for name in _PACKAGES if run["versions"].get(name)
        ]
        facts += [
            ("versions", ", ".join(versions)),
            ("Python", f"{run['implementation']} {run['python']}, {run['platform']}"),
            ("took", f"{run['seconds']:.1f} s, {run['cpu_seconds']:.1f} s CPU"),
        ]
    facts += [("tags", ", ".join(record["tags"]))] if record["tags"] else []
    facts += [("ended", record["ended"])] if record["ended"] else []
    facts += [("unknown upstream", ", ".join(record["alarm"]))] if record["alarm"] else []
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    found = [result for quadrant in QUADRANTS for result in quadrant_results(record, quadrant)]
    failed = [result for result in found if result["outcome"] != PASSED]
    failures = "".join(_render_failures(result, limit) for result in failed)
    again = rerun_command(record)
    return (
        f'<section id="{target}" popover aria-labelledby="{target}h">'
        f'<button class="close" type="button" popovertarget="{target}"'
        ' popovertargetaction="hide" aria-label="Close">✕</button>'
        f'<h3 id="{target}h">{escape(record["cell"])}</h3><dl>{rows}</dl>'
        f"{_render_quadrants(found) if found else ''}"
        f"{failures}"
        f"<p>Run it again: <code>{escape(again)}</code></p></section>"
    )


def _render_quadrants(found: Iterable[QuadrantResult]) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("quadrant", "tests", "s"))
    rows = "".join(
        f'<tr><th scope="row">{escape(describe_result(result))}</th>'
        f"<td>{_format_counts(result)}</td><td>{result['seconds']:.1f}</td></tr>"
        for result in found
    )
    return f'<table class="quadrants"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _format_counts(result: QuadrantResult) -> str:
    outcomes = list(result["tests"].values())
    counted = ((word, outcomes.count(word)) for word in (PASSED, FAILED, "skipped"))
    words = [f"{count} {word}" for word, count in counted if count]
    if result["outcome"] == "crashed":
        words.append("crashed")
    glyph = _GLYPHS[PASSED if result["outcome"] == PASSED else FAILED][1]
    return escape(f"{glyph} {', '.join(words)}")


def _render_failures(result: QuadrantResult, limit: int) -> str:
    """Render the failures of a result in at most `limit` characters, the first ones whole."""
    heading = f"{describe_result(result)}: {result['outcome']}"
    shown = [f"<h4>✗ {escape(heading)}</h4>"]
    left = limit
    for number, failure in enumerate(result["failures"]):
        name = _shorten(failure["test"], _MAX_MESSAGE)
        message = _shorten(failure["message"], max(_MAX_MESSAGE // 2, min(left, 3 * _MAX_MESSAGE)))
        left -= len(escape(name + message))
        if number and left < 0:
            more = len(result["failures"]) - number
            shown.append(f"<p>and {plural(more, 'more failure')}: see report.json</p>")
            break
        details = _escape_tail(failure["details"], min(left, _MAX_DETAILS))
        left -= len(details)
        long = f"<details><summary>details</summary><pre>{details}</pre></details>"
        shown.append(
            f'<div class="broken"><b>{escape(name)}</b><br>{escape(message)}'
            f"{long if details else ''}</div>"
        )
    return "".join(shown)


def describe_result(result: QuadrantResult) -> str:
    """Name the quadrant and the store of a result."""
    return f"{quadrant_title((result['patched'], result['redirects']))}, {result['store']}"


def _shorten(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _escape_tail(text: str, width: int) -> str:
    """Return the end of a long text, where the error is, escaped."""
    text = text.strip()
    kept = text[-max(0, width) :] if width > 0 else ""
    while len(escape(kept)) > width > 0:
        kept = kept[len(kept) // 8 + 1 :]
    return f"{'' if kept == text else '... '}{escape(kept)}" if kept else ""
