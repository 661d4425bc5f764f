"""Compile requirements with uv; and when no versions fit, find out which would."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tools.cells import CLIENT, PINNED, PYTHON, Cell


class ResolverError(Exception):
    """The resolver could not answer, for one: the package index cannot be reached."""


class NoFitError(ResolverError):
    """The resolver answered: no set of versions fits."""


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


def explain(cell: Cell) -> str:
    """Say in one sentence why the versions of a cell cannot be had, and which could."""
    for package, version in cell.versions.items():
        if not _is_version(version):
            return f"There is no {package} {version!r}: a version looks like {PINNED[-1].botocore}."
        if not _resolve([f"{package}=={version}"], "--no-deps"):
            nearest = _nearest(package, version)
            return f"There is no {package} {version} for Python {PYTHON}: {nearest}."
    if len(cell.versions) > 1 and not _resolve(cell.pins):
        botocore, boto3 = cell.pins
        return (
            f"boto3 {cell.boto3} and botocore {cell.botocore} do not fit together: "
            f"boto3 {cell.boto3} goes with botocore {_span('botocore', boto3)}, "
            f"botocore {cell.botocore} with boto3 {_span('boto3', botocore)}."
        )
    try:
        _compile([*cell.pins, *CLIENT])
    except NoFitError as error:
        return f"{' and '.join(cell.pins)} and what the tests need do not fit together: {error}"
    return f"{' and '.join(cell.pins)} can be had."


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _nearest(package: str, version: str) -> str:
    below = _resolve([f"{package}<{version}"], "--no-deps").get(package)
    above = _resolve([f"{package}>{version}"], "--no-deps", "--resolution=lowest").get(package)
    if below and above:
        return f"the nearest are {below} and {above}"
    return f"the newest is {below}" if below else f"the oldest is {above}"


def _span(package: str, beside: str) -> str:
    lowest = _resolve([package, beside], "--resolution=lowest-direct").get(package, "nothing")
    highest = _resolve([package, beside]).get(package, "nothing")
    return lowest if lowest == highest else f"{lowest} to {highest}"


def _resolve(requirements: Iterable[str], *options: str) -> dict[str, str]:
    """Give the versions that fit, by package; nothing when none do."""
    try:
        answer = _compile(requirements, "--no-annotate", "--no-header", *options)
    except NoFitError:
        return {}
    return dict(line.split("==") for line in answer.splitlines())


def _compile(requirements: Iterable[str], *options: str) -> str:
    command = [_uv(), "pip", "compile", "-", "--no-build", "--color=never"]
    if not any(option.startswith("--python-version") for option in options):
        command.append(f"--python-version={PYTHON}")
    answer = subprocess.run(  # noqa: S603 - the arguments are ours
        [*command, *options],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode == 0:
        return answer.stdout
    reason = " ".join(re.sub(r"(?m)^\s*(error|cause):", "", answer.stderr).split())
    _, no_fit, why = reason.partition("No solution found when resolving dependencies")
    # An index that refuses, or is not asked, looks like one without a version of the package.
    if no_fit and "was not found in the" not in why and "network was disabled" not in why:
        raise NoFitError(why.strip())
    if "Couldn't parse requirement" in reason:
        raise NoFitError(reason)
    raise ResolverError(f"The package index gave no answer: {reason}")


def _uv() -> str:
    """Find uv beside this Python, where `pip install nox[uv]` puts it, or on the PATH."""
    found = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    if not found:
        raise ResolverError("These sessions need uv: install it with `pip install 'nox[uv]'`.")
    return found
