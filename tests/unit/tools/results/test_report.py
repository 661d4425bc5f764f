"""What a reader gets of a matrix run: no outcome that was not measured, on one page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from tools.results import outcomes, page, report

if TYPE_CHECKING:
    from pathlib import Path

NASTY = 'test_results[</pre><b>&amp;"|`*]'
MESSAGE = "AssertionError: <script>alert(1)</script> & \"b\" | 'c'"
QUADRANTS = {
    (False, False): "test_noredirect_unpatched.py",
    (False, True): "test_redirects_unpatched.py",
    (True, False): "test_noredirect_patched.py",
    (True, True): "test_redirects_patched.py",
}


@dataclass(frozen=True)
class Cell:
    botocore: str
    python: str = "3.11"
    boto3: str = ""
    urllib3: str = ""
    aiobotocore: str = ""
    backend: str = ""
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        urllib3 = f"-urllib3-{self.urllib3}" if self.urllib3 else ""
        return f"botocore-{self.botocore}{urllib3}-py{self.python}"


OLD, NEW = Cell("1.9.0"), Cell("1.10.0")


def quadrant(*, patched: bool, redirects: bool, store: str, outcome: str = "passed") -> Any:
    failed = outcome != "passed"
    return {
        "file": QUADRANTS[patched, redirects],
        "patched": patched,
        "redirects": redirects,
        "store": store,
        "outcome": outcome,
        "tests": {"test_results[put]": "passed", NASTY: "failed" if failed else "passed"},
        "failures": [{"test": NASTY, "message": MESSAGE, "details": "</pre>x\n" * 2_000}] * failed,
        "seconds": 1.25,
    }


def record(cell: Cell, red: str = "", **changes: Any) -> Any:
    """Make the record of a cell whose quadrants are green, but for the one named like `red`."""
    versions = {"botocore": cell.botocore, "boto3": "1.0", "urllib3": cell.urllib3 or "2.8.0"}
    quadrants = [
        quadrant(
            patched=patched,
            redirects=redirects,
            store=store,
            outcome="failed" if red and red in f"{file} {store}" else "passed",
        )
        for (patched, redirects), file in QUADRANTS.items()
        for store in ("sockets", "in-process")
    ]
    run = {
        "python": f"{cell.python}.7",
        "implementation": "CPython",
        "platform": "linux",
        "versions": {**versions, "s3transfer": "0.1", "moto": "5.2.5", "pytest": "9.2"},
        "quadrants": quadrants,
        "seconds": 8.5,
        "cpu_seconds": 7.25,
    }
    outcome = "failed" if red else "passed"
    known = {"cell": cell.name, "python": cell.python, "outcome": outcome, "run": run}
    return {**known, **changes}


def merge(*records: Any, cells: Any = (OLD, NEW)) -> Any:
    return outcomes.merge_records(records, cells)


def test_a_cell_of_the_table_without_a_record_was_not_run() -> None:
    merged = merge(record(NEW))
    assert [(r["cell"], r["outcome"]) for r in merged["cells"]] == [
        (OLD.name, "not run"),
        (NEW.name, "passed"),
    ]
    assert merged["cells"][0]["reason"] == "there is no record of it"
    counts = [merged["summary"][key] for key in ("cells", "passed", "failed", "not_run")]
    assert counts == [2, 1, 0, 1]


def test_cells_are_in_the_order_of_their_versions_not_of_their_letters() -> None:
    pythons = [Cell("1.9.0", python) for python in ("3.14t", "3.14", "3.10", "3.9")]
    cells = [NEW, OLD, *pythons, Cell("1.9.0", urllib3="1.26.9")]
    merged = merge(*map(record, cells), cells=cells)
    assert [r["cell"] for r in merged["cells"]] == [
        "botocore-1.9.0-py3.9",
        "botocore-1.9.0-py3.10",
        "botocore-1.9.0-urllib3-1.26.9-py3.11",
        "botocore-1.9.0-py3.11",
        "botocore-1.9.0-py3.14",
        "botocore-1.9.0-py3.14t",
        "botocore-1.10.0-py3.11",
    ]


def test_a_record_of_a_cell_that_left_the_table_is_left_out() -> None:
    assert [r["cell"] for r in merge(record(Cell("1.8.0")), record(NEW), cells=[NEW])["cells"]] == [
        NEW.name
    ]


def test_a_cell_that_was_asked_for_is_shown_but_not_counted() -> None:
    asked = Cell("1.44.6")
    merged = merge(record(NEW), record(asked, "redirects_patched", asked=True), cells=[NEW])
    assert [r["cell"] for r in merged["cells"]] == [NEW.name, asked.name]
    assert (merged["summary"]["cells"], merged["summary"]["failed"]) == (1, 0)
    assert merged["summary"]["asked"] == 1
    assert merged["cells"][1]["botocore"] == "1.44.6"


def test_a_quadrant_is_red_when_one_of_its_forms_is() -> None:
    (cell,) = merge(record(NEW, "test_redirects_patched.py in-process"), cells=[NEW])["cells"]
    states = [outcomes.quadrant_state(cell, quadrant) for quadrant in outcomes.QUADRANTS]
    assert states == [*["passed"] * 3, "failed"]


def test_a_quadrant_of_which_a_form_is_missing_is_not_green() -> None:
    halved = record(NEW)
    halved["run"]["quadrants"] = [q for q in halved["run"]["quadrants"] if q["store"] == "sockets"]
    (cell,) = merge(halved, cells=[NEW])["cells"]
    assert cell["outcome"] == "not run"
    assert cell["reason"] == "only 0 of its 4 quadrants ran on every store"


def test_a_cell_without_moto_needs_only_the_sockets_store() -> None:
    halved = record(NEW)
    halved["run"]["versions"]["moto"] = None
    halved["run"]["quadrants"] = [q for q in halved["run"]["quadrants"] if q["store"] == "sockets"]
    assert merge(halved, cells=[NEW])["cells"][0]["outcome"] == "passed"


def test_a_quadrant_in_which_no_test_passed_is_not_green() -> None:
    empty = record(NEW)
    empty["run"]["quadrants"][0]["tests"] = {"test_results[put]": "skipped"}
    assert merge(empty, cells=[NEW])["cells"][0]["outcome"] == "not run"


def test_a_record_that_claims_to_be_green_over_a_red_quadrant_is_not_believed() -> None:
    claims = record(NEW, "redirects_patched", outcome="passed")
    assert merge(claims, cells=[NEW])["cells"][0]["outcome"] == "failed"


def test_a_record_of_other_sources_is_no_part_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    for cell, sources in ((OLD, "before"), (NEW, "now")):
        text = json.dumps(record(cell, sources=sources))
        (tmp_path / "cells" / f"{cell.name}.json").write_text(text)
    now = dict.fromkeys((OLD.name, NEW.name), "now")
    old, new = outcomes.read_report(tmp_path, [OLD, NEW], now)["cells"]
    reason = "the sources or its lock have changed since it ran"
    assert (old["outcome"], old["reason"]) == ("not run", reason)
    assert new["outcome"] == "passed"


@pytest.mark.parametrize("text", ["{", "[]", '{"cell": "x"}'])
def test_a_file_that_is_no_record_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "broken.json").write_text(text)
    with pytest.raises(outcomes.RecordError, match=r"broken\.json .*delete it and run its cell"):
        report.write(tmp_path, [OLD])


def test_the_report_does_not_depend_on_the_order_of_the_records(tmp_path: Path) -> None:
    texts = []
    for order in ([OLD, NEW], [NEW, OLD]):
        folder = tmp_path / order[0].name
        (folder / "cells").mkdir(parents=True)
        for cell in order:
            red = record(cell, "redirects_patched")
            (folder / "cells" / f"{cell.name}.json").write_text(json.dumps(red))
        report.write(folder, order)
        texts.append({path.name: path.read_bytes() for path in folder.glob("report.*")})
    assert texts[0] == texts[1]
    assert sorted(texts[0]) == ["report.html", "report.json"]


def test_the_table_fits_the_terminal_and_names_what_failed_and_how_to_see_it_again() -> None:
    long = Cell("1.34.162", urllib3="1.26.20.post12345")
    cells = merge(record(NEW, "redirects_patched"), record(long), cells=[NEW, long])
    text = report.render_table(cells)
    assert max(map(len, text.splitlines())) <= report.WIDTH
    assert f"FAILED {NEW.name}" in text
    assert "patched x redirect, sockets: failed, 1 test" in text
    assert f'again: nox -s "matrix({NEW.name})" -- -k "test_results"' in text
    assert text.endswith("2 cells run: 1 green, 1 failed; 17.0 s, 14.5 CPU s in all")
    assert "\x1b" not in text


def test_the_headline_begins_with_what_was_run() -> None:
    asked = Cell("1.44.6")
    part = merge(record(NEW, cached=True), record(asked, asked=True))
    assert report.summarize(part) == (
        "2 cells run: 2 green, 0 failed, 1 from the cache; 17.0 s, 14.5 CPU s in all."
        " Not run: 1 of the 2 cells of the table"
    )
    assert report.summarize(merge()) == "No cell was run; the table has 2"


def test_the_table_says_why_a_cell_was_not_run_and_what_came_from_the_cache() -> None:
    absent = record(OLD, outcome="not run", reason="Python 3.11 is not here", run=None)
    cached = record(NEW, cached=True, alarm=["endpoint.Endpoint._send"])
    text = report.render_table(merge(absent, cached))
    rows = {line.split()[0]: line for line in text.splitlines() if line.startswith("botocore")}
    assert rows[OLD.name].endswith("not run: Python 3.11 is not here")
    assert rows[NEW.name].endswith("8.5 cached!")
    assert f"! {NEW.name}: unknown upstream: endpoint.Endpoint._send" in text


def test_a_colour_is_only_for_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    terminal: Any = Terminal()
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert report.supports_colour(terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not report.supports_colour(terminal)
    assert "\x1b[32mok" in report.render_table(merge(record(NEW)), colour=True)


class Reader(HTMLParser):
    """Reads a page as a browser would, as far as these tests ask."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_escapes_test_names_and_messages() -> None:
    reader = Reader(page.render(merge(record(NEW, "redirects_patched"), cells=[NEW])))
    assert not reader.all("script")
    assert NASTY in reader.text
    assert MESSAGE in reader.text


def test_the_page_loads_no_other_resource() -> None:
    reader = Reader(page.render(merge(record(NEW, "redirects_patched"))))
    names = {name for _, attributes in reader.tags for name in attributes}
    assert names.isdisjoint({"src", "href", "srcset", "data", "action"})
    assert "url(" not in reader.text
    assert "@import" not in reader.text


def test_every_square_of_the_page_opens_what_is_known_of_its_cell() -> None:
    cells = [OLD, NEW, Cell("1.10.0", urllib3="1.26.20"), Cell("1.10.0", "3.13")]
    reader = Reader(page.render(merge(*map(record, cells[:3]), cells=cells)))
    buttons = [b for b in reader.all("button") if b["class"] in {"cell", "cell cached"}]
    sections = {s["id"] for s in reader.all("section") if "popover" in s}
    assert {b["popovertarget"] for b in buttons} == sections
    assert len(sections) == len(cells)
    assert "botocore-1.10.0-py3.13: not run, there is no record of it" in [
        b["aria-label"] for b in buttons
    ]
    heads = [h["scope"] for h in reader.all("th")]
    assert heads.count("row") == 2 + 3 * 8
    assert "urllib31.26.20" in reader.text


@pytest.mark.parametrize(("red", "limit"), [("redirects_patched", 300_000), ("test", 450_000)])
def test_the_page_of_sixty_red_cells_stays_small(red: str, limit: int) -> None:
    cells = [Cell(f"1.{minor}.0") for minor in range(60)]
    text = page.render(merge(*(record(cell, red) for cell in cells), cells=cells))
    assert len(text.encode()) < limit


def test_a_cell_outside_of_the_table_is_run_again_by_its_variables() -> None:
    variables = {"BOTOCORE_VERSION": "newest", "MATRIX_PYTHON": "3.14t"}
    red = record(Cell("1.44.6"), "redirects_patched", asked=True, variables=variables)
    command = "BOTOCORE_VERSION=newest MATRIX_PYTHON=3.14t nox -s matrix"
    merged = merge(record(NEW), red, cells=[NEW])
    assert f"again: {command} -- -k " in report.render_table(merged)
    assert f"Run it again: <code>{command}</code>" in page.render(merged)


@pytest.mark.parametrize(("seconds", "words"), [(59.4, "59 s"), (60, "1 min 0 s")])
def test_times_are_told_in_minutes(seconds: float, words: str) -> None:
    assert outcomes.format_duration(seconds) == words
