"""What came with the package: the releases of botocore, their code, and what was run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from botocore_redirect.commands.source_digests import SHORT

_FILES = ("census.json", "functions.json", "proof.json", "sweep.json")


@dataclass(frozen=True)
class Records:
    """The files of requirements/, as the wheel has them."""

    #: Every release with its class, and the functions that the patch relies on.
    census: dict[str, Any] = field(default_factory=dict)
    #: Function of the request path -> class that changed it -> digest.
    functions: dict[str, dict[str, str | None]] = field(default_factory=dict)
    #: The cells of the matrix: those that passed, those that failed, those with aiobotocore.
    proof: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: The runs of `nox -s sweep`.
    sweep: list[dict[str, Any]] = field(default_factory=list)
    #: Names of the files that are not there, or cannot be read.
    missing: tuple[str, ...] = ()

    @property
    def releases(self) -> dict[str, str | None]:
        """The class of each release; None for a release that was not read."""
        releases: dict[str, str | None] = self.census.get("releases", {})
        return releases

    def class_of(self, digest: str | None) -> str | None:
        """Return the class of a digest, which is named after its first release."""
        classes = self.census.get("classes", {})
        return next((name for name, each in classes.items() if each["digest"] == digest), None)

    def runs_of(self, release: str) -> list[dict[str, Any]]:
        """Return the environments in which the contract passed on a release."""
        cells = [*self.proof.get("cells", ()), *(run for run in self.sweep if not run["failed"])]
        return [cell for cell in cells if cell["botocore"] == release]

    def failures_of(self, release: str) -> list[str]:
        """Name the tests that failed on a release; for a cell, its versions."""
        found = [
            f"Python {cell['python']} with urllib3 {cell['urllib3']}"
            for cell in self.proof.get("failed", ())
            if cell["botocore"] == release
        ]
        return found + [
            test for run in self.sweep if run["botocore"] == release for test in run["failed"]
        ]

    def failed_releases(self) -> set[str]:
        """Return the releases on which something failed, in one environment or another."""
        failed = {cell["botocore"] for cell in self.proof.get("failed", ())}
        return failed | {run["botocore"] for run in self.sweep if run["failed"]}

    def green_releases(self) -> list[str]:
        """Return the releases that passed wherever they ran, oldest first."""
        ran = {cell["botocore"] for cell in (*self.proof.get("cells", ()), *self.sweep)}
        return sorted(ran - self.failed_releases(), key=order)

    def proving(self, class_: str | None) -> list[str]:
        """Return the green releases of a class; none where one of the class failed."""
        if class_ is None or self.failed_in(class_):
            return []
        return [each for each in self.green_releases() if self.releases.get(each) == class_]

    def failed_in(self, class_: str | None) -> list[str]:
        """Return the releases of a class on which something failed."""
        failed = sorted(self.failed_releases(), key=order)
        return [each for each in failed if class_ and self.releases.get(each) == class_]

    def stock_failures(self, releases: list[str]) -> list[str]:
        """Name the behaviours that stock botocore fails at in one of these releases."""
        runs = [run for run in self.sweep if run["botocore"] in releases]
        return sorted({name for run in runs for name in run["stock_fails"]})

    def relied_on(self, release: str) -> dict[str, str | None] | None:
        """Return the digests of the functions relied upon in a release, None if nobody read it."""
        if not self.releases.get(release):
            return None
        names = list(self.releases)
        return _replay(self.census["functions"], names[: names.index(release) + 1])

    def unknown_functions(self, relied_on: dict[str, str | None]) -> list[str]:
        """Name the functions relied upon that no recorded release has in this form."""
        functions = self.census.get("functions")
        if functions is None:
            return []
        return [
            name
            for name, digest in relied_on.items()
            if digest not in functions.get(name, {}).values()
        ]

    def changed_functions(self, installed: dict[str, str], release: str) -> list[str]:
        """Name the functions of the request path that are not those of a recorded release."""
        class_ = self.releases.get(release)
        classes = list(self.census.get("classes", {}))
        if class_ not in classes or not self.functions:
            return []
        before = _replay(self.functions, classes[: classes.index(class_) + 1])
        now = {name: digest[:SHORT] for name, digest in installed.items()}
        return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def load() -> Records:
    """Read what came with the package, or what lies beside it in a checkout."""
    found: dict[str, Any] = {}
    for name in _FILES:
        packaged = resources.files("botocore_redirect").joinpath("data").joinpath(name)
        root = Path(__file__).parents[3]
        checkout = root / "requirements" / name
        if packaged.is_file():
            text = packaged.read_text("utf-8")
        elif (root / "pyproject.toml").is_file() and checkout.is_file():
            text = checkout.read_text("utf-8")
        else:
            continue
        try:
            found[name] = json.loads(text)
        except ValueError:
            continue
    return Records(
        found.get("census.json", {}),
        found.get("functions.json", {}),
        found.get("proof.json", {}),
        found.get("sweep.json", {}).get("runs", []),
        tuple(name for name in _FILES if name not in found),
    )


def order(release: str) -> list[int]:
    """Sort releases by number."""
    return [int(part) for part in release.split(".") if part.isdigit()]


def _replay(
    histories: dict[str, dict[str, str | None]], passed: list[str]
) -> dict[str, str | None]:
    """Return the digests that the last of these releases or classes has."""
    at = set(passed)
    return {
        name: next((history[each] for each in reversed(history) if each in at), None)
        for name, history in histories.items()
    }
