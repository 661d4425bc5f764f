"""Changes of botocore in a run of pytest: seen before and after a file, with who did it."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

_SEND = "botocore.endpoint.Endpoint._send"
_CULPRIT = """
from botocore.endpoint import Endpoint
Endpoint._send = lambda self, request: None
"""


@pytest.mark.parametrize(("when", "line"), [("before", 3), ("after", 6)])
def test_a_change_is_reported_with_its_author_and_who_imported_that(
    tmp_path: Path, when: str, line: int
) -> None:
    culprit = {"top" if when == "before" else "body": "import culprit"}
    guarded.write(tmp_path, **culprit)  # type: ignore[arg-type]  # both are texts
    (tmp_path / "culprit.py").write_text(_CULPRIT, "utf-8")
    status, output = guarded.run(tmp_path)
    said = guarded.contamination(output)
    assert status == 1, output
    assert f"{when} test_it.py (unpatched, no redirects), {_SEND} is <lambda>() of " in said
    assert f"{tmp_path / 'culprit.py'}:3 (imported by {tmp_path / 'test_it.py'}:{line})" in said


def test_a_change_of_aiobotocore_is_reported(tmp_path: Path) -> None:
    library = tmp_path / "aiobotocore"
    library.mkdir()
    (library / "__init__.py").touch()
    endpoint = "class AioEndpoint:\n    async def _send_request(self): pass\n"
    (library / "endpoint.py").write_text(endpoint, "utf-8")
    change = "AioEndpoint._send_request = lambda self: None"
    guarded.write(tmp_path, top=f"from aiobotocore.endpoint import AioEndpoint; {change}")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    said = guarded.contamination(output)
    assert "before test_it.py" in said
    assert "aiobotocore.endpoint.AioEndpoint._send_request is <lambda>() of " in said


def test_other_defaults_are_seen_after_the_last_test(tmp_path: Path) -> None:
    swap = "from botocore.endpoint import Endpoint; Endpoint.__init__.__defaults__ = (1,) * 9"
    guarded.write(tmp_path, top="import botocore.endpoint", body=swap)
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "botocore.endpoint.Endpoint.__init__ is a function with other defaults" in output


# The set-up that docs/isolation.md shows, with the commonest mistake.
_CONFTEST = 'pytest_plugins = ["botocore_redirect.testing.plugin"]\n'
CONFTESTS = {
    "by name": ("import our_subject", "imported by {folder}/conftest.py:2)"),
    "by a name in it": ("from our_subject import install", "imported by {folder}/conftest.py:2)"),
    "by a helper": (
        "import helper",
        "imported by {folder}/helper.py:1, imported by {folder}/conftest.py:2)",
    ),
    "in a way that no line shows": (
        "__import__('our_' + 'subject')",
        "before the guards recorded imports, maybe by {folder}/conftest.py; they begin earlier",
    ),
}


@pytest.mark.parametrize("how", CONFTESTS)
def test_the_conftest_that_imports_a_patch_is_named(tmp_path: Path, how: str) -> None:
    """pytest loads the plugins that a conftest names after what the conftest imports."""
    line, said = CONFTESTS[how]
    guarded.write(tmp_path)
    (tmp_path / "helper.py").write_text("import our_subject\n", "utf-8")
    (tmp_path / "conftest.py").write_text(f"{_CONFTEST}{line}\n", "utf-8")
    status, output = guarded.run(tmp_path, plugin=False)
    assert status == 1, output
    assert said.format(folder=tmp_path) in guarded.contamination(output)


def test_the_conftest_that_imports_a_change_is_named(tmp_path: Path) -> None:
    guarded.write(tmp_path)
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "__init__.py").write_text("from . import culprit\n", "utf-8")
    (tmp_path / "library" / "culprit.py").write_text(_CULPRIT, "utf-8")
    (tmp_path / "conftest.py").write_text(f"{_CONFTEST}import library\n", "utf-8")
    status, output = guarded.run(tmp_path, plugin=False)
    assert status == 1, output
    said = guarded.contamination(output)
    assert f"culprit.py:3 (imported by {tmp_path / 'conftest.py'}:2)" in said
