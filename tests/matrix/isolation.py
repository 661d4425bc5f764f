"""The guards: a process holds one quadrant, and is what that quadrant says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import botocore
import botocore.awsrequest
import botocore.client
import botocore.endpoint
import botocore.hooks
import botocore.httpsession
import botocore.signers
import botocore.utils

from matrix import subject as subjects
from matrix.subject import Subject

_OURS = subjects.named(subjects.OURS)


class Contaminated(Exception):
    """The process is not what its quadrant says, so its results prove nothing."""


@dataclass(frozen=True)
class Quadrant:
    """What a file of the matrix is about; each declares one as `QUADRANT`."""

    patched: bool
    redirects: bool


_held: list[str] = []


def enter(file: str) -> None:
    """Claim this process for one quadrant file."""
    if _held and _held[0] != file:
        raise Contaminated(
            f"{file} came into a process that has already run {_held[0]}: a patch cannot be"
            " un-imported, so each quadrant needs a process of its own. Run them with"
            " `pytest -n auto tests/matrix`, or one file at a time."
        )
    _held[:] = [file]


def expect_stock(when: str, subject: Subject = _OURS) -> None:
    """Raise unless botocore's request path is botocore's own, and no patch was even imported.

    No patch: not ours, whatever the subject is, nor the subject.
    """
    _expect_none_of({_OURS, subject}, when)
    changed = _changed()
    if changed:
        raise Contaminated(f"{when}, {', '.join(changed)} was not botocore's own")


def expect_patched(when: str, subject: Subject = _OURS) -> None:
    """Raise unless the subject is in force, and no other patch of which we know."""
    if not subject.module:
        expect_stock(when)
        return
    if subject.is_ours:
        import botocore_redirect  # noqa: PLC0415  # not before a patched quadrant asks for it

        if not botocore_redirect.is_installed():
            raise Contaminated(f"{when}, the patch was not installed")
    else:
        _expect_none_of({_OURS}, when)
        if not subject.among(sys.modules):
            raise Contaminated(f"{when}, the subject {subject.name} had not been imported")
    if not _changed():
        raise Contaminated(f"{when}, botocore was as it is unpatched by {subject.name}")


def _expect_none_of(patches: set[Subject], when: str) -> None:
    modules = {name for patch in patches for name in patch.among(sys.modules)}
    if modules:
        raise Contaminated(
            f"{when}, {', '.join(sorted(modules))} had been imported. Import the patch in fixtures"
            " only, and collect tests/matrix alone."
        )


def _changed() -> list[str]:
    home = Path(botocore.__file__).parent
    owners = [
        botocore.endpoint.Endpoint,
        botocore.awsrequest.AWSHTTPResponse,
        botocore.awsrequest.AWSHTTPConnectionPool,
        botocore.awsrequest.AWSHTTPSConnectionPool,
        botocore.awsrequest.AWSPreparedRequest,
        botocore.client.BaseClient,
        botocore.hooks.HierarchicalEmitter,
        botocore.httpsession.URLLib3Session,
        botocore.signers.RequestSigner,
        botocore.utils.S3RegionRedirector,
    ]
    second = getattr(botocore.utils, "S3RegionRedirectorv2", None)
    owners += [second] if second else []
    return [
        f"{owner.__name__}.{name}"
        for owner in owners
        for name, value in vars(owner).items()
        if callable(value) and not _is_from(home, value)
    ] + [
        f"botocore.endpoint.{name}"
        for name in ("create_request_object",)
        if not _is_from(home, getattr(botocore.endpoint, name))
    ]


def _is_from(home: Path, value: object) -> bool:
    """Whether a callable is a plain function, or class, written in botocore."""
    # Not isinstance: a wrapper such as wrapt's claims to be what it wraps.
    if type(value) is FunctionType:
        return home in Path(value.__code__.co_filename).parents
    return type(value) is type
