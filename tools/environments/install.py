"""Build environments: the wheel of this project, and the packages of a lock."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import nox

from tools.environments import resolver

BUILT = Path(".nox")
_STAMP = ".installed"
_SOURCES = (
    *("patch", "pyproject.toml", "README.md", "LICENSE"),
    *("requirements/census.json", "requirements/functions.json"),
    *("requirements/proof.json", "requirements/sweep.json"),
)


def digest(*paths: Path) -> str:
    """Return one digest of the files, and of all files below the folders."""
    whole = hashlib.sha256()
    for path in paths:
        for file in _files(path):
            whole.update(f"{file.as_posix()}\0{file.stat().st_size}\0".encode())
            whole.update(file.read_bytes())
    return whole.hexdigest()


def keep_folder(folder: Path, *sources: Path) -> Path:
    """Return the subfolder for these sources, and remove those for other sources."""
    mine = folder / digest(*sources)[:16]
    mine.mkdir(parents=True, exist_ok=True)
    for other in folder.iterdir():
        if other != mine:
            shutil.rmtree(other, ignore_errors=True)
    return mine


def sync(session: nox.Session, environment: Path, *locks: Path) -> None:
    """Install exactly what the locks say, checking every hash."""
    stamp = environment / _STAMP
    config = environment / "pyvenv.cfg"  # names the Python
    wanted = digest(*locks, *([config] if config.is_file() else []))
    # uv takes a second to find that nothing changed, and a warm matrix has many environments.
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    stamp.unlink(missing_ok=True)
    done = session.run_install(
        "uv",
        "pip",
        "sync",
        "--require-hashes",
        f"--python={environment}",
        *map(str, locks),
        silent=True,
    )
    if done is not None:  # `nox -R` installs nothing
        stamp.write_text(wanted, "utf-8")


def delete_stamp(environment: Path) -> None:
    """Make the next `sync` check an environment that something else was installed into."""
    (environment / _STAMP).unlink(missing_ok=True)


def install(session: nox.Session, environment: Path, *locks: Path) -> None:
    """Install exactly what the locks say, and the wheel of this project."""
    sync(session, environment, *locks, build_wheel(session))


def add_packages(
    session: nox.Session, environment: Path, lock: Path, packages: Sequence[str]
) -> None:
    """Install the newest versions of packages that fit what the lock pins.

    The next `sync` removes them.
    """
    delete_stamp(environment)
    try:
        resolver.install(environment, lock, packages)
    except resolver.ResolverError as error:
        session.error(str(error).rstrip("."))


def install_with(session: nox.Session, lock: Path) -> list[str]:
    """Install a lock, our wheel, and each `--with PACKAGE`; return the other arguments."""
    try:
        packages, others = split_packages(session.posargs)
    except ValueError as error:
        session.error(str(error).rstrip("."))
    install(session, session.env_dir, lock)
    if packages:
        add_packages(session, session.env_dir, lock, packages)
    return others


def split_packages(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the package of each `--with PACKAGE`, and the other arguments.

    Raises `ValueError` if a `--with` has no package.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--with", action="append", default=[], dest="packages")
    try:
        options, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise ValueError(f"{error}: write --with PACKAGE for what a subject needs.") from error
    return options.packages, others


def create(session: nox.Session, environment: Path, python: str) -> None:
    """Create an environment beside the session's own, or keep an existing one."""
    session.run_install(
        "uv", "venv", "--allow-existing", f"--python={python}", str(environment), silent=True
    )


def build_wheel(session: nox.Session) -> Path:
    """Build the wheel that all environments get; return the file with its requirement.

    It is built once for each state of the sources, by the first session that needs it.
    """
    sources = digest(*(Path(source) for source in _SOURCES))[:16]
    folder = (BUILT / "wheel" / sources).resolve()
    requirement = folder / "wheel.txt"
    if requirement.is_file():
        return requirement
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Sessions may run at the same time, so the folder gets its name when it is complete.
    fresh = Path(tempfile.mkdtemp(dir=folder.parent))
    if session.run_install("uv", "build", "--wheel", f"--out-dir={fresh}", silent=True) is None:
        fresh.rmdir()  # `nox -R` builds nothing
        return requirement
    (wheel,) = fresh.glob("*.whl")
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    url = (folder / wheel.name).as_uri()
    (fresh / requirement.name).write_text(
        f"botocore-redirect @ {url} --hash=sha256:{checksum}\n", "utf-8"
    )
    try:
        fresh.rename(folder)
    except OSError:  # another session was faster
        shutil.rmtree(fresh)
    return requirement


def identify_interpreter(environment: Path) -> str:
    """Identify the interpreter of an environment; an upgrade in place changes the result."""
    config = (environment / "pyvenv.cfg").read_text("utf-8")
    home = re.search(r"(?m)^home *= *(.+)$", config)
    files = sorted(Path(home[1]).glob("python*")) if home else []
    return repr((config, [(file.name, file.stat().st_mtime_ns) for file in files]))


def find_program(session: nox.Session, environment: Path, name: str) -> str:
    """Return the path of a program of an environment."""
    return str(environment / Path(session.bin).name / name)


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    below = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return sorted(file for file in below if "__pycache__" not in file.parts)
