"""Compile requirements with uv; and when no versions fit, find out which would."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tools.environments.cells import CLIENT, PINNED, Cell


class ResolverError(Exception):
    """The resolver failed, for example because the package index cannot be reached."""


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


def compile_cell(cell: Cell, path: Path, *options: str) -> bool:
    """Write the lock of a cell: its client, and the newest moto that fits beside it.

    The client is resolved alone first, so that moto does not influence its versions. Return whether
    a moto fits; if a cell names its moto, that one must.
    """
    python = f"--python-version={cell.python}"
    client = path.with_suffix(".client")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        shutil.copy(path, client)
    try:
        requirements = [*cell.pins, *CLIENT]
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


def explain(cell: Cell) -> str:
    """Say in one sentence why the versions of a cell do not fit, and which would."""
    for package, version in cell.versions.items():
        if not _is_version(version):
            return f"There is no {package} {version!r}: a version looks like {PINNED[-1].botocore}."
        if not _resolve(cell, [f"{package}=={version}"], "--no-deps"):
            nearest = _nearest(cell, package, version)
            return f"There is no {package} {version} for Python {cell.python}: {nearest}."
    pins = {package: f"{package}=={version}" for package, version in cell.versions.items()}
    for (one, its), (other, others) in itertools.combinations(pins.items(), 2):
        # boto3 decides which botocore fits the others.
        if not _resolve(cell, [its, others, "boto3"]):
            first, second = its.replace("==", " "), others.replace("==", " ")
            return (
                f"{second} and {first} do not fit together: "
                f"{second} goes with {one} {_span(cell, one, others)}, "
                f"{first} with {other} {_span(cell, other, its)}."
            )
    try:
        _compile([*cell.pins, *cell.in_process, *CLIENT], f"--python-version={cell.python}")
    except NoFitError as error:
        named = " and ".join(pins.values()) or "The newest versions"
        return f"{named} and what the tests need do not fit together: {error}"
    return f"{' and '.join(pins.values())} fit together."


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _nearest(cell: Cell, package: str, version: str) -> str:
    below = _resolve(cell, [f"{package}<{version}"], "--no-deps").get(package)
    above = _resolve(cell, [f"{package}>{version}"], "--no-deps", "--resolution=lowest").get(
        package
    )
    if below and above:
        return f"the nearest are {below} and {above}"
    return f"the newest is {below}" if below else f"the oldest is {above}"


def _span(cell: Cell, package: str, beside: str) -> str:
    # With the newest boto3, which the resolver would take, nothing old fits.
    wanted = [package, beside, "boto3"]
    lowest = _resolve(cell, wanted, "--resolution=lowest-direct")
    highest = _resolve(cell, wanted)
    ends = [versions.get(package, "nothing") for versions in (lowest, highest)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _resolve(cell: Cell, requirements: Iterable[str], *options: str) -> dict[str, str]:
    """Return the versions that fit, by package; empty if none do."""
    python = f"--python-version={cell.python}"
    try:
        answer = _compile(requirements, "--no-annotate", "--no-header", python, *options)
    except NoFitError:
        return {}
    return dict(line.split("==") for line in answer.splitlines())


def _compile(requirements: Iterable[str], *options: str) -> str:
    command = [find_uv(), "pip", "compile", "-", "--no-build", "--color=never"]
    answer = _uv([*command, *options], "\n".join(requirements))
    if answer.returncode == 0:
        return answer.stdout
    reason = _error_text(answer)
    _, no_fit, why = reason.partition("No solution found when resolving dependencies")
    # The same message appears if the index refused the request, or was not asked.
    if no_fit and "was not found in the" not in why and "network was disabled" not in why:
        raise NoFitError(why.strip())
    if "Couldn't parse requirement" in reason:
        raise NoFitError(reason)
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
