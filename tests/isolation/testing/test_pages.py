"""The examples of README and of docs/ run as their reader runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import botocore_redirect.testing

for module in ("boto3", "flask", "moto", "trustme"):
    pytest.importorskip(module, reason="the examples need what `[testing]` installs")

_ROOT = Path(__file__).parents[3]
_PAGES = ("README.md", "docs/testing.md", "docs/isolation.md", "docs/stores.md")
README, TESTING, ISOLATION, STORES = ((_ROOT / page).read_text("utf-8") for page in _PAGES)
_BLOCK = re.compile(r"^```(?:python|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"# ([\w/.]+\.\w+)")
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]

# The readers' own parts: a client, and the patch of docs/isolation.md with a test of it.
_CLIENT = """
import boto3
client = boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
"""
_MY_PATCH = """
import functools
import botocore.client

def install():
    call = botocore.client.BaseClient._make_api_call
    botocore.client.BaseClient._make_api_call = functools.wraps(call)(
        lambda *arguments: call(*arguments)
    )
"""
_MY_TEST = """
import botocore.client

def test_the_patch_is_installed():
    assert hasattr(botocore.client.BaseClient._make_api_call, "__wrapped__")
"""


def _files(page: str) -> dict[str, str]:
    """Return the blocks that begin with the name of a file, by this name."""
    named = ((_FILE_NAME.match(block), block) for block in _BLOCK.findall(page))
    return {name[1]: block for name, block in named if name}


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def _run(folder: Path, *command: str) -> None:
    # Without the fake credentials of our own sandbox: the page has to bring its own.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout


FILES = _files(TESTING)
FIRST, *TESTS = [name for name in FILES if name.startswith("test_")]


@pytest.mark.parametrize(
    "command",
    [
        # The first example patches its process for good; the others share one.
        pytest.param([*PYTEST, FIRST], id=FIRST),
        pytest.param([*PYTEST, *TESTS], id="tests"),
        pytest.param(["script.py"], id="script.py"),
    ],
)
def test_the_examples_of_the_testing_page_run(tmp_path: Path, command: list[str]) -> None:
    _run(_write(tmp_path, FILES), *command)


def test_the_examples_of_the_isolation_page_run(tmp_path: Path) -> None:
    (script,) = [block for block in _BLOCK.findall(ISOLATION) if not _FILE_NAME.match(block)]
    files = {"my_patch.py": _MY_PATCH, "script.py": script, **_files(ISOLATION)}
    files["tests/quadrants/test_patched.py"] += _MY_TEST
    folder = _write(tmp_path, files)
    _run(folder, *PYTEST)
    _run(folder, "script.py")


def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(README)
    assert len(blocks) > 1
    _run(tmp_path, "-c", "".join([_CLIENT, *blocks]))


@pytest.mark.parametrize("block", _BLOCK.findall(STORES))
def test_each_recipe_of_the_page_of_stores_runs(tmp_path: Path, block: str) -> None:
    _run(tmp_path, "-c", block)


def test_every_block_of_the_testing_page_is_a_file() -> None:
    assert TESTING.count("```") == 2 * (len(FILES) + TESTING.count("```console"))
    assert FIRST == "test_save.py"
    assert {*FILES} - {FIRST, *TESTS} == {"conftest.py", "pyproject.toml", "upload.py", "script.py"}


def test_the_first_example_is_ten_lines() -> None:
    lines = [line for line in FILES[FIRST].splitlines()[1:] if line.strip()]
    assert len(lines) <= 10, lines


@pytest.mark.parametrize("name", botocore_redirect.testing.__all__)
def test_every_public_name_is_on_the_testing_page_and_documented(name: str) -> None:
    _, _, table = TESTING.partition("## All names")
    assert f"`{name}`" in table
    assert getattr(botocore_redirect.testing, name).__doc__
