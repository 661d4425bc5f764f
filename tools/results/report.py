"""The report of a matrix run: report.json, report.html and a table for the terminal."""

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
    plural,
    quadrant_results,
    quadrant_state,
    read_report,
    rerun_command,
)

WIDTH = 100
_MAX_NAME, _MAX_FAILED_CELLS, _MAX_TESTS = 40, 10, 3
_COLOURS = {PASSED: "\x1b[32m", FAILED: "\x1b[1;31m", NOT_RUN: "\x1b[2m"}
_WORDS = {PASSED: "ok", FAILED: "FAILED", NOT_RUN: "-"}


def write(folder: Path, cells: Iterable[Cell], sources: Mapping[str, str] | None = None) -> Report:
    """Write report.json and report.html into `folder`, from the records in its cells/.

    `sources` gives, by the name of a cell, the digest of the sources that its record must have.
    """
    report = read_report(folder, cells, sources)
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False)
    for name, text in {"report.json": f"{data}\n", "report.html": page.render(report)}.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    return report


def summarize(report: Report) -> str:
    """Summarize in one line how many cells ran, passed, failed, and did not run."""
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


def supports_colour(stream: TextIO) -> bool:
    """Whether a table for this stream may have colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def render_table(report: Report, *, colour: bool = False) -> str:
    """Render the final table for the terminal, at most 100 columns wide."""
    cells = report["cells"]
    width = min(_MAX_NAME, max((len(record["cell"]) for record in cells), default=0))
    clients = [("patched" if patched else "unpatched") for patched, _ in QUADRANTS]
    stores = [("redirect" if redirects else "noredirect") for _, redirects in QUADRANTS]
    lines = [
        " ".join([" " * width, *(f"{client:10}" for client in clients)]).rstrip(),
        " ".join([f"{'cell':{width}}", *(f"{store:10}" for store in stores), "seconds"]),
        *(_render_row(record, width, colour=colour) for record in cells),
        "",
    ]
    lines += [
        _shorten(f"! {record['cell']}: unknown upstream: {', '.join(record['alarm'])}")
        for record in cells
        if record["alarm"]
    ]
    failed = [record for record in cells if record["outcome"] == FAILED]
    for record in failed[:_MAX_FAILED_CELLS]:
        lines += _list_failures(record)
    if len(failed) > _MAX_FAILED_CELLS:
        more = plural(len(failed) - _MAX_FAILED_CELLS, "more failed cell")
        lines.append(f"... and {more}: see report.html")
    return "\n".join([*lines, *textwrap.wrap(summarize(report), WIDTH)])


def _select_test(test: str) -> str:
    """Return the option of pytest that selects a test."""
    # A parameter with characters that -k does not read is left out.
    known = re.match(r"[\w.\[\]+:/-]+$", test)
    word = test if known else test.partition("[")[0]
    return f'-k "{word}"' if word else ""


def _render_row(record: Record, width: int, *, colour: bool) -> str:
    name = record["cell"]
    name = name if len(name) <= width else f"{name[: width - 3]}..."
    states = [quadrant_state(record, quadrant) for quadrant in QUADRANTS]
    run = record["run"]
    if run is None:
        word = record["outcome"]
        reason = _shorten(f"{word}: {record['reason']}" if record["reason"] else word, 60 - 2)
        return f"{name:{width}} {_colour(reason, word, colour=colour)}"
    shown = [_colour(f"{_WORDS[word]:10}", word, colour=colour) for word in states]
    marks = ("cached" if record["cached"] else "") + ("!" if record["alarm"] else "")
    return " ".join([f"{name:{width}}", *shown, f"{run['seconds']:7.1f}", marks]).rstrip()


def _colour(text: str, word: str, *, colour: bool) -> str:
    return f"{_COLOURS[word]}{text}\x1b[0m" if colour else text


def _list_failures(record: Record) -> Iterator[str]:
    """List what failed in a cell, and the command that runs it again."""
    yield f"FAILED {_shorten(record['cell'])}"
    if record["reason"]:
        yield _shorten(record["reason"], indent=2)
    first = ""
    for result in (
        result for quadrant in QUADRANTS for result in quadrant_results(record, quadrant)
    ):
        failures = result["failures"]
        if result["outcome"] == PASSED:
            continue
        tests = plural(len(failures), "test")
        yield f"  {page.describe_result(result)}: {result['outcome']}, {tests}"
        for failure in failures[:_MAX_TESTS]:
            first = first or failure["test"]
            yield _shorten(f"{failure['test']}: {failure['message']}", indent=4)
        if len(failures) > _MAX_TESTS:
            yield f"    ... and {len(failures) - _MAX_TESTS} more"
    again = rerun_command(record, _select_test(first))
    yield f"  again: {again if len(again) < WIDTH - 10 else rerun_command(record)}"
    yield ""


def _shorten(text: str, width: int = WIDTH, *, indent: int = 0) -> str:
    text = " ".join(text.split())
    width -= indent
    return " " * indent + (text if len(text) <= width else f"{text[: width - 3]}...")
