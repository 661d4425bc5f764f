"""The census: every supported release of botocore, and the class that it belongs to.

Releases of a class run the same code in an S3 call, so what is proven for one holds for all.
requirements/census.json holds `releases` (release -> class, or null if it was not read; a class is
named after its first release), `classes` (class -> digest and last release) and `functions`
(function that the patch relies on -> release that changed it -> digest, or null if it is missing).
requirements/functions.json has the other functions of the request path, by class.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from botocore_redirect.commands.source_digests import (
    RELIED_ON,
    REQUEST_PATH,
    SourceDigests,
    UnreadableSource,
)
from tools.environments.resolver import ResolverError, find_uv
from tools.releases import functions as all_functions
from tools.releases.index import CensusError, Clone, list_supported, read_wheel
from tools.releases.versions import ReleaseError, find_newest
from tools.results.outcomes import plural, version_key
from tools.sessions.usage import positive_int

ROOT = Path(__file__).parents[2]
CENSUS = ROOT / "requirements" / "census.json"
FUNCTIONS = CENSUS.with_name("functions.json")
#: Releases younger than this many days need not be in the census yet.
COOLDOWN = 7
#: Download at most this many wheels, of the newest unknown releases; a clone has the others.
DOWNLOADS = 4
_MADE_FOR = hashlib.sha256("\n".join(REQUEST_PATH).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Facts:
    """The digests of a release that was read."""

    digest: str
    #: Those of the functions that the patch relies on.
    functions: tuple[str | None, ...]
    #: Those of all functions of the request path.
    all_functions: all_functions.Functions = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, digests: SourceDigests) -> Facts:
        functions = all_functions.shorten(digests.functions)
        return cls(digests.digest, tuple(digests.relied_on.values()), functions)


#: Release -> its facts, or None if it was not read; oldest first.
Census = dict[str, Optional[Facts]]


def load(text: str, functions: str = "{}") -> Census:
    """Read a census back, from its file and from that of all functions.

    Raises `CensusError` for one that was made for another request path or for other functions,
    which can only be made anew.
    """
    data = json.loads(text)
    if data["made_for"] != _MADE_FOR or tuple(data["functions"]) != RELIED_ON:
        raise CensusError(
            "The census was made for other files or functions than source_digests.py names: run"
            " `nox -s census -- --anew --clone FOLDER`."
        )
    by_class = all_functions.load(functions, data["classes"])
    known: Census = {}
    now: dict[str, str | None] = {}
    for release, name in data["releases"].items():
        for function, history in data["functions"].items():
            if release in history:
                now[function] = history[release]
        if name is None:
            known[release] = None
            continue
        digest = data["classes"][name]["digest"]
        known[release] = Facts(digest, tuple(now[f] for f in RELIED_ON), by_class[name])
    return known


def render(census: Census, date: str) -> str:
    """Return the file of a census, read on a date: a line for each release, class and function."""
    releases: dict[str, str | None] = {}
    classes: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    functions: dict[str, dict[str, str | None]] = {name: {} for name in RELIED_ON}
    before: tuple[str | None, ...] | None = None
    for release in sorted(census, key=version_key):
        facts = census[release]
        if facts is None:
            releases[release] = None
            continue
        name = releases[release] = names.setdefault(facts.digest, release)
        classes[name] = {"digest": facts.digest, "last": release}
        for at, function in enumerate(RELIED_ON):
            if before is None or before[at] != facts.functions[at]:
                functions[function][release] = facts.functions[at]
        before = facts.functions
    tables: dict[str, dict[str, Any]] = {
        "releases": releases,
        "classes": classes,
        "functions": functions,
    }
    texts = [f'"asked": {json.dumps(date)}', f'"made_for": {json.dumps(_MADE_FOR)}']
    texts += [f'"{name}": {_lines(table)}' for name, table in tables.items()]
    return "{\n" + ",\n".join(texts) + "\n}\n"


def render_functions(census: Census) -> str:
    """Return the file of all functions."""
    names: dict[str, str] = {}
    by_class = {}
    for release in sorted(census, key=version_key):
        facts = census[release]
        if facts and facts.digest not in names:
            names[facts.digest] = release
            by_class[release] = facts.all_functions
    return all_functions.render(by_class)


def read_files() -> Census:
    """Read the census and the functions of its classes."""
    if not FUNCTIONS.exists():
        raise CensusError(
            "There is no requirements/functions.json: run `nox -s census -- --anew --clone FOLDER`."
        )
    return load(CENSUS.read_text("utf-8"), FUNCTIONS.read_text("utf-8"))


def _lines(table: dict[str, Any]) -> str:
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def summarize(census: Census) -> str:
    """Describe a census in one line."""
    read = [facts for facts in census.values() if facts]
    releases = sorted(census, key=version_key)
    return (
        f"{len(census)} releases from {releases[0]} to {releases[-1]}:"
        f" {len({facts.digest for facts in read})} classes,"
        f" {len({facts.functions for facts in read})} states of the functions that the patch uses,"
        f" {len(census) - len(read)} releases not read"
    )


def main(arguments: list[str] | None = None) -> int:
    """Refresh the census or check that it is fresh; return 0, or 1 with the reason printed."""
    options = make_parser().parse_args(arguments)
    try:
        return _check() if options.check else _refresh(options)
    except (CensusError, ReleaseError, ResolverError, UnreadableSource) as problem:
        _print(str(problem))
        return 1


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(prog="nox -s census --", description=main.__doc__)
    add = parser.add_argument
    add("--clone", type=Path, metavar="FOLDER", help="read releases from a git clone of botocore")
    limit = "download at most N wheels (default: %(default)s)"
    add("--downloads", type=positive_int, default=DOWNLOADS, metavar="N", help=limit)
    add("--anew", action="store_true", help="discard the existing census")
    unread = f"a release that came out {COOLDOWN} days ago or earlier was not read"
    add("--check", action="store_true", help=f"read nothing; fail if {unread}")
    return parser


def _refresh(options: argparse.Namespace) -> int:
    census: Census = {} if options.anew or not CENSUS.exists() else read_files()
    releases = _list_releases(census)
    census = {release: census.get(release) for release in releases}
    if options.clone:
        clone = Clone(options.clone)
        tagged = set(clone.releases())
        wanted = [release for release in releases if release in tagged and not census[release]]
        for at in range(0, len(wanted), 100):
            _print(f"reading {wanted[at]} and later from the clone: {at} of {len(wanted)} done")
            for release, digests in clone.read_digests(wanted[at : at + 100]):
                census[release] = Facts.of(digests)
    # Releases between two of one class are read as well: a change may have been taken back.
    missing = [release for release in reversed(releases) if not census[release]]
    for release in missing[: options.downloads]:
        _print(f"downloading {release}")
        census[release] = Facts.of(read_wheel(release))
    CENSUS.write_text(render(census, f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}"), "utf-8")
    FUNCTIONS.write_text(render_functions(census), "utf-8")
    _print(f"{summarize(census)}.")
    if left := list(census.values()).count(None):
        _print(f"To read the rest, run {_name_command(left)}.")
    return 0


def _check() -> int:
    """Fail if the census lacks a release that is older than the cooldown, or did not read it."""
    if not CENSUS.exists():
        raise CensusError("There is no requirements/census.json: run `nox -s census`.")
    census = read_files()
    today = dt.datetime.now(dt.timezone.utc).date()
    newest = find_newest(find_uv(), today - dt.timedelta(days=COOLDOWN))
    unread = [each for each in _list_releases(census, newest) if not census.get(each)]
    if due := [each for each in unread if version_key(each) <= version_key(newest)]:
        span = due[0] if len(due) == 1 else f"from {due[0]} to {due[-1]}"
        _print(
            f"The census has not read {plural(len(due), 'release')} of botocore ({span}) that"
            f" came out {COOLDOWN} days ago or earlier: run {_name_command(len(unread))}."
        )
        return 1
    _print(f"The census is fresh: {summarize(census)}.")
    return 0


def _list_releases(census: Census, *more: str) -> list[str]:
    """List the releases of the index, of the census and `more`, oldest first."""
    listed = list_supported()
    newest = max(census, key=version_key, default="")
    if version_key(listed[-1]) < version_key(newest):
        # pip lists what it can reach, and does not fail if one of several indexes is missing.
        raise CensusError(
            f"pip lists botocore up to {listed[-1]}, but the census has {newest}; check that your"
            " pip configuration reaches the package index."
        )
    # A release that was withdrawn from the index is still installed somewhere.
    return sorted({*listed, *census, *more}, key=version_key)


def _name_command(unread: int) -> str:
    """Return the command that reads so many releases."""
    if unread <= DOWNLOADS:
        return "`nox -s census`"
    return (
        f"`nox -s census -- --downloads {unread}`, or `nox -s census -- --clone FOLDER` with an"
        " up-to-date clone of botocore"
    )


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
