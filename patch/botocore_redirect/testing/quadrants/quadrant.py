"""One quadrant in a process: patched or not, with redirects or not; proven before and after.

    with aws_sandbox(), quadrant(patched=True, redirects=False, subject="my_patch:install"):
        ...

A patch cannot be un-imported, so a process that held one quadrant refuses another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from botocore_redirect.testing.guards import importers, subject_changes
from botocore_redirect.testing.guards import subject as subjects
from botocore_redirect.testing.guards.proof import Contaminated, Proof, expect_stock
from botocore_redirect.testing.guards.subject import Subject
from botocore_redirect.testing.guards.subject_changes import InstallRecord

__all__ = ["Contaminated", "Quadrant", "expect_stock", "patch_first", "quadrant"]


@dataclass(frozen=True)
class Quadrant:
    """The state that a test file needs its process to be in."""

    patched: bool
    redirects: bool

    def __str__(self) -> str:
        patch = "patched" if self.patched else "unpatched"
        return f"{patch}, redirects" if self.redirects else f"{patch}, no redirects"


NO_SUBJECT = (
    "this quadrant is patched, but no patch is configured. Set `subject = MODULE:CALLABLE` in"
    " pytest's configuration, or pass --subject=MODULE:CALLABLE (subject= to quadrant()). Use"
    " MODULE alone if importing it installs the patch."
)

_claims: dict[str, Quadrant] = {}
_patch_first_records: dict[str, InstallRecord] = {}
_failures: list[BaseException] = []


@contextmanager
def quadrant(
    *,
    patched: bool,
    redirects: bool,
    subject: str | Subject | None = None,
    name: str = "this process",
) -> Iterator[Quadrant]:
    """Make this process what the quadrant says, and prove it before and after.

    `subject` is the patch under test, as MODULE (its import patches) or MODULE:CALLABLE: it is
    imported and installed here, and must not have been before. `name` is what messages call the
    user of the process, such as a test file. Raises `Contaminated`.
    """
    wanted = Quadrant(patched, redirects)
    if patched and subject is None:
        raise ValueError(f"{name}: {NO_SUBJECT}")
    patch = (
        subjects.parse_subject(subject or subjects.NONE)
        if not isinstance(subject, Subject)
        else subject
    )
    is_first = _claim(wanted, name)
    proof = Proof(patch, f"{name} ({wanted})")
    with importers.watched(), ExitStack() as installed:
        with _fail_permanently():
            if not patched:
                proof.expect_stock("before")
            elif patch.name in _patch_first_records:
                proof.expect_first(_patch_first_records[patch.name])
            else:
                if is_first:  # to enter it again is no harm, but what was imported stays
                    proof.expect_stock("before")
                installed.enter_context(patch.installed())
            if patched:
                proof.expect_patched("before")
        yield wanted
        with _fail_permanently():
            (proof.expect_patched if patched else proof.expect_stock)("after")


@contextmanager
def patch_first(subject: str) -> Iterator[None]:
    """Install a patch before anything of botocore is imported, for a quadrant that comes later."""
    importers.watch()
    patch = subjects.parse_subject(subject)
    Proof(patch, f"--patch-first of {subject}").expect_nothing_of_boto()
    with ExitStack() as installed:
        with subject_changes.recorded() as record:
            installed.enter_context(patch.installed())
        if patch.module:
            _patch_first_records[patch.name] = record
        yield


@contextmanager
def _fail_permanently() -> Iterator[None]:
    """Raise the first failure of this process again: a contaminated process stays so."""
    if _failures:
        raise _failures[0].with_traceback(None)
    try:
        yield
    except BaseException as error:
        _failures.append(error)
        raise


def _claim(wanted: Quadrant, name: str) -> bool:
    """Claim this process for a quadrant; return whether it is the first one."""
    others = [
        f"{claimed} ({its})" for claimed, its in _claims.items() if (claimed, its) != (name, wanted)
    ]
    if others:
        raise Contaminated(
            f"{name} ({wanted}) came into a process that has already run {others[0]}: a patch"
            " cannot be un-imported, so each quadrant needs a process of its own. Run them with"
            " `pytest -n auto FOLDER`, where FOLDER is named as `quadrants` in pytest's"
            " configuration, or one file at a time."
        )
    is_first = not _claims
    _claims[name] = wanted
    return is_first
