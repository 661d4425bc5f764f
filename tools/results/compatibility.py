"""What a full run of the matrix proves: proof.json, docs/compatibility.md and the badge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TypedDict

from tools.releases import standings
from tools.releases.standings import Census
from tools.results.outcomes import (
    FAILED,
    NOT_RUN,
    PASSED,
    Cell,
    Record,
    Report,
    by_version,
    plural,
    version_of,
)

REPORT = Path("build/matrix/report.json")
PROOF = Path("requirements/proof.json")
CENSUS = Path("requirements/census.json")
PAGE = Path("docs/compatibility.md")
BADGE = Path("docs/matrix-badge.svg")
MATRIX = "nox -s matrix"
COMMAND = "nox -s report -- --publish"


class Combination(TypedDict):
    """The versions of one cell; no moto where none fits beside the client."""

    python: str
    botocore: str
    boto3: str
    urllib3: str
    moto: str | None


class Proof(TypedDict):
    """The cells that ran green, and those that failed."""

    cells: list[Combination]
    failed: list[Combination]


class StaleError(Exception):
    """What is there does not say what it should; the message says what to do."""


def prove(report: Report) -> Proof:
    """Give what a report proves; only one in which every cell of the table ran."""
    table = [record for record in report["cells"] if not record["asked"]]
    missing = [record["cell"] for record in table if record["outcome"] == NOT_RUN]
    # A cell that failed before its quadrants began has no versions to tell of.
    missing += [r["cell"] for r in table if r["outcome"] == FAILED and r["run"] is None]
    if missing or not table:
        raise StaleError(
            f"The run in {REPORT} proves nothing, as {plural(len(missing), 'cell')} of "
            f"{len(table)} did not run: {', '.join(missing)}. Run them with `{MATRIX}`."
        )
    return {
        "cells": [_combination(record) for record in table if record["outcome"] == PASSED],
        "failed": [_combination(record) for record in table if record["outcome"] == FAILED],
    }


def documents(proof: Proof, census: Census) -> dict[Path, str]:
    """Give the texts of all that a proof is told in, by the paths where they belong."""
    return {PROOF: _data(proof), PAGE: describe(proof, census), BADGE: badge(proof)}


def describe(proof: Proof, census: Census) -> str:
    """Give the page that says which versions were run, and which are proven by those."""
    green, red = len(proof["cells"]), len(proof["failed"])
    lines = [
        "# Which botocore",
        "",
        f"Made by `{COMMAND}` from a run of every cell of the matrix: do not edit.",
        f"{plural(green, 'cell')} ran green, {red} failed.",
        "`python -m botocore_redirect check` says the same of the environment that it runs in.",
        "",
        *standings.table(_versions(proof["cells"]), _versions(proof["failed"]), census),
        "",
        "## What was run",
        "",
        "All four quadrants were green with these versions, over sockets, and in one process with",
        "moto where a moto is named.",
        "",
        *_combinations(proof["cells"]),
    ]
    if red:
        lines += ["", "## What failed", "", *_combinations(proof["failed"])]
    return "\n".join([*lines, ""])


def badge(proof: Proof) -> str:
    """Draw the badge: the span of botocore, and how many cells are green."""
    green, red = len(proof["cells"]), len(proof["failed"])
    minors = sorted({standings.minor(row["botocore"]) for row in proof["cells"]}, key=by_version)
    left = f"botocore {minors[0]} - {minors[-1]}" if minors else "botocore"
    right = f"{green} of {green + red} cells green" if red else f"{plural(green, 'cell')} green"
    # The text is stretched to the width that is drawn for it, whatever the font.
    one, two = (round(6.3 * len(text)) for text in (left, right))
    width = one + two + 24
    label = escape(f"{left} | {right}")
    colour = "#b83c00" if red or not green else "#00735a"
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20"'
        f' role="img" aria-label="{label}">\n'
        f"<title>{label}</title>\n"
        f'<rect width="{width}" height="20" rx="3" fill="{colour}"/>\n'
        f'<path d="M3 0h{one + 9}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444c54"/>\n'
        f"<g {font}>\n"
        f'<text x="6" y="14" textLength="{one}">{escape(left)}</text>\n'
        f'<text x="{one + 18}" y="14" textLength="{two}">{escape(right)}</text>\n'
        "</g>\n</svg>\n"
    )


def update(root: Path) -> list[Path]:
    """Write the documents of the last run, if it was a full one, and give those that changed."""
    path = root / REPORT
    if not path.is_file():
        raise StaleError(f"There is no {REPORT}: `{MATRIX}` runs all cells and writes it.")
    wanted = documents(prove(json.loads(path.read_text("utf-8"))), load_census(root / CENSUS))
    changed = [name for name, text in wanted.items() if _read(root / name) != text]
    for name in changed:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(wanted[name].encode())
    return changed


def check(root: Path, cells: Iterable[Cell]) -> None:
    """Raise when a document is stale: against the table, the census, and a full run if any."""
    known = _read(root / PROOF)
    if known is None:
        raise StaleError(f"There is no {PROOF}: run `{MATRIX}`, then `{COMMAND}`.")
    told_of = json.loads(known)
    proof: Proof = {"cells": told_of["cells"], "failed": told_of.get("failed", [])}
    told = [*proof["cells"], *proof["failed"]]
    unheard = [cell.name for cell in cells if not any(_is_of(cell, row) for row in told)]
    if unheard:
        raise StaleError(
            f"{PROOF} is stale, as it does not know {', '.join(unheard)}: "
            f"run `{MATRIX}`, then `{COMMAND}`."
        )
    report = _read(root / REPORT)
    if report is not None:
        # A run of some cells says nothing of the documents, which are about all.
        with suppress(StaleError):
            proof = prove(json.loads(report))
    wanted = documents(proof, load_census(root / CENSUS))
    stale = [str(name) for name, text in wanted.items() if _read(root / name) != text]
    if stale:
        verb = "is" if len(stale) == 1 else "are"
        raise StaleError(f"{' and '.join(stale)} {verb} stale: run `{COMMAND}` and commit that.")


def load_census(path: Path) -> Census:
    """Read what the census knows of each release."""
    text = _read(path)
    if text is None:
        raise StaleError(f"There is no {CENSUS}: `nox -s census` asks the index and writes it.")
    return Census.of(json.loads(text))


def _combination(record: Record) -> Combination:
    versions = {name: version_of(record, name) for name in ("botocore", "boto3", "urllib3")}
    return {
        "python": record["python"],
        "botocore": versions["botocore"],
        "boto3": versions["boto3"],
        "urllib3": versions["urllib3"],
        "moto": version_of(record, "moto") or None,
    }


def _data(proof: Proof) -> str:
    """Write a line for each cell, so that a change is read as a diff."""
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in (("cells", proof["cells"]), ("failed", proof["failed"]))
        if rows or name == "cells"
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _is_of(cell: Cell, row: Combination) -> bool:
    pins = ((cell.botocore, row["botocore"]), (cell.boto3, row["boto3"]))
    return cell.python == row["python"] and all(
        pinned in {"", version} for pinned, version in (*pins, (cell.urllib3, row["urllib3"]))
    )


def _versions(rows: Iterable[Combination]) -> set[str]:
    return {row["botocore"] for row in rows}


def _combinations(rows: Iterable[Combination]) -> Iterator[str]:
    """Give a line for each set of packages, with the Pythons that it ran on."""
    yield "| botocore | boto3 | urllib3 | moto | Python |"
    yield "| --- | --- | --- | --- | --- |"
    pythons: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        packages = (row["botocore"], row["boto3"], row["urllib3"], row["moto"] or "")
        pythons.setdefault(packages, []).append(row["python"])
    for key in sorted(pythons, key=lambda key: [*map(by_version, key)], reverse=True):
        found = sorted(set(pythons[key]), key=by_version)
        yield f"| {' | '.join(package or 'none' for package in key)} | {', '.join(found)} |"


def _read(path: Path) -> str | None:
    return path.read_bytes().decode() if path.is_file() else None
