"""The releases of botocore: which there are, and which lie between two."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

_PIP = "pip>=25.1"  # the first whose `index versions` answers in JSON
_GAVE_UP = "Retry(total=0"

# pip reads its own configuration. What uv is told by its variables is handed on to it.
_SAME_FOR_PIP = {
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INDEX": "PIP_EXTRA_INDEX_URL",
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
}


class ReleaseError(Exception):
    """What was asked for cannot be looked for; the message says why, and what can."""


def recorded(census: Path) -> list[str]:
    """Give the releases that the census holds; none when it has not been made."""
    if not census.is_file():
        return []
    return list(json.loads(census.read_text("utf-8"))["releases"])


def published(uv: str) -> list[str]:
    """Ask the package index for all releases, by pip and by what pip and uv are told here."""
    answer = pip(uv, "index", "versions", "botocore", "--json", "--ignore-requires-python")
    return list(json.loads(answer)["versions"])


def newest_at(uv: str, day: dt.date) -> str:
    """Return the newest release that was on the index on a day (uv knows when each came)."""
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
        why = ended.stderr.strip().splitlines()
        raise ReleaseError(
            f"uv names no botocore of {day} ({why[-1].strip() if why else 'it said nothing'}); see"
            " that the package index of your uv configuration can be reached."
        )
    return found[1]


def pip(uv: str, *command: str) -> str:
    """Run a pip that uv provides, with the user's configuration of both; give what it printed."""
    answer = subprocess.run(  # noqa: S603 - the arguments are ours
        [uv, "tool", "run", "--quiet", f"--from={_PIP}", "pip", *command],
        env={**os.environ, **settings_for_pip(os.environ)},  # uv makes the environments
        capture_output=True,
        text=True,
        check=False,
    )
    # When an index does not answer, pip makes do with the others, and takes what those have.
    if answer.returncode or _GAVE_UP in answer.stderr:
        reason = (answer.stderr.strip().splitlines() or [f"exit status {answer.returncode}"])[-1]
        raise ReleaseError(
            "The package index did not say which botocores there are, or did not give one; see"
            " that the one of your pip and uv configuration can be reached. pip said: " + reason
        )
    return answer.stdout


def between(releases: Iterable[str], good: str, bad: str) -> list[str]:
    """Give the way from `good` to `bad`, both included, whichever of them is the newer."""
    wanted = {end: _parsed(end) for end in (good, bad)}
    if wanted[good] == wanted[bad]:
        raise ReleaseError(
            f"--good and --bad are both {good}: name two releases, of which one is good."
        )
    known = {Version(release): release for release in releases}
    ordered = sorted(known)
    for end, version in wanted.items():
        if version not in known:
            raise ReleaseError(f"There is no botocore {end}: {_nearest(ordered, version)}.")
    low, high = sorted(wanted.values())
    way = [known[version] for version in ordered if low <= version <= high]
    return way if low == wanted[good] else way[::-1]


def settings_for_pip(settings: Mapping[str, str]) -> dict[str, str]:
    """Say in the names of pip's variables what is set in uv's."""
    return {
        pips: " ".join(re.sub(r"^[\w-]+=", "", index) for index in settings[uvs].split())
        for uvs, pips in _SAME_FOR_PIP.items()
        if settings.get(uvs)  # uv's indexes may have names
    }


def _parsed(release: str) -> Version:
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
