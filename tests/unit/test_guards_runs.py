"""A violation in a run of pytest: it is told, whatever becomes of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit import guarded

_INSTALL = "import our_subject; our_subject.install()"
_SHALL_FAIL = """
@pytest.mark.xfail(strict=True, reason="a known bug")
def test_last():
    {}
    assert 0
"""


def _run(folder: Path, *, top: str = "", tests: str, patched: bool = False) -> tuple[int, str]:
    guarded.write(folder)
    (folder / "test_it.py").write_text(
        "import pytest, os\n"
        f"pytestmark = pytest.mark.quadrant(patched={patched}, redirects=False)\n{top}\n{tests}",
        "utf-8",
    )
    return guarded.run(folder)


@pytest.mark.parametrize(
    ("when", "top", "body"), [("before", _INSTALL, "pass"), ("after", "", _INSTALL)]
)
def test_a_test_that_is_expected_to_fail_hides_no_violation(
    tmp_path: Path, when: str, top: str, body: str
) -> None:
    status, output = _run(tmp_path, top=top, tests=_SHALL_FAIL.format(body))
    assert status == 1, output
    assert f"{when} test_it.py (unpatched, no redirects), " in guarded.contamination(output)
    assert "1 error" in output


def test_a_test_that_is_expected_to_fail_may_do_so(tmp_path: Path) -> None:
    fixture = "@pytest.fixture(autouse=True)\ndef broken(): assert 0\n"
    for top in ("", fixture):
        status, output = _run(tmp_path, top=top, tests=_SHALL_FAIL.format("pass"))
        assert (status, "1 xfailed" in output) == (0, True), output
