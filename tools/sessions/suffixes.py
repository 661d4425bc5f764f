"""The public suffix list that comes with the package, made from the newest on the package index.

PyPI's `publicsuffixlist` carries the list as its authors publish it, and is released when it
changes. What the patch needs of it is its rules alone: see `render`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "patch"))

from botocore_redirect.rules.hosts.addresses import to_ascii  # noqa: E402  # found through the line above

PACKAGE = "publicsuffixlist"
RULES = ROOT / "patch" / "botocore_redirect" / "data" / "public_suffix_list.txt"
#: The list's own test cases, for tests/unit/rules/hosts/test_suffixes.py.
CASES = ROOT / "tests" / "unit" / "rules" / "hosts" / "public_suffix_cases.txt"

_END = "// ===END PRIVATE DOMAINS==="
_RULE = re.compile(r"(?:!|\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_HEADER = """\
# The rules of the public suffix list, as the patch reads them (rules/hosts/suffixes): exceptions,
# wildcards, names. Made by `nox -s suffixes` from https://publicsuffix.org/list/, without comments
# and without rules of one label (the default rule says the same), names in punycode.
#
# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.
#
"""


class SuffixListError(Exception):
    """The list cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class SuffixList:
    """What a public suffix list says of itself, and its rules of several labels, in punycode."""

    version: str
    commit: str
    rules: frozenset[str]


def parse(text: str) -> SuffixList:
    """Read a list in the form in which its authors publish it."""
    if _END not in text:
        raise SuffixListError(f"The list is cut off: its line {_END!r} is missing.")
    version, commit = (_header(text, "//", key) for key in ("VERSION", "COMMIT"))
    lines = (line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip())
    rules = [to_ascii(line.lower()) for line in lines if not line.startswith("//")]
    if strange := [rule for rule in rules if not _RULE.fullmatch(rule)]:
        raise SuffixListError(
            f"{strange[0]!r} is a rule that rules/hosts/suffixes.py of the patch does not know:"
            " teach it that form first."
        )
    return SuffixList(version, commit, frozenset(rule for rule in rules if "." in rule))


def render(suffixes: SuffixList) -> str:
    """Write the file that the patch reads: a header and three groups of rules, a rule a line."""
    ordered = sorted(suffixes.rules, key=lambda rule: rule.split(".")[::-1])
    exceptions = [rule for rule in ordered if rule.startswith("!")]
    wildcards = [rule for rule in ordered if rule.startswith("*")]
    names = [rule for rule in ordered if rule[0] not in "!*"]
    head = f"{_HEADER}# VERSION: {suffixes.version}\n# COMMIT: {suffixes.commit}"
    return "\n\n".join([head, *map("\n".join, (exceptions, wildcards, names))]) + "\n"


def read_rendered(text: str) -> SuffixList:
    """Read back what `render` wrote."""
    head, _, rules = text.partition("\n\n")
    return SuffixList(
        _header(head, "#", "VERSION"), _header(head, "#", "COMMIT"), frozenset(rules.split())
    )


def find(name: str) -> Path:
    """Return the path of a file that the installed package carries."""
    try:
        files = metadata.files(PACKAGE) or ()
    except metadata.PackageNotFoundError:
        raise SuffixListError(
            f"{PACKAGE} is not installed here; `nox -s suffixes` installs it."
        ) from None
    for file in files:
        if file.name == name:
            return Path(str(file.locate()))
    raise SuffixListError(f"{PACKAGE} {metadata.version(PACKAGE)} has no file {name}.")


def main(arguments: list[str] | None = None) -> int:
    """Bring the bundled list up to date, or check that it is; return 0, or 1 with the reason."""
    options = make_parser().parse_args(arguments)
    try:
        return _check() if options.check else _update()
    except SuffixListError as problem:
        _tell(str(problem))
        return 1


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(prog="nox -s suffixes --", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if it is stale")
    return parser


def _update() -> int:
    bundled, newest = _read_both()
    cases = find("test_psl.txt").read_text("utf-8")
    RULES.parent.mkdir(exist_ok=True)
    RULES.write_text(render(newest), "ascii")
    CASES.write_text(cases, "utf-8")
    _tell(f"The list of {newest.version}: {len(newest.rules)} rules.{_changes(bundled, newest)}")
    return 0


def _check() -> int:
    bundled, newest = _read_both()
    if bundled and bundled.rules == newest.rules:
        _tell(f"The list of {bundled.version} is up to date: {len(bundled.rules)} rules.")
        return 0
    _tell(
        f"The list here is {f'of {bundled.version}' if bundled else 'missing'}; there is one of"
        f" {newest.version}.{_changes(bundled, newest)} Bring it up to date: nox -s suffixes"
    )
    return 1


def _read_both() -> tuple[SuffixList | None, SuffixList]:
    """Return the bundled list and the newest, which is never the older one."""
    newest = parse(find("public_suffix_list.dat").read_text("utf-8"))
    bundled = read_rendered(RULES.read_text("ascii")) if RULES.exists() else None
    if bundled and newest.version < bundled.version:  # both begin with the date
        raise SuffixListError(
            f"{PACKAGE} {metadata.version(PACKAGE)} carries the list of {newest.version}, which is"
            f" older than the one here, {bundled.version}; see that the package index of your pip"
            " configuration can be reached."
        )
    return bundled, newest


def _changes(bundled: SuffixList | None, newest: SuffixList) -> str:
    before = bundled.rules if bundled else frozenset()
    return f" New: {_some(newest.rules - before)}. Gone: {_some(before - newest.rules)}."


def _some(rules: Iterable[str], at_most: int = 5) -> str:
    listed = sorted(rules)
    rest = f" and {len(listed) - at_most} more" if len(listed) > at_most else ""
    return ", ".join(listed[:at_most]) + rest or "none"


def _header(text: str, comment: str, key: str) -> str:
    found = re.search(rf"(?m)^{comment} {key}: (\S+)$", text)
    if found is None:
        raise SuffixListError(f"The list has no line '{comment} {key}: ...': its age is unknown.")
    return found[1]


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
