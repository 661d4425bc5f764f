"""The public suffix list that comes with the package, made from the newest on the package index.

PyPI's `publicsuffixlist` carries the list as its authors publish it, and is released when it
changes. The patch needs only the rules of several labels: the default rule covers the others.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib import metadata
from pathlib import Path

from botocore_redirect.rules.hosts.addresses import to_ascii

ROOT = Path(__file__).parents[2]
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
    """The list cannot be used; the message says why and what to do."""


def convert(text: str) -> str:
    """Make the file that the patch reads of a list in the form in which its authors publish it."""
    if _END not in text:
        raise SuffixListError(f"The list is cut off: its line {_END!r} is missing.")
    lines = (line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip())
    rules = {to_ascii(line.lower()) for line in lines if not line.startswith("//")}
    if unknown := sorted(rule for rule in rules if not _RULE.fullmatch(rule)):
        raise SuffixListError(
            f"rules/hosts/suffixes.py of the patch cannot read the rule {unknown[0]!r}: extend it"
            " first."
        )
    ordered = sorted((rule for rule in rules if "." in rule), key=lambda r: r.split(".")[::-1])
    exceptions = [rule for rule in ordered if rule.startswith("!")]
    wildcards = [rule for rule in ordered if rule.startswith("*")]
    names = [rule for rule in ordered if rule[0] not in "!*"]
    version, commit = (_read_header(text, key) for key in ("VERSION", "COMMIT"))
    head = f"{_HEADER}# VERSION: {version}\n# COMMIT: {commit}"
    return "\n\n".join([head, *map("\n".join, (exceptions, wildcards, names))]) + "\n"


def find(name: str) -> Path:
    """Return the path of a file of the installed package."""
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
    """Update the bundled list, or check that it is up to date; return 0, or 1 with the reason."""
    options = make_parser().parse_args(arguments)
    try:
        message, status = _check() if options.check else _update()
    except SuffixListError as problem:
        message, status = str(problem), 1
    print(message, file=sys.stderr)
    return status


def make_parser() -> argparse.ArgumentParser:
    """Describe the arguments of the session."""
    parser = argparse.ArgumentParser(prog="nox -s suffixes --", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if it is stale")
    return parser


def _update() -> tuple[str, int]:
    _, newest = _read_both()
    cases = find("test_psl.txt").read_text("utf-8")
    RULES.parent.mkdir(exist_ok=True)
    RULES.write_text(newest, "ascii")
    CASES.write_text(cases, "utf-8")
    return f"The list is now that of {_read_header(newest, 'VERSION')}.", 0


def _check() -> tuple[str, int]:
    bundled, newest = _read_both()
    if _read_rules(bundled) == _read_rules(newest):
        return f"The list of {_read_header(bundled, 'VERSION')} is up to date.", 0
    return "The list is not the newest: run `nox -s suffixes`, and commit what changes.", 1


def _read_both() -> tuple[str, str]:
    """Return the bundled list, "" if there is none, and the newest, which is not older."""
    newest = convert(find("public_suffix_list.dat").read_text("utf-8"))
    bundled = RULES.read_text("ascii") if RULES.exists() else ""
    if bundled and _read_header(newest, "VERSION") < _read_header(bundled, "VERSION"):  # dates
        raise SuffixListError(
            f"{PACKAGE} {metadata.version(PACKAGE)} carries a list that is older than the one here;"
            " check that your pip configuration reaches the package index."
        )
    return bundled, newest


def _read_rules(text: str) -> set[str]:
    return {*text.partition("\n\n")[2].split()}


def _read_header(text: str, key: str) -> str:
    found = re.search(rf"(?m)^(?://|#) {key}: (\S+)$", text)
    if found is None:
        raise SuffixListError(f"The list has no line '{key}: ...': its age is unknown.")
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
