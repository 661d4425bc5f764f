"""How a file says which quadrant it is, and what becomes of one that does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from botocore_redirect.testing.quadrants import launchers
from isolation.guards import guarded

_INI = "[pytest]\nquadrants = quadrants\n"
_PLAIN = "def test_it(): pass\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text(_INI, "utf-8")
    (tmp_path / "quadrants").mkdir()
    return tmp_path / "quadrants"


def test_a_file_in_a_folder_of_quadrants_must_say_which_it_is(folder: Path) -> None:
    (folder / "test_it.py").write_text(_PLAIN, "utf-8")
    status, output = guarded.run(folder.parent, "--subject=none")
    assert status == 2, output
    assert "quadrants/test_it.py is in a folder of quadrants, and does not say which" in output
    assert "pytestmark = pytest.mark.quadrant(patched=True, redirects=False)" in output


_MARKERS = (
    "quadrant",
    "quadrant(True, False)",
    "quadrant(patched=True)",
    "quadrant(patched=1, redirects=False)",
    "quadrant(patched=True, redirects=False, more=True)",
)


def test_a_marker_that_says_something_else_is_an_error(tmp_path: Path) -> None:
    for number, marker in enumerate(_MARKERS):
        (tmp_path / f"test_{number}.py").write_text(
            f"import pytest\npytestmark = pytest.mark.{marker}\n{_PLAIN}", "utf-8"
        )
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    status, output = guarded.run(tmp_path)
    assert status == 2, output
    for number in range(len(_MARKERS)):
        said = f"test_{number}.py: the marker `quadrant` stands once in a file, at its top"
        assert said in output


_MARK = "@pytest.mark.quadrant(patched=False, redirects=False)"
_OF_TESTS = {
    "function": f"{_MARK}\n@pytest.mark.xfail\ndef test_it(): pass",
    "class": f"{_MARK}\nclass TestIt:\n    def test_it(self): pass",
    "both": f"pytestmark = {_MARK[1:]}\n{_MARK}\ndef test_it(): pass",
    "hook": "def test_it(added_by_the_conftest=None): pass",
}
_ADDS = f"""
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        if "test_hook" in item.nodeid: item.add_marker({_MARK[1:]})
"""


def test_a_marker_of_a_test_and_not_of_its_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "conftest.py").write_text(_ADDS, "utf-8")
    for name, tests in _OF_TESTS.items():
        (tmp_path / f"test_{name}.py").write_text(f"import pytest\n{tests}\n", "utf-8")
    status, output = guarded.run(tmp_path, "--subject=none")
    assert status == 1, output
    for name in _OF_TESTS:
        said = f"test_{name}.py: the marker `quadrant` stands once in a file, at its top"
        assert said in output


def test_a_folder_of_quadrants_that_is_not_there_ends_the_run_at_once(tmp_path: Path) -> None:
    guarded.write(tmp_path)
    (tmp_path / "pytest.ini").write_text(_INI, "utf-8")
    status, output = guarded.run(tmp_path)
    assert status == 4, output
    assert f"There is no folder {tmp_path / 'quadrants'}, which pytest's conf" in output


def test_a_patched_quadrant_without_a_subject_is_one_error(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, "--subject=")
    assert status == 2, output
    said, _, summary = output.partition("short test summary")  # which repeats it where CI is set
    assert said.count("no patch is configured. Set `subject = MODULE:CALLABLE`") == 1
    assert "1 error" in summary


def test_a_subject_that_is_not_there_ends_the_run_at_once(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, "--subject=nowhere:install", checked=True)
    assert status == 4, output
    assert "There is no module 'nowhere' for the subject 'nowhere:install'" in output


def test_the_subject_is_looked_at_in_the_sandbox(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    note = "    open('seen', 'a').write(f'{os.getenv(\"AWS_PROFILE\")} {os.getenv(\"HOME\")};')\n"
    install = guarded.SUBJECT.replace("def install():\n", f"import os\ndef install():\n{note}")
    (tmp_path / "our_subject.py").write_text(install, "utf-8")
    status, output = guarded.run(tmp_path, checked=True, AWS_PROFILE="mine", HOME=str(tmp_path))
    assert status == 0, output
    assert (tmp_path / "seen").read_text("utf-8") == f"None {os.devnull};" * 2


def test_the_subject_is_not_looked_at_where_no_test_runs(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, "--co", "--subject=nowhere:install", checked=True)
    assert (status, "1 test collected" in output) == (0, True), output


def test_the_subject_can_be_said_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nsubject = our_subject:install\n", "utf-8")
    guarded.write(tmp_path, patched=True, body="import sys; assert 'our_subject' in sys.modules")
    status, output = guarded.run(tmp_path, "--subject=")
    assert status == 0, output


def test_a_second_quadrant_in_a_process_is_refused_by_name(tmp_path: Path) -> None:
    guarded.write(tmp_path, "test_a.py")
    guarded.write(tmp_path, "test_b.py", patched=True)
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "1 passed, 1 error" in output
    said = guarded.contamination(output)
    assert "test_b.py (patched, no redirects) came into a process that has already run" in said
    assert "test_a.py (unpatched, no redirects)" in said


@pytest.mark.parametrize(("workers", "is_read"), [(launchers.FRESH, True), (launchers.FORK, False)])
def test_a_folder_of_quadrants_gets_a_process_for_each_file_and_one_baseline(
    folder: Path, workers: str, is_read: bool
) -> None:
    if workers == launchers.FORK and not launchers.CAN_FORK:
        pytest.skip("forking is not safe here, which is refused")
    top = (
        "from botocore_redirect.testing.guards import baseline\n"
        f"assert bool(baseline._file) is {is_read}\n"
        "baseline._print_fingerprints = None  # nobody makes another one\n"
    )
    guarded.write(folder, "test_a.py", top=top)
    guarded.write(folder, "test_b.py", top=top, patched=True)
    (folder / "pytest.ini").unlink()
    status, output = guarded.python(
        folder.parent,
        *("-m", "pytest", "-q", "-p", "botocore_redirect.testing.plugin", "-n1", "quadrants"),
        *("--subject=our_subject:install", f"--workers={workers}"),
        PYTHONPATH=os.pathsep.join([str(folder), *filter(None, sys.path)]),
    )
    assert (status, "2 passed" in output) == (0, True), output


def test_only_modules_of_tests_in_a_folder_of_quadrants_must_say_which_they_are(
    folder: Path,
) -> None:
    for name in ("conftest.py", "helper.py"):
        (folder / name).write_text('"""\n>>> 1\n1\n"""\n', "utf-8")
    (folder / "test_it.txt").write_text(">>> 1\n1\n", "utf-8")
    status, output = guarded.run(folder.parent, "--subject=none", "--doctest-modules")
    assert (status, "3 passed" in output) == (0, True), output


def test_a_file_that_is_named_must_say_which_it_is_whatever_its_name(folder: Path) -> None:
    (folder / "helper.py").write_text(_PLAIN, "utf-8")
    status, output = guarded.run(folder.parent, "--subject=none", "quadrants/helper.py")
    assert status == 2, output
    assert "helper.py is in a folder of quadrants, and does not say which it is" in output


def test_files_without_the_marker_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "test_it.py").write_text(
        "import our_subject\nour_subject.install()\n" + _PLAIN, "utf-8"
    )
    (tmp_path / "our_subject.py").write_text(guarded.SUBJECT, "utf-8")
    status, output = guarded.run(tmp_path)
    assert (status, "1 passed" in output) == (0, True), output


def test_a_subject_that_changes_nothing_is_seen(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True)
    status, output = guarded.run(tmp_path, "--subject=our_subject:pretend")
    assert status == 1, output
    assert "our_subject:pretend changed nothing in botocore; is it installed by its" in output


def test_another_patch_over_the_subject_is_seen(tmp_path: Path) -> None:
    body = "from botocore.endpoint import Endpoint; Endpoint.close = lambda self: None"
    guarded.write(tmp_path, patched=True, body=body)
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    said = guarded.contamination(output)
    assert "after test_it.py (patched, no redirects), botocore.endpoint.Endpoint.close is" in said
    assert "that is not by our_subject:install" in said


def test_what_the_subject_changes_later_is_its_own(tmp_path: Path) -> None:
    guarded.write(tmp_path, patched=True, body="import our_subject; our_subject.install()")
    status, output = guarded.run(tmp_path)
    assert (status, "1 passed" in output) == (0, True), output


def test_a_subject_that_was_taken_away_is_seen(tmp_path: Path) -> None:
    body = "import botocore.endpoint as e; e.Endpoint._send = e.Endpoint._send.__closure__[0]"
    guarded.write(tmp_path, patched=True, body=f"{body}.cell_contents")
    status, output = guarded.run(tmp_path)
    assert status == 1, output
    assert "nothing in botocore is changed any more by our_subject:install" in output
