"""The examples of docs/async.md run as their reader runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/async.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {name[1]: block for block in BLOCKS if (name := re.match(r"# (\w+\.py)\n", block))}
FIRST, WORKERS = [block for block in BLOCKS if block not in FILES.values()]


def _run(folder: Path, text: str) -> str:
    program = folder / "program.py"
    program.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_begins_with_three_lines() -> None:
    assert PAGE.index("```") < 40
    assert len(FIRST.splitlines()) == 3


def test_the_first_lines_make_a_filesystem_that_is_patched(tmp_path: Path) -> None:
    added = """
from aiobotocore.endpoint import AioEndpoint
print(fs.protocol[0], hasattr(AioEndpoint._get_response, "__wrapped__"))
"""
    assert _run(tmp_path, FIRST + added).split() == ["s3", "True"]


@pytest.mark.parametrize("name", FILES)
def test_an_example_runs(tmp_path: Path, name: str) -> None:
    _run(tmp_path, FILES[name])


def test_workers_of_the_page_have_the_patch(tmp_path: Path) -> None:
    lines = WORKERS.replace("LocalCluster(", "LocalCluster(n_workers=1, dashboard_address=None, ")
    *imports, making = lines.strip().splitlines()
    text = "\n".join(
        [
            *imports,
            "def is_installed():",
            "    import botocore_redirect",
            "    return botocore_redirect.is_installed()",
            'if __name__ == "__main__":',
            f"    {making}",
            "    print(client.submit(is_installed).result())",
            "    client.shutdown()",
        ]
    )
    assert _run(tmp_path, text).strip() == "True"
