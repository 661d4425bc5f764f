"""What a reader gets of a matrix run: report.json, report.html and a table."""

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
)

WIDTH = 100
_NAME, _LISTED, _TESTS = 40, 10, 3
_COLOURS = {PASSED: "\x1b[32m", FAILED: "\x1b[1;31m", NOT_RUN: "\x1b[2m"}
_WORDS = {PASSED: "ok", FAILED: "FAILED", NOT_RUN: "-"}


def write(folder: Path, cells: Iterable[Cell], sources: Mapping[str, str] | None = None) -> Report:
    """Write report.json and report.html into `folder`, from the records in its cells/.

    `sources` gives, by the name of a cell, what its record must have been made from.
    """
    report = read(folder, cells, sources)
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False)
    for name, text in {"report.json": f"{data}\n", "report.html": page.render(report)}.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    return report


def headline(report: Report) -> str:
    """Say in one line which cells were run, how they came out, and what was left."""
    run = [record for record in report["cells"] if record["outcome"] != NOT_RUN]
    green = sum(record["outcome"] == PASSED for record in run)
    cached = sum(record["cached"] for record in run)
    costs = [record["run"] for record in run if record["run"]]
    seconds = sum(cost["seconds"] for cost in costs)
    cpu = sum(cost["cpu_seconds"] for cost in costs)
    summary = report["summary"]
    if not run:
        return f"No cell was run; the table has {summary['cells']}"
    line = f"{plural(len(run), 'cell')} run: {green} green, {len(run) - green} failed"
    line += f", {cached} from the cache" if cached else ""
    line += f"; {seconds:.1f} s, {cpu:.1f} CPU s in all"
    if summary["not_run"]:
        line += f". Not run: {summary['not_run']} of the {summary['cells']} cells of the table"
    return line


def coloured(stream: TextIO) -> bool:
    """Say whether a table for this stream may have colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def table(report: Report, *, colour: bool = False) -> str:
    """Give the final table for the terminal, at most 100 columns wide."""
    cells = report["cells"]
    width = min(_NAME, max((len(record["cell"]) for record in cells), default=0))
    clients = [("patched" if patched else "unpatched") for patched, _ in QUADRANTS]
    stores = [("redirect" if redirects else "noredirect") for _, redirects in QUADRANTS]
    lines = [
        " ".join([" " * width, *(f"{client:10}" for client in clients)]).rstrip(),
        " ".join([f"{'cell':{width}}", *(f"{store:10}" for store in stores), "seconds"]),
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
        yield f"  {page.describe_form(form)}: {form['outcome']}, {plural(len(failures), 'test')}"
        for failure in failures[:_TESTS]:
            first = first or failure["test"]
            yield _cut(f"{failure['test']}: {failure['message']}", indent=4)
        if len(failures) > _TESTS:
            yield f"    ... and {len(failures) - _TESTS} more"
    again = rerun(record, first)
    yield f"  again: {again if len(again) < WIDTH - 10 else rerun(record)}"
    yield ""


def _cut(text: str, width: int = WIDTH, *, indent: int = 0) -> str:
    text = " ".join(text.split())
    width -= indent
    return " " * indent + (text if len(text) <= width else f"{text[: width - 3]}...")
