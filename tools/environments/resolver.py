"""Compile and install requirements with uv."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.environments.cells import CLIENT, Cell


class ResolverError(Exception):
    """The resolver failed, for example because the package index cannot be reached."""


class NoFitError(ResolverError):
    """No versions fit; the message says which requirements exclude each other."""


def compile_lock(path: Path, requirements: Iterable[str], *options: str) -> None:
    """Write the hashed lock of the requirements.

    Versions that an existing lock holds are kept, unless the options say `--upgrade`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _compile(
        requirements,
        f"--output-file={path}",
        "--generate-hashes",
        "--no-annotate",
        "--no-emit-index-url",
        *options,
    )


def compile_cell(cell: Cell, path: Path, *options: str) -> bool:
    """Write the lock of a cell: its client, and the newest moto that fits beside it, if it has one.

    The client is resolved alone first, so that moto does not influence its versions. Return whether
    a moto fits; if a cell names its moto, that one must.
    """
    python = f"--python-version={cell.language}"
    client = path.with_suffix(".client")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.copy(path, client)
    try:
        requirements = [*cell.pins, *CLIENT]
        if not cell.in_process:
            compile_lock(path, requirements, python, *options)
            return True
        compile_lock(client, requirements, python, *options)
        both = [*requirements, *cell.in_process]
        try:
            compile_lock(path, both, f"--constraints={client}", python, *options)
        except NoFitError:
            if cell.moto:
                raise
            compile_lock(path, requirements, python, *options)
            return False
        return True
    finally:
        client.unlink(missing_ok=True)


def install(environment: Path, lock: Path, packages: Sequence[str]) -> None:
    """Install the newest versions of packages that fit what the lock pins."""
    command = [find_uv(), "pip", "install", "--quiet", "--color=never", f"--python={environment}"]
    answer = _uv([*command, f"--constraints={lock}", *packages])
    if answer.returncode:
        raise ResolverError(
            f"{' and '.join(packages)} cannot be installed beside what {lock} pins:"
            f" {_error_text(answer)}"
        )


def _compile(requirements: Iterable[str], *options: str) -> None:
    command = [find_uv(), "pip", "compile", "-", "--no-build", "--color=never"]
    answer = _uv([*command, *options], "\n".join(requirements))
    if answer.returncode == 0:
        return
    reason = _error_text(answer)
    _, no_fit, why = reason.partition("No solution found when resolving dependencies")
    # The same message appears if the index refused the request, or was not asked.
    if no_fit and "was not found in the" not in why and "network was disabled" not in why:
        raise NoFitError(f"These versions do not fit together: {why.removeprefix(':').strip()}")
    if "Couldn't parse requirement" in reason:
        raise NoFitError(f"This is not a version: {reason}")
    raise ResolverError(f"The package index gave no answer: {reason}")


def _uv(command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the arguments are ours
        command, input=given, capture_output=True, text=True, check=False
    )


def _error_text(answer: subprocess.CompletedProcess[str]) -> str:
    return " ".join(re.sub(r"(?m)^\s*(error|cause):", "", answer.stderr).split())


def find_uv() -> str:
    """Find uv beside this Python, where `pip install nox[uv]` puts it, or on the PATH."""
    found = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    if not found:
        raise ResolverError("These sessions need uv: install it with `pip install 'nox[uv]'`.")
    return found
