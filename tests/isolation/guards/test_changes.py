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
def test_a_change_is_told_with_its_author_and_who_imported_that(
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


def test_other_defaults_are_seen_after_the_last_test(tmp_path: Path) -> None:
    swap = "from botocore.endpoint import Endpoint; Endpoint.__init__.__defaults__ = (1,) * 9"
    guarded.write(tmp_path, top="import botocore.endpoint", body=swap)
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "botocore.endpoint.Endpoint.__init__ is a function with other defaults" in output
