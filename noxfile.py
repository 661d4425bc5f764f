"""The sessions of botocore-redirect. `nox` alone runs `tests`; `nox -l` lists all."""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import sys
import tempfile
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))

from tools.bisect import probe
from tools.environments import cells, install, resolver, store
from tools.environments.cells import LOCKS
from tools.results import compatibility, outcomes, records
from tools.results import report as reports
from tools.sessions import conformance as conformances
from tools.sessions import coverage as measuring
from tools.sessions import matrix as cell_runs
from tools.sessions import shuffle as shuffling
from tools.upstream import session as upstream_tests

nox.needs_version = ">=2026.8.17"  # sessions in parallel; it runs on Python 3.10 and later
nox.options.default_venv_backend = "uv"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]
# An environment of another Python is not reused.
os.environ["NOX_ENABLE_STALENESS_CHECK"] = "1"

CHECKED = ("patch", "tests", "bench", "tools", "noxfile.py")
EXAMPLES = sorted(path.parent for path in Path("examples").glob("*/README.md"))

# Nothing of the caller's reaches a test: no credentials, no checkout on the path, no switch of
# the patch. And without .pyc files every import takes five times as long.
UNWANTED = (
    "AWS_",
    "BOTOCORE_EXPERIMENTAL",
    "BOTOCORE_REDIRECT",
    "BOTO_CONFIG",
    "COVERAGE_",
    "PYTEST_",
    "PYTHON",
)
for name in [name for name in os.environ if name.startswith(UNWANTED)]:
    del os.environ[name]
if store.open_run():
    atexit.register(cell_runs.conclude)
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "localhost"
os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{direct},127.0.0.1"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
# Like pip, and unlike uv left alone: an index is trusted if this machine trusts it.
if any(ssl.get_default_verify_paths()[:2]):
    os.environ.setdefault("UV_SYSTEM_CERTS", "true")


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style and the format of all code (ruff)."""
    install.sync(session, session.env_dir, LOCKS / "tools.txt")
    session.run("ruff", "check", *CHECKED, "examples")
    session.run("ruff", "format", "--check", *CHECKED, "examples")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of all code (mypy --strict)."""
    install.sync(session, session.env_dir, LOCKS / "tools.txt")
    session.run("mypy", *CHECKED)
    settings, sources = (str(Path(name).resolve()) for name in ("pyproject.toml", "patch"))
    for example in EXAMPLES:  # each a project of its own, whose modules have its own names
        with session.chdir(example):
            session.run("mypy", f"--config-file={settings}", ".", env={"MYPYPATH": sources})


@nox.session(requires=["lint", "types"])
def tests(session: nox.Session) -> None:
    """Run lint and types, then every test against the wheel, on the Python that runs nox."""
    install.install(session, session.env_dir, LOCKS / "tests.txt", measuring.LOCK)
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    for suite in measuring.suites():
        measuring.run(session, suite)
    measuring.report(session)
    # Each in a new interpreter, with the patch before botocore: what no warm process can show.
    patched = ("tests/matrix/test_noredirect_patched.py", "tests/matrix/test_redirects_patched.py")
    session.run("pytest", "--patch-first", "--store=sockets", *patched)
    session.run("pytest", "tests/matrix")


@nox.session
def shuffle(session: nox.Session) -> None:
    """Run all tests with their files in random order, 50 times (`-- --help`)."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    shuffling.run(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """Say which lines and branches no test runs, on no cell; run first what was not measured."""
    install.install(session, session.env_dir, LOCKS / "tests.txt", measuring.LOCK)
    for suite in measuring.missing_suites():
        measuring.run(session, suite)
    if left := [f"wire({cell})" for cell in measuring.missing_cells()]:
        # Whatever cell was asked for: these are the pinned ones.
        asked = dict.fromkeys(cells.VARIABLES)
        session.run(sys.executable, "-m", "nox", "-s", *left, env=asked, external=True)
    measuring.report(session)


def _rows(
    pinned: list[cells.Cell], tagged: Container[cells.Cell] = cells.PINNED
) -> list[nox.param]:
    """Give a session for each cell: for these, or for the one that was asked for."""
    return [
        nox.param(
            *(cell.python, cell.name), id=cell.name, tags=[*cell.tags] if cell in tagged else []
        )
        for cell in ([cells.ASKED] if cells.ASKED else pinned)
    ]


@nox.session(allow_parallel=True)
@nox.parametrize(["python", "cell"], _rows(cells.PINNED))
def matrix(session: nox.Session, cell: str) -> None:
    """Run the four quadrants on every pinned cell, or on BOTOCORE_VERSION and its like."""
    cell_runs.run(session, cell)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run the contract for stock botocore, the patch of `aistore` and ours: docs/conformance.md."""
    conformances.run(session)


@nox.session
@nox.parametrize(["python", "cell"], _rows(cells.OLD, cells.MEASURED))
def wire(session: nox.Session, cell: str) -> None:
    """Run the tests over real sockets on the representative cells, or on the one asked for."""
    lock = cell_runs.of(session, cell)[1]
    install.install(session, session.env_dir, lock, measuring.LOCK)
    if session.posargs:
        session.run("pytest", *session.posargs)
    else:
        measuring.run(session, measuring.OLD_CELLS, cell)


@nox.session
@nox.parametrize(["python", "cell"], _rows([*cells.OLD, cells.NEWEST_CELL], tagged=()))
def upstream(session: nox.Session, cell: str) -> None:
    """Run botocore's own tests without and with the patch, and compare them by id."""
    upstream_tests.run(session, cell_runs.of(session, cell)[1])


@nox.session
@nox.parametrize(
    ["python", "cell"],
    # Without their tags: `nox -t quick` is.
    [
        nox.param(*row.args, id=row.id)
        for row in _rows(cells.PINNED)
        if cells.ASKED or (cells.NEWEST in row.tags and cells.PYTHON in row.args)
    ],
)
def inert(session: nox.Session, cell: str) -> None:
    """Compare every operation of all of AWS patched and unpatched, on the newest botocore."""
    install.install(session, session.env_dir, cell_runs.of(session, cell)[1])
    session.run("python", "-m", "inert", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def guards(session: nox.Session) -> None:
    """Show that the guards of the quadrants see the patches of botocore that people use."""
    install.install(session, session.env_dir, LOCKS / "guards.txt")
    session.run("pytest", *(session.posargs or ["tests/guards"]))


@nox.session(venv_backend="none")
def census(session: nox.Session) -> None:
    """Write down all releases of botocore and their classes; `-- --check` that none is missing."""
    session.run(sys.executable, "-m", "tools.releases.census", *session.posargs, external=True)


@nox.session
def suffixes(session: nox.Session) -> None:
    """Bring the public suffix list of the patch up to date; `-- --check` that it is."""
    session.install("--upgrade", "publicsuffixlist")
    session.run("python", "-m", "tools.sessions.suffixes", *session.posargs)


@nox.session
def bisect(session: nox.Session) -> None:
    """Find the first botocore between two on which the contract comes out differently."""
    probe.run(session)


@nox.session(venv_backend="none")
def report(session: nox.Session) -> None:
    """Write the pages of the last run; `-- --publish` the docs of a full one, `-- --check` them."""
    try:
        written = reports.write(records.BUILD, cells.PINNED, records.sources_of_all())
        if "--check" in session.posargs:
            compatibility.check(Path(), cells.PINNED)
        elif "--publish" in session.posargs:
            changed = ", ".join(map(str, compatibility.update(Path())))
            session.log(f"Changed: {changed or 'nothing'}.")
        else:
            print(reports.table(written, colour=reports.coloured(sys.stdout)))
    except (compatibility.StaleError, outcomes.RecordError, FileNotFoundError) as error:
        session.error(str(error).rstrip("."))


@nox.session
def demo(session: nox.Session) -> None:
    """Show what stock boto3 makes of a redirect, and what the patch makes of it."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    session.run("python", "-m", "botocore_redirect", "demo", *session.posargs)


@nox.session
def examples(session: nox.Session) -> None:
    """Run the tests of each program in examples/ as its author does: elsewhere, with the wheel."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    left_out = shutil.ignore_patterns(".*", "__pycache__")
    for example in EXAMPLES:
        with tempfile.TemporaryDirectory(prefix="example-") as elsewhere:
            copy = shutil.copytree(example, Path(elsewhere) / example.name, ignore=left_out)
            with session.chdir(copy):
                session.run("pytest", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the patch beside stock boto3 and beside the patch that comes with `aistore`."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    session.install("aistore")
    session.run("python", "bench/bench.py", f"--nox={sys.executable}", *session.posargs)


@nox.session(venv_backend="none")
def pins(session: nox.Session) -> None:
    """Compile the locks (`-- --upgrade`, `-- --check`); `-- --new` proposes cells instead."""
    if "--new" in session.posargs:
        session.run(
            *(sys.executable, "-m", "tools.environments.proposals"),
            *(option for option in session.posargs if option != "--new"),
            external=True,
        )
        return
    options = [option for option in session.posargs if option != "--check"]
    if strange := [option for option in options if not option.startswith("--upgrade")]:
        session.error(f"`pins` knows --new, --check and --upgrade, not {' '.join(strange)}")
    before = _read_locks()
    try:
        _compile_locks(options)
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))

    after = _read_locks()
    changed = sorted(str(lock) for lock in {*before, *after} if before.get(lock) != after.get(lock))
    session.log(f"Locks: {len(after)}. Changed: {', '.join(changed) or 'none'}.")
    if changed and "--check" in session.posargs:
        session.error("The locks were not up to date. They are now: review and commit them")


def _compile_locks(options: list[str]) -> None:
    options = ["--universal", "--custom-compile-command=nox -s pins", *options]
    any_python = [f"--python-version={cells.NOX_PYTHON}", *options]
    one_python = [f"--python-version={cells.PYTHON}", *options]
    # One version of each package: a cell is for one Python, and mypy reads the tools' sources,
    # which it must understand as the oldest.
    one_for_all = "--fork-strategy=fewest"

    # First: pytest-cov brings coverage as well, and both locks make one environment.
    resolver.compile_lock(
        measuring.LOCK, cells.COVERAGE, f"--python-version={cells.PYTHONS[0]}", *options
    )
    its_own = f"nox{nox.needs_version}"  # the tests of tools/ need it, and their types
    everything = [*cells.CLIENT, *cells.MOTO, *cells.PLUGINS, its_own]
    resolver.compile_lock(
        LOCKS / "tests.txt", everything, f"--constraints={measuring.LOCK}", *any_python
    )
    resolver.compile_lock(LOCKS / "guards.txt", [*cells.CLIENT, *cells.PATCHES], *one_python)
    tools = [*cells.TOOLS, its_own]
    resolver.compile_lock(LOCKS / "tools.txt", tools, one_for_all, *any_python)
    resolver.compile_lock(store.LOCK, cells.MOTO, *one_python)
    resolver.compile_lock(
        upstream_tests.LOCK,
        upstream_tests.REQUIREMENTS,
        f"--python-version={cells.PYTHONS[0]}",
        *options,
    )
    with ThreadPoolExecutor(4) as pool:
        compiled = [
            pool.submit(resolver.compile_cell, cell, cell.lock(), one_for_all, *options)
            for cell in cells.PINNED
        ]
        for each in compiled:
            each.result()
    for lock in {*(LOCKS / "cells").glob("*.txt")} - {cell.lock() for cell in cells.PINNED}:
        lock.unlink()


def _read_locks() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in LOCKS.rglob("*.txt")}
