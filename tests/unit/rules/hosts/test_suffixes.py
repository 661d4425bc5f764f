"""The public suffix list that comes with the package, and what it says of names."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib import metadata, resources
from pathlib import Path

import pytest

from botocore_redirect.rules.hosts import suffixes
from botocore_redirect.rules.hosts.addresses import normalize
from botocore_redirect.rules.hosts.suffixes import registrable_domain

DATA = resources.files("botocore_redirect").joinpath("data")
LIST = DATA.joinpath("public_suffix_list.txt").read_text("ascii")
RULES = [line for line in LIST.splitlines() if line and not line.startswith("#")]

# The list's own cases: checkPublicSuffix('b.example.com', 'example.com');
CASES = re.findall(
    r"(?m)^checkPublicSuffix\('([^']+)', (?:'([^']+)'|null)\);$",
    Path(__file__).with_name("public_suffix_cases.txt").read_text("utf-8"),
)


def test_the_test_cases_of_the_public_suffix_list_are_present() -> None:
    assert len(CASES) > 70


@pytest.mark.parametrize(("name", "registrable"), CASES)
def test_the_test_cases_of_the_public_suffix_list_pass(name: str, registrable: str) -> None:
    assert registrable_domain(name) == (normalize(registrable) or None)


@pytest.mark.parametrize(
    ("name", "registrable"),
    [
        ("a.b.store.github.io", "store.github.io"),
        ("github.io", None),
        ("r2.dev", None),
        ("store.web.za.", "store.web.za"),
        ("city.kobe.jp", "city.kobe.jp"),
        ("kobe.jp", "kobe.jp"),
        ("x.y.nothing-like-it", "y.nothing-like-it"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("食狮.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
        # What is no name in DNS has no owner.
        ("", None),
        (".", None),
        ("store..com", None),
        ("faß.de", None),
        ("a." * 127 + "com", None),
        ("ü" * 64 + ".com", None),
    ],
)
def test_a_registrable_domain_is_one_label_more_than_a_public_suffix(
    name: str, registrable: str | None
) -> None:
    assert registrable_domain(name) == registrable


def test_an_exception_prevails_over_a_longer_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = suffixes._Rules(frozenset({"!www.ck"}), frozenset({"*.ck"}), "\na.www.ck\n")
    monkeypatch.setattr(suffixes, "_load_rules", lambda: rules)
    assert registrable_domain("b.a.www.ck") == "www.ck"
    assert registrable_domain("b.a.other.ck") == "a.other.ck"


def test_the_list_is_complete_and_well_formed() -> None:
    assert re.search(r"(?m)^# VERSION: 20\d\d-\d\d-\d\d_", LIST)
    assert re.search(r"(?m)^# COMMIT: [0-9a-f]{40}$", LIST)
    assert len(RULES) > 8_000
    assert len(set(RULES)) == len(RULES)
    assert all(re.fullmatch(r"(?:!|\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*", rule) for rule in RULES)
    assert all("." in rule for rule in RULES)
    assert {"co.uk", "uk.com", "web.za", "github.io", "r2.dev", "*.ck", "!www.ck"} <= set(RULES)


def test_the_list_is_read_from_a_zip_as_well(tmp_path: Path) -> None:
    archive = tmp_path / "patch.zip"
    root = Path(suffixes.__file__).parents[2]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in [root / "__init__.py", *root.glob("rules/**/*.py"), *root.glob("data/*.txt")]:
            packed.write(path, f"botocore_redirect/{path.relative_to(root).as_posix()}")
    code = (
        "from botocore_redirect.rules.hosts import suffixes;"
        " print(suffixes.__file__, suffixes.registrable_domain('a.b.store.co.uk'))"
    )
    # -I: of this machine's packages none but those of the archive.
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(archive)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        str(archive / "botocore_redirect" / "rules" / "hosts" / "suffixes.py"),
        "store.co.uk",
    ]


def test_reading_the_list_takes_no_more_memory_than_its_text() -> None:
    rules = suffixes._load_rules()
    assert len(rules.names) < len(LIST)
    assert len(rules.exceptions) + len(rules.wildcards) < 1_000


def test_the_licence_of_the_list_comes_with_it() -> None:
    assert "subject to the terms of the Mozilla Public" in LIST
    licence = DATA.joinpath("LICENSE-MPL-2.0.txt").read_text("utf-8")
    assert "Mozilla Public License" in licence
    assert "Covered Software" in licence
    project = metadata.metadata("botocore-redirect")
    assert project["License-Expression"] == "Apache-2.0 AND MPL-2.0"
    files = project.get_all("License-File") or []
    assert [file for file in files if file.endswith("data/LICENSE-MPL-2.0.txt")]
