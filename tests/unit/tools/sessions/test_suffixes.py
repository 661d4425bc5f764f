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
RULES = {"*.ck", "!www.ck", "co.uk", "xn--55qx5d.cn", "blogspot.com"}
NEWER = PUBLISHED.replace("2026-10-22", "2026-11-02").replace("co.uk", "org.uk")


def test_the_rules_of_several_labels_are_taken_in_punycode() -> None:
    read = suffixes.parse(PUBLISHED)
    assert read.version == "2026-10-22_08-36-41_UTC"
    assert read.commit == "8437e5262f13305f94087abe699b4fe2be1d1de8"
    assert read.rules == RULES


def test_what_is_written_is_sorted_by_kind_and_by_domain_and_can_be_read_back() -> None:
    read = suffixes.parse(PUBLISHED)
    written = suffixes.render(read)
    head, *groups = written.split("\n\n")
    assert groups == ["!www.ck", "*.ck", "xn--55qx5d.cn\nblogspot.com\nco.uk\n"]
    assert "subject to the terms of the Mozilla Public" in head
    assert suffixes.read_rendered(written) == read


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (PUBLISHED[:-20], "is cut off"),
        (PUBLISHED.replace("VERSION", "DATE"), "no line '// VERSION: ...'"),
        (PUBLISHED.replace("COMMIT", "HASH"), "no line '// COMMIT: ...'"),
        (PUBLISHED.replace("co.uk", "a.*.uk"), "'a.*.uk' is a rule that"),
        (PUBLISHED.replace("co.uk", "co..uk"), "'co..uk' is a rule that"),
        (PUBLISHED.replace("co.uk", "faß.uk"), "'faß.uk' is a rule that"),
    ],
)
def test_a_list_that_would_be_misread_is_refused(text: str, hint: str) -> None:
    with pytest.raises(suffixes.SuffixListError, match=re.escape(hint)):
        suffixes.parse(text)


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


def test_the_list_and_its_cases_are_written(package: Path, capsys: Any) -> None:
    assert suffixes.main([]) == 0
    assert suffixes.RULES.read_text("ascii") == suffixes.render(suffixes.parse(PUBLISHED))
    assert suffixes.CASES.read_text("utf-8") == (package / "test_psl.txt").read_text("utf-8")
    told = capsys.readouterr().err
    assert told == (
        "The list of 2026-10-22_08-36-41_UTC: 5 rules."
        " New: !www.ck, *.ck, blogspot.com, co.uk, xn--55qx5d.cn. Gone: none.\n"
    )


def test_the_check_fails_until_the_list_is_written(package: Path, capsys: Any) -> None:
    assert package.exists()
    assert suffixes.main(["--check"]) == 1
    assert "is missing; there is one of 2026-10-22" in capsys.readouterr().err
    assert not suffixes.RULES.exists()
    suffixes.main([])
    assert suffixes.main(["--check"]) == 0
    assert capsys.readouterr().err.endswith(
        "The list of 2026-10-22_08-36-41_UTC is up to date: 5 rules.\n"
    )


def test_the_check_names_what_is_new_and_writes_nothing(package: Path, capsys: Any) -> None:
    suffixes.main([])
    before = suffixes.RULES.read_bytes()
    (package / "public_suffix_list.dat").write_text(NEWER, "utf-8")
    assert suffixes.main(["--check"]) == 1
    assert capsys.readouterr().err.endswith(
        "The list here is of 2026-10-22_08-36-41_UTC; there is one of 2026-11-02_08-36-41_UTC."
        " New: org.uk. Gone: co.uk. Bring it up to date: nox -s suffixes\n"
    )
    assert suffixes.RULES.read_bytes() == before
    assert suffixes.main([]) == 0
    assert suffixes.RULES.read_bytes() != before


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
    assert "publicsuffixlist 1.2.3 carries the list of 2026-10-22" in capsys.readouterr().err
    assert suffixes.RULES.read_bytes() == before


def test_many_changes_are_counted(package: Path, capsys: Any) -> None:
    many = "\n".join(f"n{number}.uk" for number in range(9))
    (package / "public_suffix_list.dat").write_text(PUBLISHED.replace("co.uk", many), "utf-8")
    suffixes.main([])
    assert "blogspot.com, n0.uk, n1.uk and 8 more. Gone" in capsys.readouterr().err


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
