"""docs/testing.md: every example on the page is run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import botocore_redirect.testing

PAGE = Path(__file__).parents[3] / "docs" / "testing.md"
TEXT = PAGE.read_text("utf-8")
#: The language, the name of the file in the comment that comes first, and the rest.
FILES = re.findall(r"^```(python|toml)\n# (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FIRST, *TESTS = [name for _, name, _ in FILES if name.startswith("test_")]
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
#: The first example patches its process for good; all others share one.
PROCESSES = [
    pytest.param([*PYTEST, FIRST], id=FIRST),
    pytest.param([*PYTEST, *TESTS], id="tests"),
    pytest.param(["script.py"], id="script.py"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of the page as its reader does."""
    folder = tmp_path_factory.mktemp("project")
    for _, name, text in FILES:
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("how", PROCESSES)
def test_the_examples_run(project: Path, how: list[str]) -> None:
    for module in ("boto3", "trustme", "flask", "moto"):
        pytest.importorskip(module, reason="the examples need what `[testing]` installs")
    done = subprocess.run(
        [sys.executable, *how],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_block_is_a_file() -> None:
    assert TEXT.count("```") == 2 * (len(FILES) + TEXT.count("```console"))
    names = {name for _, name, _ in FILES}
    assert FIRST == "test_save.py"
    assert len(TESTS) > 1
    assert names - {FIRST, *TESTS} == {"conftest.py", "pyproject.toml", "upload.py", "script.py"}


def test_the_first_example_is_ten_lines() -> None:
    _, _, text = FILES[0]
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) <= 10, lines


@pytest.mark.parametrize("name", botocore_redirect.testing.__all__)
def test_every_public_name_is_on_the_page_and_documented(name: str) -> None:
    _, _, table = TEXT.partition("## All names")
    assert f"`{name}`" in table
    assert getattr(botocore_redirect.testing, name).__doc__
