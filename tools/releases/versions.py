"""The releases of botocore: which there are, and which lie between two."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

_PIP = "pip>=25.1"  # the first whose `index versions` answers in JSON
_GAVE_UP = "Retry(total=0"

# pip reads its own configuration; the settings of uv are translated for it.
_SAME_FOR_PIP = {
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INDEX": "PIP_EXTRA_INDEX_URL",
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
}


class ReleaseError(Exception):
    """A release cannot be found; the message says why, and which can."""


def list_recorded(census: Path) -> list[str]:
    """List the releases in the census; none if there is no census."""
    if not census.is_file():
        return []
    return list(json.loads(census.read_text("utf-8"))["releases"])


def list_published(uv: str) -> list[str]:
    """List all releases on the package index that pip and uv are configured for."""
    answer = run_pip(uv, "index", "versions", "botocore", "--json", "--ignore-requires-python")
    return list(json.loads(answer)["versions"])


def find_newest(uv: str, day: dt.date) -> str:
    """Return the newest release that was on the index on a day."""
    ended = subprocess.run(  # noqa: S603 - the arguments are ours
        [
            *(uv, "pip", "compile", "--no-header", "--no-annotate", "--no-deps", "--quiet"),
            *(f"--exclude-newer={day}", "-"),
        ],
        input="botocore",
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^botocore==(\S+)", ended.stdout, re.MULTILINE)
    if ended.returncode or not found:
        why = ended.stderr.strip().splitlines() or ["no output"]
        raise ReleaseError(
            f"uv finds no botocore of {day} ({why[-1].strip()}); check that your uv configuration"
            " reaches the package index."
        )
    return found[1]


def find_upload_date(uv: str, release: str) -> dt.date | None:
    """Return the day on which a release came to the index; None if the index does not say."""
    python = ".".join(map(str, sys.version_info[:2]))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(
            f'[project]\nname = "project"\nversion = "0"\nrequires-python = "=={python}.*"\n'
            f'dependencies = ["botocore=={release}"]\n',
            "utf-8",
        )
        # A lock of uv is the only output of an installer that has the time of each upload.
        options = ("--quiet", "--color=never", f"--project={folder}", f"--python={sys.executable}")
        command = [uv, "lock", *options]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the arguments are ours
        if ended.returncode:
            why = ended.stderr.strip().splitlines() or ["no output"]
            raise ReleaseError(f"uv cannot resolve botocore {release}: {why[-1].strip()}.")
        text = (Path(folder) / "uv.lock").read_text("utf-8")
    file = rf'/botocore-{re.escape(release)}[-.][^"]*"[^}}]*upload-time = "([0-9-]+)T'
    found = re.search(file, text)
    return dt.date.fromisoformat(found[1]) if found else None


def run_pip(uv: str, *command: str) -> str:
    """Run a pip that uv provides, with the user's configuration of both; return its output."""
    answer = subprocess.run(  # noqa: S603 - the arguments are ours
        [uv, "tool", "run", "--quiet", f"--from={_PIP}", "pip", *command],
        env={**os.environ, **translate_settings(os.environ)},  # uv makes the environments
        capture_output=True,
        text=True,
        check=False,
    )
    # If one of several indexes does not answer, pip uses the others and succeeds.
    if answer.returncode or _GAVE_UP in answer.stderr:
        reason = (answer.stderr.strip().splitlines() or [f"exit status {answer.returncode}"])[-1]
        raise ReleaseError(
            "The package index did not answer; check that your pip and uv configuration reaches it."
            f" pip said: {reason}"
        )
    return answer.stdout


def select_span(releases: Iterable[str], good: str, bad: str) -> list[str]:
    """Return the releases from `good` to `bad`, both included; either may be the newer one."""
    wanted = {end: _parse(end) for end in (good, bad)}
    if wanted[good] == wanted[bad]:
        raise ReleaseError(f"--good and --bad are both {good}: name two different releases.")
    known = {Version(release): release for release in releases}
    ordered = sorted(known)
    for end, version in wanted.items():
        if version not in known:
            raise ReleaseError(f"There is no botocore {end}: {_nearest(ordered, version)}.")
    low, high = sorted(wanted.values())
    span = [known[version] for version in ordered if low <= version <= high]
    return span if low == wanted[good] else span[::-1]


def translate_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Translate uv's environment variables to pip's."""
    return {
        pips: " ".join(re.sub(r"^[\w-]+=", "", index) for index in settings[uvs].split())
        for uvs, pips in _SAME_FOR_PIP.items()
        if settings.get(uvs)  # uv's indexes may have names
    }


def _parse(release: str) -> Version:
    try:
        return Version(release)
    except InvalidVersion:
        raise ReleaseError(
            f"There is no botocore {release!r}: a version looks like 1.29.24."
        ) from None


def _nearest(ordered: Sequence[Version], version: Version) -> str:
    below = max((known for known in ordered if known < version), default=None)
    above = min((known for known in ordered if known > version), default=None)
    if below and above:
        return f"the nearest are {below} and {above}"
    return f"the newest is {below}" if below else f"the oldest is {above}"
