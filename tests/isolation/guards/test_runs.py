"""A violation in a run of pytest is reported, whatever becomes of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.guards import guarded

_INSTALL = "import our_subject; our_subject.install()"
_SHALL_FAIL = """
@pytest.mark.xfail(strict=True, reason="a known bug")
def test_last():
    {}
    assert 0
"""


def _run(
    folder: Path, *, top: str = "", tests: str, patched: bool = False, **variables: str
) -> tuple[int, str]:
    guarded.write(folder)
    (folder / "test_it.py").write_text(
        "import pytest, os\n"
        f"pytestmark = pytest.mark.quadrant(patched={patched}, redirects=False)\n{top}\n{tests}",
        "utf-8",
    )
    return guarded.run(folder, checked=False, plugin=True, **variables)


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


_SESSION = """
import sys
@pytest.fixture(scope="session")
def early():
    {}
    yield
"""


@pytest.mark.parametrize(
    ("patched", "body"),
    [
        (True, "assert 'our_subject' in sys.modules"),
        (False, "assert 'AWS_PROFILE' not in os.environ"),
    ],
)
def test_a_fixture_of_the_session_is_made_in_the_quadrant(
    tmp_path: Path, body: str, *, patched: bool
) -> None:
    status, output = _run(
        tmp_path,
        top=_SESSION.format(body),
        tests="def test_it(early): pass",
        patched=patched,
        AWS_PROFILE="mine",
    )
    assert (status, "1 passed" in output) == (0, True), output


def test_a_session_fixture_that_connects_to_another_machine_is_refused(tmp_path: Path) -> None:
    call = "__import__('socket').create_connection(('203.0.113.1', 80), 1)"
    tests = "def test_it(early): pass"
    status, output = _run(tmp_path, top=_SESSION.format(call), tests=tests)
    assert status == 1, output
    assert "wanted to reach 203.0.113.1:80, which is not this machine" in output


@pytest.mark.parametrize("tests", ["", "def test_first(): pass\n"], ids=["first", "later"])
def test_what_a_session_fixture_undoes_is_no_violation(tmp_path: Path, tests: str) -> None:
    tests += "def test_it(session_moto_s3): session_moto_s3.list_buckets()"
    status, output = _run(tmp_path, tests=tests)
    assert status == 0, output


def test_what_a_session_fixture_leaves_behind_is_a_violation(tmp_path: Path) -> None:
    top = _SESSION.format("os.environ['AWS_PROFILE'] = 'mine'")
    status, output = _run(tmp_path, top=top, tests="def test_it(early): pass")
    assert status == 1, output
    said = guarded.contamination(output)
    assert "after test_it.py (unpatched, no redirects), the environment variable AWS_PRO" in said


def test_the_sandbox_of_a_session_that_began_earlier_is_there_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_it(aws_sandbox): pass\n", "utf-8")
    status, output = _run(tmp_path, tests="def test_it(aws_sandbox): pass", AWS_PROFILE="mine")
    assert (status, "2 passed" in output) == (0, True), output


def test_a_file_whose_tests_are_all_skipped_enters_no_quadrant(tmp_path: Path) -> None:
    skipped = "@pytest.mark.skip(reason='not here')\ndef test_it(): pass"
    status, output = _run(tmp_path, top=_INSTALL, tests=skipped)
    assert (status, "1 skipped" in output) == (0, True), output


def test_a_run_that_ends_in_the_midst_of_a_file_is_proven(tmp_path: Path) -> None:
    tests = f"def test_it():\n    {_INSTALL}\n    assert 0\ndef test_more(): pass"
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -x\n", "utf-8")
    status, output = _run(tmp_path, tests=tests)
    assert status == 1, output
    assert "Contaminated: after test_it.py (unpatched, no redirects), our_subject" in output


def test_a_run_that_is_ended_by_a_test_is_proven(tmp_path: Path) -> None:
    tests = f"def test_it(): {_INSTALL}\ndef test_more(): pytest.exit('enough', 0)"
    status, output = _run(tmp_path, tests=f"{tests}\ndef test_last(): pass")
    assert status != 0, output  # and not the one that the test wished for
    assert "Contaminated: after test_it.py (unpatched, no redirects), our_subject" in output


def test_a_fixture_that_fails_at_the_end_hides_no_violation(tmp_path: Path) -> None:
    top = "@pytest.fixture\ndef broken():\n    yield\n    raise OSError('at the end')\n"
    status, output = _run(tmp_path, top=top, tests=f"def test_it(broken):\n    {_INSTALL}")
    assert status == 1, output
    assert "Contaminated: after test_it.py (unpatched, no redirects), our_subject" in output
    assert "OSError: at the end" in output


@pytest.mark.parametrize(
    "top",
    [
        "@pytest.fixture\ndef quadrant(): return 'mine'\n",
        "pytestmark = [pytestmark, pytest.mark.parametrize('quadrant', ['mine', 'theirs'])]\n",
    ],
    ids=["fixture", "parameter"],
)
def test_a_fixture_of_the_same_name_does_not_replace_the_guard(tmp_path: Path, top: str) -> None:
    tests = "def test_it(quadrant): assert quadrant in ('mine', 'theirs')"
    status, output = _run(tmp_path, top=top, tests=tests)
    assert (status, "passed" in output) == (0, True), output
    status, output = _run(tmp_path, top=f"{_INSTALL}\n{top}", tests=tests)
    assert status == 1, output
    assert "before test_it.py (unpatched, no redirects), our_subject" in output


def test_a_test_can_ask_which_quadrant_it_is_in(tmp_path: Path) -> None:
    body = "def test_it(quadrant): assert (quadrant.patched, quadrant.redirects) == (True, False)"
    status, output = _run(tmp_path, tests=body, patched=True)
    assert (status, "1 passed" in output) == (0, True), output
