"""docs/stores.md says what the dialects are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from botocore_redirect.testing.dialects import DIALECTS, dialect

PAGE = (Path(__file__).parents[4] / "docs/stores.md").read_text("utf-8")
ROWS = re.findall(
    r"^\| \[(.+?)\]\((#.+?)\) \| (.+?) \| (?:`(.+?)`)? ?\| (.+?) \|$", PAGE, re.MULTILINE
)
TITLES = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)


def test_the_table_has_a_row_for_each_dialect_and_says_what_the_dialect_says() -> None:
    rows = {name: (store, text, known) for store, _, text, name, known in ROWS if name}
    assert rows == {
        each.name: (each.store, each.redirects, each.evidence) for each in DIALECTS.values()
    }


def test_each_row_leads_to_a_recipe_and_each_recipe_has_a_row() -> None:
    anchors = [f"#{title.lower().replace(' ', '-')}" for title in TITLES]
    assert sorted({anchor for _, anchor, *_ in ROWS}) == sorted(anchors)


@pytest.mark.parametrize("evidence", ["RUN", "SOURCE", "DOCUMENTATION", "REPORTED", "PROPOSED"])
def test_the_page_says_what_each_kind_of_evidence_means(evidence: str) -> None:
    assert re.search(rf"\*{getattr(dialect, evidence)}\*[ :]", PAGE)


@pytest.mark.parametrize("name", [name for name in DIALECTS if DIALECTS[name].policy])
def test_the_policy_of_a_dialect_is_in_its_recipe(name: str) -> None:
    (anchor,) = (anchor for _, anchor, _, row, _ in ROWS if row == name)
    title = next(each for each in TITLES if f"#{each.lower().replace(' ', '-')}" == anchor)
    recipe = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    (policy,) = (f"{key}={value}" for key, value in DIALECTS[name].policy.items())
    assert f"RedirectPolicy({policy})" in recipe
