"""The subject: the patch under test. Ours, none, or anybody's.

    python -m botocore_redirect.testing.guards.subject SUBJECT

installs it in the sandbox in a process of its own, and fails with one sentence if it cannot.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from botocore_redirect.testing.sandbox.environment import aws_sandbox

OURS = "botocore_redirect"
NONE = "none"
KIT = f"{OURS}.testing"
_SECONDS = 60
_REFUSED = 3


class SubjectError(Exception):
    """There is no such subject, or it cannot be installed."""


@dataclass(frozen=True)
class Subject:
    """A patch, by the name under which it is asked for."""

    name: str
    module: str = ""
    function: str = ""  # none: to import the module is to install it

    @property
    def package(self) -> str:
        """The top-level package that the patch is in, maybe with much else."""
        return self.module.partition(".")[0]

    @property
    def is_ours(self) -> bool:
        """Whether it is the patch that this kit comes with."""
        return self.package == OURS

    def among(self, modules: Iterable[str]) -> list[str]:
        """Name those of the modules that only the subject imports: its module, and those below it.

        Not its package: a patch may be a part of a bigger one.
        """
        return self._below(self.module, modules)

    def in_package(self, modules: Iterable[str]) -> list[str]:
        """Name those of the modules that are in the package of the subject."""
        return self._below(self.package, modules)

    def _below(self, top: str, modules: Iterable[str]) -> list[str]:
        if self.is_ours:  # neither the bare package nor the kit imports the patch or botocore
            ours = (name for name in modules if name.startswith(f"{OURS}."))
            return sorted(name for name in ours if not f"{name}.".startswith(f"{KIT}."))
        return sorted(name for name in modules if top and f"{name}.".startswith(f"{top}."))

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Install it; a context manager that its function returns is entered meanwhile."""
        if not self.module:
            yield
            return
        returned = self._install()
        if hasattr(returned, "__enter__") and hasattr(returned, "__exit__"):
            with returned:
                yield
        else:
            yield

    def _install(self) -> object:
        try:
            module = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            if error.name and f"{self.module}.".startswith(f"{error.name}."):
                raise SubjectError(
                    f"There is no module {error.name!r} for the subject {self.name!r}: install it"
                    " in this environment, or put its folder on PYTHONPATH."
                ) from error
            raise
        if not self.function:
            return None
        install = getattr(module, self.function, None)
        if not callable(install):
            problem = "is not callable" if hasattr(module, self.function) else "does not exist"
            raise SubjectError(
                f"{self.function!r} of the subject {self.name!r} {problem}: name a function of"
                f" {self.module} that installs the patch, as MODULE:CALLABLE."
            )
        return install()


def parse_subject(text: str) -> Subject:
    """Read `botocore_redirect`, `none`, `MODULE` (its import patches) or `MODULE:CALLABLE`."""
    if text == NONE:
        return Subject(text)
    if text == OURS:
        return Subject(text, OURS, "install")
    module, colon, function = text.partition(":")
    parts = [*module.split("."), *([function] if colon else [])]
    if not all(part.isidentifier() for part in parts):
        raise SubjectError(
            f"{text!r} is no subject: write {OURS}, {NONE}, MODULE (one whose import patches) or"
            " MODULE:CALLABLE."
        )
    return Subject(text, module, function)


def check(text: str) -> Subject:
    """Install the subject in a process of its own; return it, or raise `SubjectError`."""
    subject = parse_subject(text)
    if text in (OURS, NONE):
        return subject
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-m", __spec__.name, text],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise SubjectError(
            f"The subject {text!r} was not installed within {_SECONDS} s: see what its import does."
        ) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        if done.returncode == _REFUSED:
            raise SubjectError(lines[-1])
        raise SubjectError(f"The subject {text!r} cannot be installed: {lines[-1].rstrip('.')}.")
    return subject


def _try(subject: Subject) -> None:
    # What every quadrant imports cannot tell a patched process from an unpatched one.
    with contextlib.suppress(ImportError):
        importlib.import_module("boto3")
    importlib.import_module("botocore.session")
    if subject.in_package(sys.modules):
        raise SubjectError(
            f"The subject {subject.name!r} is a part of {subject.package!r}, which every quadrant"
            " imports: put the patch into a package of its own."
        )
    with subject.installed():
        pass


def _main(text: str) -> int:
    try:
        with aws_sandbox():  # as where it is used
            _try(parse_subject(text))
    except SubjectError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
