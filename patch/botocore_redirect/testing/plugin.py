"""The pytest plugin of the quadrants: a process for each file, the guards, the kit's fixtures.

Load it with `-p botocore_redirect.testing.plugin`, or name it in `pytest_plugins` of the topmost
conftest.py. Files outside of the `quadrants` folders are left alone unless they have the marker.
PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing.guards import importers
from botocore_redirect.testing.guards import subject as subjects
from botocore_redirect.testing.guards.shared_baseline import SharedBaseline
from botocore_redirect.testing.quadrants import launchers
from botocore_redirect.testing.quadrants.file_workers import OneFilePerWorker, is_quadrant_file
from botocore_redirect.testing.quadrants.launchers import Launcher
from botocore_redirect.testing.quadrants.quadrant import NO_SUBJECT, Quadrant
from botocore_redirect.testing.quadrants.quadrant_plugin import QuadrantPlugin
from botocore_redirect.testing.quadrants.workers import has_own_file

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["botocore_redirect.testing.fixtures"]

_MARKER = "quadrant"
_HOW = "pytestmark = pytest.mark.quadrant(patched=True, redirects=False)"

_INI = {
    "quadrants": "folders whose test files get a process each, and must have the marker `quadrant`",
    "quadrants_first": "patterns of those files for whose end the other files wait",
    "quadrants_preload": "modules to import before workers are forked; none may import the patch",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and start recording imports."""
    importers.watch()
    parser.addoption(
        "--subject",
        help="the patch under test: MODULE whose import patches, MODULE:CALLABLE that installs,"
        f" {subjects.NONE}, or {subjects.OURS}",
    )
    parser.addoption(
        "--workers",
        choices=[launchers.FORK, launchers.FRESH],
        help="what each file of `quadrants` runs in: a fork of a process that has imported boto3"
        " and pytest (the default on Linux), or a new interpreter",
    )
    parser.addoption(
        "--patch-first",
        action="store_true",
        help="install the subject in the workers before botocore, boto3 and pytest's plugins are"
        " imported; for patched files, with new interpreters",
    )
    parser.addini("subject", "the patch under test, where --subject names no other")
    for name, description in _INI.items():
        parser.addini(
            name, description, type="paths" if name == "quadrants" else "args", default=[]
        )


def pytest_configure(config: pytest.Config) -> None:
    """Give each file of the folders its own process, and look at the subject once."""
    importers.watch()  # at the front, where pytest has put its own finder meanwhile
    _expect(config.getini("quadrants"))
    config.pluginmanager.register(QuadrantPlugin(quadrant_of, subject_of(config)))
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(*, patched, redirects): what the process of this file must be; once for a"
        f" file, as `{_HOW}`",
    )
    launcher = _make_launcher(config)
    config.pluginmanager.register(
        OneFilePerWorker(
            *map(Path, config.getini("quadrants")),
            first=config.getini("quadrants_first"),
            launcher=launcher,
        )
    )

    def needs_baseline(node: Any) -> bool:
        return has_own_file(node) and not launcher.inherits_baseline

    config.pluginmanager.register(SharedBaseline(needs_baseline))
    # Once: not in each worker of xdist, nor where `-p no:subject-check` says that it was done.
    known = hasattr(config, "workerinput") or config.pluginmanager.is_blocked("subject-check")
    known = known or config.option.collectonly  # no test runs
    subject = subject_of(config)
    if subject is not None and not known:
        try:
            subjects.check(subject)
        except subjects.SubjectError as error:
            raise pytest.UsageError(str(error)) from error


def _expect(folders: list[Path]) -> None:
    for folder in folders:
        if not Path(folder).is_dir():
            raise pytest.UsageError(
                f"There is no folder {folder}, which pytest's configuration names in `quadrants`:"
                " create it, or correct its name."
            )


def _make_launcher(config: pytest.Config) -> Launcher:
    """Choose how the workers of files are started, or refuse options that conflict."""
    option, subject = config.option, subject_of(config)
    if option.patch_first and not hasattr(config, "workerinput"):
        if option.workers == launchers.FORK:
            raise pytest.UsageError(
                "--patch-first needs --workers=fresh: what is forked has imported botocore already."
            )
        if config.getoption("dist", "no") == "no":
            raise pytest.UsageError("--patch-first needs workers: use it with -n.")
        if subject is None:
            raise pytest.UsageError(f"--patch-first: {NO_SUBJECT}")
        return launchers.PatchFirstLauncher(subject)
    if option.workers == launchers.FRESH or not (option.workers or launchers.CAN_FORK):
        return Launcher()
    return launchers.ForkLauncher(
        config.getini("quadrants_preload"),
        subject or subjects.NONE,
        required=option.workers == launchers.FORK,
    )


def pytest_unconfigure() -> None:
    """Stop recording imports."""
    importers.stop()


def subject_of(config: pytest.Config) -> str | None:
    """Return what --subject or the configuration says; None: nothing."""
    given: str | None = config.getoption("--subject") or config.getini("subject")
    return given or None


def quadrant_of(node: pytest.Item | pytest.Collector) -> Quadrant | None:
    """Return the quadrant that the file of this node declares; None: it has no marker.

    Raises `ValueError` if the marker does not say what it must.
    """
    marks = [*node.iter_markers_with_node(_MARKER)]
    if not marks:
        return None
    holder, mark = marks[0]
    facts = mark.kwargs
    if (
        len(marks) > 1
        or isinstance(holder, (pytest.Item, pytest.Class))  # of one test, and not of its file
        or mark.args
        or sorted(facts) != ["patched", "redirects"]
        or not all(type(fact) is bool for fact in facts.values())
    ):
        raise ValueError(
            f"{node.nodeid.partition('::')[0]}: the marker `{_MARKER}` stands once in a file, at"
            f" its top, as `{_HOW}`, with True or False each."
        )
    return Quadrant(**facts)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, None]:
    """Refuse a file of the folders that does not say which quadrant it is."""
    outcome = yield
    if isinstance(collector, pytest.Module):
        report: pytest.CollectReport = outcome.get_result()
        problem = _problem(collector)
        if report.passed and problem:
            report.outcome, report.longrepr, report.result = "failed", problem, []


def _problem(module: pytest.Module) -> str:
    try:
        declared = quadrant_of(module)
    except ValueError as error:
        return str(error)
    if declared and declared.patched and subject_of(module.config) is None:
        return f"{module.nodeid}: {NO_SUBJECT}"
    folders = [Path(folder).resolve() for folder in module.config.getini("quadrants")]
    within = [
        folder for folder in folders if is_quadrant_file(module.path, module.session, [folder])
    ]
    if declared is None and within:
        return (
            f"{module.nodeid} is in a folder of quadrants, and does not say which it is: write"
            f" `{_HOW}` at its top, or move it out of {within[0].name}."
        )
    return ""


@pytest.fixture(scope="module")
def quadrant(request: pytest.FixtureRequest) -> Quadrant | None:
    """Say which quadrant the file is: `quadrant.patched`, `quadrant.redirects`; None: it is none.

    The process is made one by the plugin, whether a test asks for this or not.
    """
    return quadrant_of(request.node)
