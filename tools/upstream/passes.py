"""One pass over the tests of a project: how it is run, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import nox

#: A test that takes longer fails; the longest of botocore's take half a minute.
SECONDS_PER_TEST = 600.0
PLUGINS = Path(__file__).parent / "plugins"
_OUTCOMES = "outcomes.json"
_CALLS = "calls"
_LOG = "log.txt"
_RAN = (0, 1)  # all passed, or some did not
_OPTIONS = (
    *("-q", "--tb=short", "--dist=loadfile", "--continue-on-collection-errors"),
    *("-p", "no:cacheprovider", "-p", "botocore_offline", "-p", "botocore_generators"),
    *("-p", "botocore_timeout", "-p", "botocore_outcomes", "-p", "botocore_calls"),
    *("-p", "s3transfer_serial"),
)
# What must not reach the tests. Other variables that change botocore begin with AWS_.
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Variant(NamedTuple):
    """How the tests of a project are run, if there is more than one way."""

    name: str = ""
    #: The environment variable that asks for it.
    variable: str = ""
    #: Whether each run makes the same calls. With threads, a test may cancel some or leave some.
    is_countable: bool = True


PLAIN = Variant()
VARIANTS = {
    "botocore": [PLAIN],
    "s3transfer": [
        Variant("threads", is_countable=False),
        Variant("serial", "USE_SERIAL_EXECUTOR"),
    ],
}


class Result(NamedTuple):
    """The outcome of a test, and its message if it did not pass."""

    outcome: str
    message: str = ""


@dataclass(frozen=True)
class Pass:
    """What one pass found: results by test id, and counts of calls by file."""

    results: Mapping[str, Result]
    calls: Mapping[str, Counter[str]] = field(default_factory=dict)
    #: Whether the patch was installed in each process at the end.
    is_patched: bool = False


class PassError(Exception):
    """A pass did not finish."""


def run(
    session: nox.Session,
    project: str,
    tests: Path,
    folder: Path,
    options: Sequence[str],
    *,
    is_patched: bool = False,
    mutant: str = "",
    variant: Variant = PLAIN,
) -> Pass:
    """Run the tests of a project in the session's environment, with the patch or without it.

    `tests` is their folder; `folder` gets what the pass leaves. Raises `PassError` if pytest does
    not finish.
    """
    folder = folder.resolve()  # the working directory changes below
    shutil.rmtree(folder, ignore_errors=True)
    for name in (_CALLS, "home"):
        (folder / name).mkdir(parents=True)
    patch = ["-p", "botocore_redirect.auto"] if is_patched else []
    patch += ["-p", "botocore_mutants"] if mutant else []
    variables = {**_variables(folder, variant), "UPSTREAM_MUTANT": mutant}
    with (folder / _LOG).open("w", encoding="utf-8") as log, session.chdir(tests):
        try:
            session.run(
                *("python", "-m", "pytest", *_OPTIONS, *patch, *options),
                env=variables,
                success_codes=_RAN,
                stdout=log,
            )
        except nox.command.CommandFailed as error:
            raise PassError(
                f"A pass over {project}'s tests did not finish: {read_last_line(folder)}"
                f" ({folder / _LOG})."
            ) from error
    return read(folder)


def read(folder: Path) -> Pass:
    """Read what a pass left in a folder."""
    calls: dict[str, Counter[str]] = {}
    installed = []
    for path in sorted((folder / _CALLS).glob("*.json")):
        process = json.loads(path.read_text("utf-8"))
        installed.append(process["installed"])
        for file, counts in process["files"].items():
            calls.setdefault(file, Counter()).update(counts)
    found = json.loads((folder / _OUTCOMES).read_text("utf-8"))
    results = {test: Result(*result) for test, result in found.items()}
    return Pass(results, calls, bool(installed) and all(installed))


def read_last_line(folder: Path) -> str:
    """Return the last line that pytest printed, which counts the outcomes."""
    lines = (folder / _LOG).read_text("utf-8", errors="replace").split("\n")
    return next((line.strip("= ") for line in reversed(lines) if line.strip()), "it said nothing")


def _variables(folder: Path, variant: Variant) -> dict[str, str | None]:
    unwanted = [name for name in os.environ if name.startswith("AWS_") or name.lower() in _PROXIES]
    unwanted += [each.variable for each in chain(*VARIANTS.values()) if each.variable]
    return {
        **dict.fromkeys(unwanted),
        **({variant.variable: "1"} if variant.variable else {}),
        "HOME": str(folder / "home"),
        "PYTHONHASHSEED": "0",  # ids of tests may come from sets
        "PYTHONPATH": str(PLUGINS),
        "UPSTREAM_CALLS": str(folder / _CALLS),
        "UPSTREAM_OUTCOMES": str(folder / _OUTCOMES),
        "UPSTREAM_SECONDS": str(SECONDS_PER_TEST),
    }
