"""The sessions of botocore-redirect. `nox` alone runs `tests`; `nox -l` lists all."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))

from tools import cells, environments, resolver
from tools.cells import LOCKS, Cell

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]
# An environment of another Python is not reused.
os.environ["NOX_ENABLE_STALENESS_CHECK"] = "1"

CHECKED = ("patch", "tests", "bench", "tools", "noxfile.py")

# Nothing of the caller's reaches a test: no credentials, no checkout on the path, no switch of
# the patch. And without .pyc files every import takes five times as long.
UNWANTED = ("AWS_", "BOTOCORE_REDIRECT", "BOTO_CONFIG", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
for name in [name for name in os.environ if name.startswith(UNWANTED)]:
    del os.environ[name]
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
    environments.sync(session, session.env_dir, LOCKS / "tools.txt")
    session.run("ruff", "check", *CHECKED)
    session.run("ruff", "format", "--check", *CHECKED)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of all code (mypy --strict)."""
    environments.sync(session, session.env_dir, LOCKS / "tools.txt")
    session.run("mypy", *CHECKED)


@nox.session(requires=["lint", "types"])
def tests(session: nox.Session) -> None:
    """Run lint and types, then every test against the wheel, on the Python that runs nox."""
    environments.install(session, session.env_dir, LOCKS / "tests.txt")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run("pytest", "tests/unit")
    session.run("pytest", "tests/wire")
    session.run("pytest", "tests/matrix")


@nox.session(python=cells.PYTHON)
@nox.parametrize(
    "cell",
    [
        nox.param(cell, id=cell.name, tags=["newest"] if cell.newest else [])
        for cell in ([cells.ASKED] if cells.ASKED else cells.PINNED)
    ],
)
def matrix(session: nox.Session, cell: Cell) -> None:
    """Run the four quadrants on pinned botocores, or on BOTOCORE_VERSION / BOTO3_VERSION."""
    client, with_moto = _resolve(session, cell) if cells.ASKED else cell.locks()

    environments.install(session, session.env_dir, client)
    url = environments.start_store(session)
    _quadrants(session, session.env_dir, "sockets", BOTOCORE_REDIRECT_STORE=url)
    if not session.posargs:
        session.run("pytest", "tests/wire")

    if with_moto:
        second = session.env_dir.with_name(f"{session.env_dir.name}-moto")
        environments.create(session, second)
        environments.install(session, second, with_moto)
        _quadrants(session, second, "in-process")


@nox.session
def demo(session: nox.Session) -> None:
    """Show what stock boto3 makes of a redirect, and what the patch makes of it."""
    environments.install(session, session.env_dir, LOCKS / "tests.txt")
    session.run("python", "-m", "botocore_redirect", "demo", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the patch beside stock boto3 and beside the patch that comes with `aistore`."""
    environments.install(session, session.env_dir, LOCKS / "tests.txt")
    session.install("aistore")
    session.run("python", "bench/bench.py", *session.posargs)


@nox.session(venv_backend="none")
def pins(session: nox.Session) -> None:
    """Compile the locks; `-- --upgrade` takes newer versions, `-- --check` fails on a change."""
    before = _read_locks()
    try:
        _compile_locks([option for option in session.posargs if option != "--check"])
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))

    after = _read_locks()
    changed = sorted(str(lock) for lock in {*before, *after} if before.get(lock) != after.get(lock))
    session.log(f"Locks: {len(after)}. Changed: {', '.join(changed) or 'none'}.")
    if changed and "--check" in session.posargs:
        session.error("The locks were not up to date. They are now: review and commit them")


def _quadrants(session: nox.Session, environment: Path, store: str, **variables: str) -> None:
    pytest = environment / Path(session.bin).name / "pytest"
    arguments = ["tests/matrix", f"--store={store}", *session.posargs]
    session.run(str(pytest), *arguments, env=variables, external=True)


def _resolve(session: nox.Session, cell: Cell) -> tuple[Path, Path | None]:
    """Compile the locks of a cell that is not pinned: of the client, and with moto if one fits."""
    client, with_moto = cell.locks(environments.BUILT / "asked")
    pins = [*cell.pins, *cells.CLIENT]
    try:
        try:
            resolver.compile_lock(client, pins, "--upgrade")
        except resolver.NoFitError:
            session.error(resolver.explain(cell).rstrip("."))
        try:
            fitting = f"--constraints={client}"
            resolver.compile_lock(with_moto, [*pins, *cells.MOTO], fitting, "--upgrade")
        except resolver.NoFitError as error:
            session.warn(f"No moto fits, so the in-process half is left out: {error}")
            return client, None
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))
    return client, with_moto


def _compile_locks(options: list[str]) -> None:
    options = ["--universal", "--custom-compile-command=nox -s pins", *options]
    any_python = [f"--python-version={cells.OLDEST_PYTHON}", *options]
    everything = [*cells.CLIENT, *cells.MOTO]

    resolver.compile_lock(LOCKS / "tests.txt", everything, *any_python)
    # The same tools everywhere: mypy reads their sources, and must understand them as Python 3.9.
    one_for_all = ["--fork-strategy=fewest", *any_python]
    resolver.compile_lock(LOCKS / "tools.txt", cells.TOOLS, *one_for_all)
    resolver.compile_lock(LOCKS / "store.txt", cells.MOTO, *options)
    for cell in cells.PINNED:
        client, with_moto = cell.locks()
        same_client = f"--constraints={client}"
        resolver.compile_lock(client, [*cell.pins, *cells.CLIENT], *options)
        resolver.compile_lock(with_moto, [*cell.pins, *everything], same_client, *options)

    wanted = {lock for cell in cells.PINNED for lock in cell.locks()}
    for lock in {*(LOCKS / "cells").glob("*.txt")} - wanted:
        lock.unlink()


def _read_locks() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in LOCKS.rglob("*.txt")}
