"""The sessions of botocore-redirect. `nox` alone runs `tests`; `nox -l` lists all.

`nox -s SESSION -- --help` says what a session takes.
"""

from __future__ import annotations

import atexit
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))

import tools.bisect.probe
import tools.sessions.conformance
import tools.sessions.coverage
import tools.sessions.examples
import tools.sessions.matrix
import tools.sessions.pins
import tools.sessions.report
import tools.sessions.shuffle
import tools.sessions.usage
import tools.sweep.session
import tools.upstream.session
from tools.environments import cells, install, store, variables
from tools.environments.cells import LOCKS
from tools.sessions.parameters import parametrize

nox.needs_version = ">=2026.8.17"  # sessions in parallel; it runs on Python 3.10 and later
nox.options.default_venv_backend = "uv"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]

CHECKED = ("patch", "tests", "bench", "tools", "noxfile.py")

variables.prepare()
if store.open_run():
    atexit.register(tools.sessions.matrix.write_report)


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
    tools.sessions.examples.check_types(session)


@nox.session(requires=["lint", "types"])
def tests(session: nox.Session) -> None:
    """Run lint and types, then the tests of patch, kit and tools, on the Python that runs nox."""
    install.install(session, session.env_dir, LOCKS / "tests.txt", tools.sessions.coverage.LOCK)
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    for suite in tools.sessions.coverage.suites():
        tools.sessions.coverage.run(session, suite)
    tools.sessions.coverage.report(session)
    # Each in a new interpreter, with the patch before botocore: what no warm process can show.
    patched = ("tests/matrix/test_noredirect_patched.py", "tests/matrix/test_redirects_patched.py")
    session.run("pytest", "--patch-first", "--store=sockets", *patched)
    session.run("pytest", "tests/dialects")
    session.run("pytest", "tests/matrix")


@nox.session
def shuffle(session: nox.Session) -> None:
    """Run the files of these tests in random order, 50 times (`-- --help`)."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    tools.sessions.shuffle.run(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """Say which lines and branches no test runs; run what was not measured first."""
    install.install(session, session.env_dir, LOCKS / "tests.txt", tools.sessions.coverage.LOCK)
    tools.sessions.coverage.run_missing(session)


@nox.session(allow_parallel=True)
@parametrize(cells.PINNED, tagged=cells.PINNED)
def matrix(session: nox.Session, cell: str) -> None:
    """Run the four quadrants on every pinned cell, or on BOTOCORE_VERSION and its like."""
    tools.sessions.matrix.run(session, cell)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run the contract for stock clients, the patch of `aistore` and ours: docs/conformance.md."""
    tools.sessions.conformance.run(session)


@nox.session
@parametrize([*cells.OLD, *cells.QUICK_ASYNCHRONOUS], tagged=cells.MEASURED)
def wire(session: nox.Session, cell: str) -> None:
    """Run the tests over real sockets on some more cells, or on BOTOCORE_VERSION and its like."""
    chosen, lock = tools.sessions.matrix.find_cell_and_lock(session, cell)
    install.install(session, session.env_dir, lock, tools.sessions.coverage.LOCK)
    if session.posargs:
        session.run("pytest", *chosen.pytest_options, *session.posargs)
    else:
        tools.sessions.coverage.run_cell(session, chosen)


@nox.session
@parametrize(cells.UPSTREAM)
def upstream(session: nox.Session, cell: str) -> None:
    """Run the tests of botocore and s3transfer without and with the patch, and compare."""
    tools.upstream.session.run(session, tools.sessions.matrix.find_cell_and_lock(session, cell)[1])


@nox.session
@parametrize([cells.NEWEST_CELL])
def inert(session: nox.Session, cell: str) -> None:
    """Compare every operation of AWS with and without the patch, on the newest botocore."""
    _, lock = tools.sessions.matrix.find_cell_and_lock(session, cell)
    others = install.install_with(session, lock)
    session.run("python", "-m", "inert", *others, env={"PYTHONPATH": "tests"})


@nox.session
def guards(session: nox.Session) -> None:
    """Show that the guards of the quadrants notice the patches of botocore that people use."""
    install.install(session, session.env_dir, LOCKS / "guards.txt")
    session.run("pytest", *(session.posargs or ["tests/guards"]))


@nox.session
def programs(session: nox.Session) -> None:
    """Run programs that use S3 through s3fs, pandas, aioboto3, Dask and zarr."""
    install.install(session, session.env_dir, LOCKS / "programs.txt")
    session.run("pytest", *(session.posargs or ["tests/programs"]))


@nox.session
@nox.parametrize("lock", [*cells.AWS_CLI], ids=[*cells.AWS_CLI])
def cli(session: nox.Session, lock: str) -> None:
    """Run commands of the AWS CLI, with the plugin, against a store that redirects."""
    install.install(session, session.env_dir, LOCKS / f"{lock}.txt")
    session.run("pytest", *(session.posargs or ["tests/cli"]))


@nox.session
def crt(session: nox.Session) -> None:
    """Run what boto3 and botocore do with awscrt against a store that redirects."""
    install.install(session, session.env_dir, LOCKS / "crt.txt")
    session.run("pytest", *(session.posargs or ["tests/crt"]))


@nox.session
def workers(session: nox.Session) -> None:
    """Run examples/workers: multiprocessing, joblib, Dask, Celery, gunicorn (`-- --help`)."""
    others = install.install_with(session, LOCKS / "workers.txt")
    session.run("pytest", *(others or ["tests/workers"]))


@nox.session(venv_backend="none")
def census(session: nox.Session) -> None:
    """Update the list of botocore's releases and their classes, requirements/census.json."""
    session.run(sys.executable, "-m", "tools.releases.census", *session.posargs, external=True)


@nox.session
def suffixes(session: nox.Session) -> None:
    """Update the public suffix list of the patch."""
    session.install("--upgrade", "publicsuffixlist")
    session.run("python", "-m", "tools.sessions.suffixes", *session.posargs)


@nox.session
def sweep(session: nox.Session) -> None:
    """Run one release of every class of botocore that no cell runs (`-- --help`)."""
    tools.sweep.session.run(session)


@nox.session
def bisect(session: nox.Session) -> None:
    """Find the release of botocore that changed the outcome of a test."""
    tools.bisect.probe.run(session)


@nox.session(venv_backend="none")
def report(session: nox.Session) -> None:
    """Write the report of the last matrix run; publish or check the documents made of it."""
    tools.sessions.report.run(session)


@nox.session
def demo(session: nox.Session) -> None:
    """Show how stock boto3 fails at a redirect, and how patched boto3 follows it."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    session.run("python", "-m", "botocore_redirect", "demo")


@nox.session
def examples(session: nox.Session) -> None:
    """Run the tests of each program in examples/ outside of the checkout, with the wheel."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    tools.sessions.examples.run_tests(session)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the patch beside stock boto3 and beside the patch of `aistore`."""
    install.install(session, session.env_dir, LOCKS / "tests.txt")
    install.add_packages(session, session.env_dir, LOCKS / "tests.txt", ["aistore"])
    asynchronous = install.BUILT / "bench-aiobotocore"  # it pins an older botocore
    install.create(session, asynchronous, cells.PYTHON)
    install.install(session, asynchronous, cells.ASYNCHRONOUS[-1].lock())
    others = [
        f"--nox={sys.executable}",
        f"--aio={install.find_program(session, asynchronous, 'python')}",
    ]
    session.run("python", "bench/bench.py", *others, *session.posargs)


@nox.session(venv_backend="none")
def pins(session: nox.Session) -> None:
    """Compile the locks of all environments, or propose new cells."""
    tools.sessions.pins.run(session)


tools.sessions.usage.answer_help(globals(), sys.argv[1:])
