"""What a reader gets of a matrix run: report.json, report.md, report.html and a table."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from tools.results import page
from tools.results.outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    QUADRANTS,
    Cell,
    Record,
    Report,
    forms,
    plural,
    read,
    state,
    title,
    version_of,
)

WIDTH = 100
_NAME, _LISTED, _TESTS = 40, 10, 3
_COLOURS = {PASSED: "\x1b[32m", FAILED: "\x1b[1;31m", NOT_RUN: "\x1b[2m"}
_WORDS = {PASSED: "ok", FAILED: "FAILED", NOT_RUN: "-"}
_MARKDOWN = {PASSED: "✓", FAILED: "**✗**", NOT_RUN: "-"}


def write(folder: Path, cells: Iterable[Cell], sources: Mapping[str, str] | None = None) -> Report:
    """Write report.json, report.md and report.html into `folder`, of the records in its cells/.

    `sources` gives, by the name of a cell, what its record must have been made from.
    """
    report = read(folder, cells, sources)
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False)
    for name, text in {
        "report.json": f"{data}\n",
        "report.md": markdown(report),
        "report.html": page.render(report),
    }.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    return report


def headline(report: Report) -> str:
    """Say in one line how many cells came out how, and what they cost."""
    summary = report["summary"]
    line = (
        f"{summary['passed']} of {plural(summary['cells'], 'cell')} green, {summary['failed']} "
        f"failed, {summary['not_run']} not run; {summary['cached']} from the cache"
    )
    if summary["asked"]:
        line += f"; {summary['asked']} asked for besides"
    return f"{line}; {summary['seconds']} s, {summary['cpu_seconds']} CPU s in all"


def coloured(stream: TextIO) -> bool:
    """Say whether a table for this stream may have colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def table(report: Report, *, colour: bool = False) -> str:
    """Give the final table for the terminal, at most 100 columns wide."""
    cells = report["cells"]
    width = min(_NAME, max((len(record["cell"]) for record in cells), default=0))
    words = [("patched" if patched else "unpatched") for patched, _ in QUADRANTS]
    ways = [("redirect" if redirects else "noredirect") for _, redirects in QUADRANTS]
    lines = [
        " ".join([" " * width, *(f"{word:10}" for word in words)]).rstrip(),
        " ".join([f"{'cell':{width}}", *(f"{way:10}" for way in ways), "seconds"]),
        *(_row(record, width, colour=colour) for record in cells),
        "",
    ]
    lines += [
        _cut(f"! {record['cell']}: unknown upstream: {', '.join(record['alarm'])}")
        for record in cells
        if record["alarm"]
    ]
    red = [record for record in cells if record["outcome"] == FAILED]
    for record in red[:_LISTED]:
        lines += _failures(record)
    if len(red) > _LISTED:
        lines.append(f"... and {plural(len(red) - _LISTED, 'more failed cell')}: see report.html")
    return "\n".join([*lines, *textwrap.wrap(headline(report), WIDTH)])


def markdown(report: Report) -> str:
    """Give the report as a Markdown table, with the failures listed below."""
    heads = [*("cell", "Python", "botocore", "boto3", "urllib3", "moto"), *map(title, QUADRANTS)]
    heads += ["seconds", "CPU s", ""]
    lines = ["# The matrix", "", f"{headline(report)}.", ""]
    lines += [_line(heads), _line(["---"] * len(heads))]
    lines += [_line(_markdown_row(record)) for record in report["cells"]]
    failures = [line for record in report["cells"] for line in _markdown_failures(record)]
    if failures:
        lines += ["", "## Failures", "", *failures]
    return "\n".join(lines) + "\n"


def rerun(record: Record, test: str = "") -> str:
    """Give the command that runs the one cell again, or one test of it."""
    # Of what pytest reads in -k; a parameter with anything else in it is left out.
    known = re.match(r"[\w.\[\]+:/-]+$", test)
    word = test if known else test.partition("[")[0]
    chosen = f' -- -k "{word}"' if word else ""
    return f'nox -s "matrix({record["cell"]})"{chosen}'


def _row(record: Record, width: int, *, colour: bool) -> str:
    name = record["cell"]
    name = name if len(name) <= width else f"{name[: width - 3]}..."
    states = [state(record, quadrant) for quadrant in QUADRANTS]
    run = record["run"]
    if run is None:
        word = record["outcome"]
        reason = _cut(f"{word}: {record['reason']}" if record["reason"] else word, 60 - 2)
        return f"{name:{width}} {_paint(reason, word, colour=colour)}"
    shown = [_paint(f"{_WORDS[word]:10}", word, colour=colour) for word in states]
    marks = ("cached" if record["cached"] else "") + ("!" if record["alarm"] else "")
    return " ".join([f"{name:{width}}", *shown, f"{run['seconds']:7.1f}", marks]).rstrip()


def _paint(text: str, word: str, *, colour: bool) -> str:
    return f"{_COLOURS[word]}{text}\x1b[0m" if colour else text


def _failures(record: Record) -> Iterator[str]:
    """Say what failed in a cell, and how to see it again."""
    yield f"FAILED {_cut(record['cell'])}"
    if record["reason"]:
        yield _cut(record["reason"], indent=2)
    first = ""
    for form in (form for quadrant in QUADRANTS for form in forms(record, quadrant)):
        failures = form["failures"]
        if form["outcome"] == PASSED:
            continue
        where = f"{title((form['patched'], form['redirects']))}, {form['store']}"
        yield f"  {where}: {form['outcome']}, {plural(len(failures), 'test')}"
        for failure in failures[:_TESTS]:
            first = first or failure["test"]
            yield _cut(f"{failure['test']}: {failure['message']}", indent=4)
        if len(failures) > _TESTS:
            yield f"    ... and {len(failures) - _TESTS} more"
    again = rerun(record, first)
    yield f"  again: {again if len(again) < WIDTH - 10 else rerun(record)}"
    yield ""


def _markdown_row(record: Record) -> Iterator[str]:
    yield record["cell"]
    yield record["python"]
    yield from (version_of(record, name) for name in ("botocore", "boto3", "urllib3", "moto"))
    yield from (_MARKDOWN[state(record, quadrant)] for quadrant in QUADRANTS)
    run = record["run"]
    yield f"{run['seconds']:.1f}" if run else ""
    yield f"{run['cpu_seconds']:.1f}" if run else ""
    notes = ["cached"] if record["cached"] else []
    if record["outcome"] != PASSED and record["reason"]:
        notes.append(_escaped(f"{record['outcome']}: {record['reason']}"))
    if record["alarm"]:
        notes.append(f"unknown upstream: {_escaped(', '.join(record['alarm']))}")
    yield "; ".join(notes)


def _markdown_failures(record: Record) -> Iterator[str]:
    for quadrant in QUADRANTS:
        for form in forms(record, quadrant):
            where = f"{record['cell']}, {title(quadrant)}, {form['store']}"
            failures = form["failures"]
            for failure in failures[:_TESTS]:
                what = f"{failure['test']}: {_cut(failure['message'], 300)}"
                yield f"- {where}: {_escaped(what)}"
            if len(failures) > _TESTS:
                yield f"- {where}: and {plural(len(failures) - _TESTS, 'more failure')}"
            if form["outcome"] != PASSED and not failures:
                yield f"- {where}: {form['outcome']}"


def _line(values: Iterable[str]) -> str:
    return f"| {' | '.join(values)} |".replace("|  |", "| |")


def _escaped(text: str) -> str:
    """Take from a text what Markdown and HTML would read as theirs."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|~>])", r"\\\1", text)


def _cut(text: str, width: int = WIDTH, *, indent: int = 0) -> str:
    text = " ".join(text.split())
    width -= indent
    return " " * indent + (text if len(text) <= width else f"{text[: width - 3]}...")
