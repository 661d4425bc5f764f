"""`python -m botocore_redirect check`: what is known of the botocore of this environment.

Either a release was run green by the matrix, or it is proven, because its code on the way of an S3
call is that of a release that was run, or it is unknown. The digests are taken from the installed
files, so that a release that is younger than the census can be proven too.
"""

from __future__ import annotations

import json
import platform
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from types import FunctionType
from typing import Any

import botocore
import urllib3
from botocore import endpoint

from botocore_redirect.commands import source_digests
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.hooks import compatibility

#: Standing -> exit status.
STATUSES = {"run": 0, "proven": 0, "unsupported": 1, "unknown": 3}


@dataclass(frozen=True)
class PackagedRecords:
    """What came with the package: the census of releases, and the cells that ran green."""

    census: dict[str, Any]
    cells: list[dict[str, str]]
    #: Names of the files that are not there, or cannot be read.
    missing: tuple[str, ...] = ()
    #: The cells on which something failed.
    failed: tuple[dict[str, str], ...] = ()

    def class_of(self, digest: str | None) -> str | None:
        """Return the class of a digest, which is named after its first release."""
        classes = self.census.get("classes", {})
        return next((name for name, each in classes.items() if each["digest"] == digest), None)

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

    def state_of(self, release: str) -> dict[str, str | None] | None:
        """Return the digests of the functions relied upon in a release, None if nobody read it."""
        releases = self.census.get("releases", {})
        if not releases.get(release):
            return None
        passed = list(releases)[: list(releases).index(release) + 1]
        histories = self.census["functions"].items()
        return {
            name: [history[each] for each in passed if each in history][-1]
            for name, history in histories
        }

    def failed_releases(self) -> set[str]:
        """Return the releases on which something failed, on one Python or another."""
        return {cell["botocore"] for cell in self.failed}

    def run_releases(self) -> list[str]:
        """Return the releases that ran green wherever they ran, oldest first."""
        return sorted(
            {cell["botocore"] for cell in self.cells} - self.failed_releases(), key=_order
        )

    def proving(self, class_: str | None) -> list[str]:
        """Return the releases that ran green and prove a class; none, where one of it failed."""
        releases = self.census.get("releases", {})
        broken = {releases.get(release) for release in self.failed_releases()}
        if class_ is None or class_ in broken:
            return []
        return [release for release in self.run_releases() if releases.get(release) == class_]


@dataclass(frozen=True)
class CheckResult:
    """What is known of one environment; `--json` prints it as it is here."""

    botocore: str
    python: str
    urllib3: str
    #: One of `STATUSES`.
    standing: str
    #: The answer, in a sentence.
    says: str
    #: The class of the release, or None where the census has none like it.
    class_: str | None
    digest: str | None
    unknown_functions: list[str]
    #: The releases that ran green and share its class.
    proven_by: list[str]
    #: The newest release that ran green with the same functions relied upon: short of a proof.
    relied_on_as: str | None
    #: The cells of this release that ran green.
    cells: list[dict[str, str]]
    #: Hooked functions that another library has replaced or wrapped in this process.
    hooked_by_others: list[str]
    census_asked: str | None
    notes: list[str]

    def as_json(self) -> str:
        """Spell the answer for programs."""
        fields = {name.rstrip("_"): value for name, value in asdict(self).items()}
        return json.dumps(fields, indent=1)

    def as_text(self) -> str:
        """Spell the answer for people, the sentence first."""
        rows = [
            ("environment", f"Python {self.python}, urllib3 {self.urllib3}"),
            ("class", f"that of botocore {self.class_}" if self.class_ else "new"),
            ("digest", self.digest),
            ("ran green on", ", ".join(map(_cell, self.cells))),
            ("proven by", ", ".join(self.proven_by)),
            ("unknown functions", ", ".join(self.unknown_functions)),
            ("hooked by others", ", ".join(self.hooked_by_others)),
            ("census", f"read on {self.census_asked}" if self.census_asked else None),
            *(("note", note) for note in self.notes),
        ]
        return "\n".join([self.says, *(f"  {name:<18} {text}" for name, text in rows if text)])


def check(folder: Path | None = None, known: PackagedRecords | None = None) -> CheckResult:
    """Find out what is known of the botocore that is imported here; nothing is patched."""
    known = known or load()
    release = botocore.__version__
    refusal = _refusal()
    notes = [f"{name} did not come with the package, or is damaged" for name in known.missing]
    digest, relied_on = None, {}
    try:
        installed = source_digests.digest_folder(folder or Path(botocore.__file__).parent)
        digest, relied_on = installed.digest, installed.relied_on
    except (OSError, source_digests.UnreadableSource) as problem:
        notes.append(str(problem))
    recorded = known.census.get("releases", {}).get(release)
    class_ = known.class_of(digest)
    altered = bool(digest and recorded and recorded != class_)
    if altered:
        notes.append(f"its files are not those of the botocore {release} of the census")
    spoiled = altered or release in known.failed_releases()
    cells = [] if spoiled else [cell for cell in known.cells if cell["botocore"] == release]
    proven_by = known.proving(class_)
    if release in known.failed_releases():
        notes.append(f"a behaviour failed on botocore {release}: see docs/compatibility.md")
    if cells and not any(_is_here(cell) for cell in cells):
        notes.append("it was run, but not with the Python and the urllib3 of this environment")
    same = [each for each in known.run_releases() if relied_on == known.state_of(each)]
    standing = _standing(refusal, cells, proven_by)
    return CheckResult(
        botocore=release,
        python=platform.python_version(),
        urllib3=urllib3.__version__,
        standing=standing,
        says=refusal or _sentence(standing, release, proven_by, same, known),
        class_=class_,
        digest=digest,
        unknown_functions=known.unknown_functions(relied_on),
        proven_by=proven_by,
        relied_on_as=same[-1] if same else None,
        cells=cells,
        hooked_by_others=list(_others()),
        census_asked=known.census.get("asked"),
        notes=notes,
    )


def load() -> PackagedRecords:
    """Read what came with the package, or what lies beside it in a checkout."""
    found: dict[str, Any] = {}
    missing = []
    for name in ("census.json", "proof.json"):
        packaged = resources.files("botocore_redirect").joinpath("data").joinpath(name)
        root = Path(__file__).parents[3]
        checkout = root / "requirements" / name
        if packaged.is_file():
            text = packaged.read_text("utf-8")
        elif (root / "pyproject.toml").is_file() and checkout.is_file():
            text = checkout.read_text("utf-8")
        else:
            missing.append(name)
            continue
        try:
            found[name] = json.loads(text)
        except ValueError:
            missing.append(name)
    proof = found.get("proof.json", {})
    return PackagedRecords(
        found.get("census.json", {}),
        proof.get("cells", []),
        tuple(missing),
        tuple(proof.get("failed", ())),
    )


def _standing(refusal: str | None, cells: list[dict[str, str]], proven_by: list[str]) -> str:
    if refusal:
        return "unsupported"
    if cells:
        return "run"
    return "proven" if proven_by else "unknown"


def _sentence(
    standing: str, release: str, proven_by: list[str], same: list[str], known: PackagedRecords
) -> str:
    if standing == "run":
        return f"botocore {release} was run: every behaviour was green in the cells named below."
    if standing == "proven":
        return (
            f"botocore {release} is proven: an S3 call runs the same code in it as in"
            f" {proven_by[-1]}, on which every behaviour was green."
        )
    if not known.cells:
        return f"botocore {release} is unknown: no run of the matrix is on record here."
    if same:
        return (
            f"botocore {release} is unknown: it was not run, nor was any release of its class; but"
            f" all that the patch relies on is as in {same[-1]}, which was run."
        )
    return (
        f"botocore {release} is unknown: it was not run, and what the patch relies on is as in no"
        " release that was. Run it yourself: BOTOCORE_VERSION="
        f"{release} nox -s matrix"
    )


def _refusal() -> str | None:
    try:
        compatibility.check()
    except UnsupportedBotocore as refused:
        return str(refused)
    return None


def _others() -> Iterator[str]:
    """Name what is hooked, where it is at the moment neither botocore's own nor ours."""
    ours = (Path(botocore.__file__).parent, Path(__file__).parents[1])
    for owner, name in (
        (endpoint.Endpoint, "create_request"),
        (endpoint.Endpoint, "_get_response"),
        (endpoint, "create_request_object"),
    ):
        function = getattr(owner, name, None)
        if isinstance(function, FunctionType):
            file = Path(function.__code__.co_filename)
            if not any(folder in file.parents for folder in ours):
                yield f"{owner.__name__}.{name} (by {file})"
        else:
            yield f"{owner.__name__}.{name} (a {type(function).__module__} object)"


def _is_here(cell: dict[str, str]) -> bool:
    python = ".".join(platform.python_version_tuple()[:2])
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        python += "t"
    return (cell["python"], cell["urllib3"]) == (python, urllib3.__version__)


def _cell(cell: dict[str, str]) -> str:
    return f"Python {cell['python']} with urllib3 {cell['urllib3']}"


def _order(release: str) -> list[int]:
    return [int(part) for part in release.split(".") if part.isdigit()]
