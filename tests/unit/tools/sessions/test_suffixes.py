"""`nox -s suffixes` makes the bundled list from what a package carries, and never an older one."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
sys.path.append(str(ROOT))

from tools.sessions import suffixes  # noqa: E402 - found through the line above

PUBLISHED = """\
// This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.
// VERSION: 2026-10-22_08-36-41_UTC
// COMMIT: 8437e5262f13305f94087abe699b4fe2be1d1de8
// ===BEGIN ICANN DOMAINS===
// ck : https://example.org
*.ck
!www.ck
com

co.uk  // a rule ends at the first white space
公司.cn
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
Blogspot.com
// ===END PRIVATE DOMAINS===
"""
NEWER = PUBLISHED.replace("2026-10-22", "2026-11-02").replace("co.uk", "org.uk")


def test_the_rules_of_several_labels_are_sorted_by_kind_and_domain_in_punycode() -> None:
    head, *groups = suffixes.convert(PUBLISHED).split("\n\n")
    assert groups == ["!www.ck", "*.ck", "xn--55qx5d.cn\nblogspot.com\nco.uk\n"]
    assert "subject to the terms of the Mozilla Public" in head
    assert head.endswith(
        "# VERSION: 2026-10-22_08-36-41_UTC\n# COMMIT: 8437e5262f13305f94087abe699b4fe2be1d1de8"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (PUBLISHED[:-20], "is cut off"),
        (PUBLISHED.replace("VERSION", "DATE"), "no line 'VERSION: ...'"),
        (PUBLISHED.replace("COMMIT", "HASH"), "no line 'COMMIT: ...'"),
        (PUBLISHED.replace("co.uk", "a.*.uk"), "the rule 'a.*.uk'"),
        (PUBLISHED.replace("co.uk", "co..uk"), "the rule 'co..uk'"),
        (PUBLISHED.replace("co.uk", "faß.uk"), "the rule 'faß.uk'"),
    ],
)
def test_a_list_that_would_be_misread_is_refused(text: str, hint: str) -> None:
    with pytest.raises(suffixes.SuffixListError, match=re.escape(hint)):
        suffixes.convert(text)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the installed package; what is made of it is written beside it."""
    carried = tmp_path / "package"
    carried.mkdir()
    (carried / "public_suffix_list.dat").write_text(PUBLISHED, "utf-8")
    (carried / "test_psl.txt").write_text("checkPublicSuffix(null, null);\n", "utf-8")

    class Carried:
        def __init__(self, path: Path) -> None:
            self.name, self.locate = path.name, lambda: path

    listed = [Carried(path) for path in sorted(carried.iterdir())]
    monkeypatch.setattr(metadata, "files", lambda _name: listed)
    monkeypatch.setattr(metadata, "version", lambda _name: "1.2.3")
    monkeypatch.setattr(suffixes, "RULES", tmp_path / "data" / "rules.txt")
    monkeypatch.setattr(suffixes, "CASES", tmp_path / "cases.txt")
    return carried


def test_the_check_fails_until_the_list_and_its_cases_are_written(
    package: Path, capsys: Any
) -> None:
    for text in (PUBLISHED, NEWER):
        (package / "public_suffix_list.dat").write_text(text, "utf-8")
        before = suffixes.RULES.exists() and suffixes.RULES.read_text("ascii")
        assert suffixes.main(["--check"]) == 1
        assert "run `nox -s suffixes`" in capsys.readouterr().err
        assert (suffixes.RULES.exists() and suffixes.RULES.read_text("ascii")) == before
        assert suffixes.main([]) == 0
        assert suffixes.RULES.read_text("ascii") == suffixes.convert(text)
        assert suffixes.CASES.read_text("utf-8") == (package / "test_psl.txt").read_text("utf-8")
        assert suffixes.main(["--check"]) == 0


def test_a_new_version_with_the_same_rules_is_up_to_date(package: Path) -> None:
    suffixes.main([])
    same = PUBLISHED.replace("2026-10-22", "2026-11-02")
    (package / "public_suffix_list.dat").write_text(same, "utf-8")
    assert suffixes.main(["--check"]) == 0


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_an_older_list_does_not_replace_a_newer_one(
    package: Path, arguments: list[str], capsys: Any
) -> None:
    (package / "public_suffix_list.dat").write_text(NEWER, "utf-8")
    suffixes.main([])
    before = suffixes.RULES.read_bytes()
    (package / "public_suffix_list.dat").write_text(PUBLISHED, "utf-8")
    assert suffixes.main(arguments) == 1
    assert "publicsuffixlist 1.2.3 carries a list that is older" in capsys.readouterr().err
    assert suffixes.RULES.read_bytes() == before


def test_a_package_without_the_list_is_named(package: Path, capsys: Any) -> None:
    for file in metadata.files("publicsuffixlist") or ():
        file.name = f"other-{file.name}"  # type: ignore[misc]  # it is one of ours
    assert package.exists()
    assert suffixes.main([]) == 1
    assert "1.2.3 has no file public_suffix_list.dat" in capsys.readouterr().err


def test_without_the_package_the_session_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(suffixes, "PACKAGE", "no-such-package-anywhere")
    assert suffixes.main(["--check"]) == 1
    assert "is not installed here; `nox -s suffixes` installs it." in capsys.readouterr().err
