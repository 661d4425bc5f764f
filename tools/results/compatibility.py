"""The documents made of what was run: proof.json, sweep.json, docs/compatibility.md, the badge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from tools.releases.status import Classes
from tools.results import sweep_results
from tools.results.compatibility_page import render_badge, render_page
from tools.results.outcomes import Cell
from tools.results.proof import (
    COMMAND,
    MATRIX,
    PROOF,
    REPORT,
    Proof,
    StaleError,
    has_cell,
    join_names,
    load_proof,
    make_proof,
    render_proof,
)
from tools.results.sweep_results import SWEEP, Sweep, SweepResult

CENSUS = Path("requirements/census.json")
PAGE = Path("docs/compatibility.md")
BADGE = Path("docs/matrix-badge.svg")


def render_documents(proof: Proof, sweep: Sweep, classes: Classes) -> dict[Path, str]:
    """Return the texts of the documents, by their paths."""
    return {
        PROOF: render_proof(proof),
        SWEEP: sweep_results.render(sweep),
        PAGE: render_page(proof, sweep, classes),
        BADGE: render_badge(proof),
    }


def update_documents(root: Path) -> list[Path]:
    """Write the documents of the last run, if it was a full one, and give those that changed."""
    path = root / REPORT
    if not path.is_file():
        raise StaleError(f"There is no {REPORT}: `{MATRIX}` runs all cells and writes it.")
    proof = make_proof(json.loads(path.read_text("utf-8")))
    return _write(root, proof, sweep_results.load(root / SWEEP)["runs"])


def publish_sweep(root: Path, found: Iterable[SweepResult]) -> list[Path]:
    """Add results of the sweep to the published ones, and give the documents that changed."""
    classes = load_classes(root / CENSUS)
    published = sweep_results.load(root / SWEEP)["runs"]
    return _write(root, load_proof(root), sweep_results.merge(published, found, classes.by_release))


def check_documents(root: Path, cells: Iterable[Cell]) -> None:
    """Raise when a document is stale: against the table, the census, and a full run if any.

    Results of the sweep stay valid as documents when the contract changes after them.
    """
    proof = load_proof(root)
    if missing := [cell.name for cell in cells if not has_cell(proof, cell)]:
        raise StaleError(
            f"{PROOF} is stale, as it lacks {join_names(missing)}: run `{MATRIX}`, then"
            f" `{COMMAND}`."
        )
    report = _read_text(root / REPORT)
    if report is not None:
        # A run of some cells says nothing about the documents.
        with suppress(StaleError):
            proof = make_proof(json.loads(report))
    sweep = sweep_results.load(root / SWEEP)
    wanted = render_documents(proof, sweep, load_classes(root / CENSUS))
    stale = [str(name) for name in _find_changed(root, wanted)]
    if stale:
        verb = "is" if len(stale) == 1 else "are"
        raise StaleError(f"{' and '.join(stale)} {verb} stale: run `{COMMAND}` and commit that.")


def load_classes(path: Path) -> Classes:
    """Read the classes of the releases."""
    text = _read_text(path)
    if text is None:
        raise StaleError(f"There is no {CENSUS}: `nox -s census` writes it.")
    return Classes.of(json.loads(text))


def _write(root: Path, proof: Proof, runs: list[SweepResult]) -> list[Path]:
    sweep: Sweep = {"sources": sweep_results.digest_sources(root), "runs": runs}
    wanted = render_documents(proof, sweep, load_classes(root / CENSUS))
    changed = _find_changed(root, wanted)
    for name in changed:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(wanted[name].encode())
    return changed


def _find_changed(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    return [name for name, text in wanted.items() if _read_text(root / name) != text]


def _read_text(path: Path) -> str | None:
    return path.read_bytes().decode() if path.is_file() else None
