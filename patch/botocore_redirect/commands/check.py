"""`python -m botocore_redirect check`: whether the botocore of this environment can be used.

The answer comes from the installed files, which are compared with the code of the releases that the
contract ran on. So it also holds for a release that is younger than this package, and for one that
somebody has changed.
"""

from __future__ import annotations

import json
import platform
import sysconfig
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import botocore
import urllib3

from botocore_redirect.commands import records, source_digests, surroundings
from botocore_redirect.commands.records import Records
from botocore_redirect.commands.states import COMPATIBLE, PROVEN, STATUSES, UNSUPPORTED
from botocore_redirect.commands.surroundings import Surroundings
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.hooks import compatibility

__all__ = ["STATUSES", "CheckResult", "check"]

_MOST = 3  # functions that a sentence names


@dataclass(frozen=True)
class CheckResult:
    """What is known of one environment; `--json` prints it as it is here."""

    botocore: str
    python: str
    urllib3: str
    #: One of `STATUSES`.
    state: str
    #: The answer, in a sentence or two.
    says: str
    #: The class of the installed code, or None where the census has none like it.
    class_: str | None
    digest: str | None
    #: The releases that run the same code, and on which the contract passed.
    proven_by: list[str]
    #: Otherwise: the release to which the code was compared, and the functions that differ.
    compared_with: str | None
    changed_functions: list[str]
    #: The command that runs the contract on this release, where that was not done.
    to_run: str | None
    #: Functions relied upon that no release of the census has in this form.
    unknown_functions: list[str]
    #: Behaviours of the contract that this release fails at without the patch.
    stock_failures: list[str]
    #: The environments in which the contract passed on this very release.
    runs: list[dict[str, Any]]
    surroundings: Surroundings
    census_asked: str | None
    notes: list[str]

    def as_json(self) -> str:
        """Return the answer for programs."""
        fields = {name.rstrip("_"): value for name, value in asdict(self).items()}
        return json.dumps(fields, indent=1)

    def as_text(self) -> str:
        """Return the answer for people, the sentence first."""
        around = self.surroundings
        rows = [
            ("environment", f"Python {self.python}, urllib3 {self.urllib3}"),
            (
                "run it",
                f"in a checkout of botocore-redirect: {self.to_run}" if self.to_run else None,
            ),
            ("installed", around.installed),
            ("policy", around.policy),
            ("other patches", ", ".join(around.other_patches) or "none"),
            ("aiobotocore", around.aiobotocore),
            ("CRT", around.crt),
            ("AWS CLI", around.aws_cli),
            ("class", f"that of botocore {self.class_}" if self.class_ else "new"),
            ("run with", "; ".join(map(_describe_run, self.runs))),
            ("stock fails at", ", ".join(self.stock_failures)),
            ("changed", _join(self.changed_functions, len(self.changed_functions))),
            ("releases", f"read on {self.census_asked}" if self.census_asked else None),
            *(("note", note) for note in self.notes),
        ]
        return "\n".join([self.says, *(f"  {name:<15} {text}" for name, text in rows if text)])


@dataclass(frozen=True)
class _Judgement:
    """The state of the installed code, and what it was compared with."""

    state: str
    says: str
    compared_with: str | None = None
    changed: Sequence[str] = ()


def check(folder: Path | None = None, known: Records | None = None) -> CheckResult:
    """Find out what is known of the botocore that is imported here; nothing is patched."""
    known = known or records.load()
    release = botocore.__version__
    notes = [f"{name} did not come with the package, or is damaged" for name in known.missing]
    installed = None
    class_ = known.releases.get(release)
    try:
        installed = source_digests.digest_folder(folder or Path(botocore.__file__).parent)
    except (OSError, source_digests.UnreadableSource) as problem:
        notes.append(f"{problem}; so this answer goes by the version number alone")
    if installed:
        if class_ and class_ != known.class_of(installed.digest):
            notes.append(f"its files are not those of the botocore {release} of the census")
        class_ = known.class_of(installed.digest)
    judgement = _judge(release, class_, installed, known)
    proven = judgement.state == PROVEN
    runs = known.runs_of(release) if known.releases.get(release) == class_ else []
    if runs and not any(map(_is_here, runs)):
        notes.append("it was run, but not with the Python and the urllib3 of this environment")
    return CheckResult(
        botocore=release,
        python=platform.python_version(),
        urllib3=urllib3.__version__,
        state=judgement.state,
        says=judgement.says,
        class_=class_,
        digest=installed.digest if installed else None,
        proven_by=known.proving(class_),
        compared_with=judgement.compared_with,
        changed_functions=[*judgement.changed],
        to_run=None if proven else _describe_matrix_run(release),
        unknown_functions=known.unknown_functions(installed.relied_on) if installed else [],
        stock_failures=known.stock_failures(known.proving(class_)),
        runs=runs,
        surroundings=surroundings.look(known),
        census_asked=known.census.get("asked"),
        notes=notes,
    )


def _judge(
    release: str,
    class_: str | None,
    installed: source_digests.SourceDigests | None,
    known: Records,
) -> _Judgement:
    refusal = _find_refusal()
    if refusal:
        return _unsupported(release, refusal.rstrip("."))
    green = known.green_releases()
    failed, proof = known.failed_in(class_), known.proving(class_)
    if known.releases.get(release) is None:  # nobody has read it, but it may have been run
        failed += [release] * (release in known.failed_releases())
        proof += [release] * (release in green)
    if failed:
        tests = _join(known.failures_of(failed[-1]), 3)
        return _unsupported(release, f"the contract failed on {failed[-1]} ({tests})")
    if proof:
        like = "" if release in proof else f" an S3 call runs the same code as in {proof[-1]}:"
        unable = ", ".join(known.stock_failures(proof))
        rest = f", except for what stock botocore fails at, too: {unable}" if unable else ""
        return _Judgement(
            PROVEN,
            f"botocore {release} is proven, so it is fine to use:{like} the contract passed"
            f" on {'it' if release in proof else 'that release'}{rest}.",
        )
    if installed is None or not any(map(known.relied_on, green)):
        return _unsupported(release, "nothing is on record here to compare it with")
    same = [each for each in green if installed.relied_on == known.relied_on(each)]
    if same:
        functions = dict(installed.functions)
        changes = {
            each: known.changed_functions(functions, each)
            for each in (_find_nearest(release, same), _find_next(release, same))
        }
        like, changed = min(changes.items(), key=lambda pair: len(pair[1]))
        return _Judgement(
            COMPATIBLE,
            f"botocore {release} is compatible, so it is fine to use, but it was not run: all"
            f" functions that the patch relies on are the same as in {like}, on which the"
            f" contract passed. Other code differs: {_join(changed) or 'the order of functions'}.",
            like,
            changed,
        )
    nearest = _find_nearest(release, [each for each in green if known.relied_on(each)])
    before = known.relied_on(nearest) or {}
    changed = [name for name, digest in installed.relied_on.items() if digest != before.get(name)]
    one = len(changed) == 1
    return _unsupported(
        release,
        f"{_join(changed)} {'is' if one else 'are'} not as in {nearest}, nor as in any other"
        f" release on which the contract passed, and the patch relies on {'it' if one else 'them'}",
        nearest,
        changed,
    )


def _unsupported(
    release: str, why: str, compared_with: str | None = None, changed: Sequence[str] = ()
) -> _Judgement:
    says = f"botocore {release} is unsupported, so do not use it: {why}."
    return _Judgement(UNSUPPORTED, says, compared_with, changed)


def _find_refusal() -> str | None:
    """Return why `install()` would refuse this botocore; None if it would not."""
    try:
        compatibility.check()
    except UnsupportedBotocore as refused:
        return str(refused)
    return None


def _find_nearest(release: str, others: list[str]) -> str:
    """Return the newest of other releases that is not younger, or the oldest of all."""
    older = [each for each in others if records.order(each) <= records.order(release)]
    return (older or others[:1])[-1]


def _find_next(release: str, others: list[str]) -> str:
    """Return the oldest of other releases that is younger, or the newest of all."""
    younger = [each for each in others if records.order(each) > records.order(release)]
    return (younger or others[-1:])[0]


def _describe_matrix_run(release: str) -> str:
    """Return the command that runs the contract on a release, with this Python."""
    return f"BOTOCORE_VERSION={release} MATRIX_PYTHON={_name_python()} nox -s matrix"


def _name_python() -> str:
    """Name this Python as uv does: 3.14t has no GIL."""
    major, minor, _ = platform.python_version_tuple()
    return f"{major}.{minor}{'t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''}"


def _is_here(run: dict[str, Any]) -> bool:
    python = ".".join(run["python"].split(".")[:2])
    return (python, run["urllib3"]) == (_name_python(), urllib3.__version__)


def _describe_run(run: dict[str, Any]) -> str:
    return f"Python {run['python']} and urllib3 {run['urllib3']}"


def _join(names: Sequence[str], most: int = _MOST) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
