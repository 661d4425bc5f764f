"""The proofs that a process is in its quadrant: stock, or patched by the subject alone.

Each looks at botocore, at leftovers and at live objects, and raises `Contaminated`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from botocore_redirect.testing.guards import (
    event_handlers,
    importers,
    leftovers,
    live_objects,
    subject_changes,
)
from botocore_redirect.testing.guards import subject as subjects
from botocore_redirect.testing.guards.changes import Change, Snapshot, take_snapshot
from botocore_redirect.testing.guards.leftovers import Leftovers
from botocore_redirect.testing.guards.subject import Subject
from botocore_redirect.testing.guards.subject_changes import InstallRecord

_OURS = subjects.parse_subject(subjects.OURS)
_BOTO = ("botocore", "boto3", "s3transfer", "aiobotocore")
_MAX_PROBLEMS = 6  # problems in one message


class Contaminated(Exception):
    """The process is not in the state of its quadrant, so its results prove nothing."""


class Proof:
    """The proofs of one process; each later one compares with the state at the one before."""

    def __init__(self, subject: Subject, name: str) -> None:
        self._subject = subject
        self._name = name
        self._snapshot: Snapshot | None = None
        self._leftovers: Leftovers = {}
        self._variables: dict[str, str] = {}
        self._handlers: set[object] = set()  # of the subject, by their ids
        self._packages: set[str] = set()  # that came with it

    def expect_stock(self, when: str) -> None:
        """Raise unless botocore is stock, and neither our patch nor the subject is imported.

        There may be no leftovers either: handlers, variables, open connections and the like.
        """
        snapshot, left = take_snapshot(), leftovers.find()
        problems: list[Change | str] = [*_imported_patches({_OURS, self._subject})]
        problems += snapshot.changes.values()
        if self._snapshot is None:
            problems += [*left.values(), *live_objects.find().values()]
        else:
            problems += snapshot.other_defaults_since(self._snapshot)
            problems += self._new_leftovers(left)
        self._raise_or_remember(when, problems, snapshot, left)

    def expect_patched(self, when: str) -> None:
        """Raise unless the subject is in force and made every change of botocore."""
        patch = self._subject
        if not patch.module:
            self.expect_stock(when)
            return
        snapshot, left = take_snapshot(), leftovers.find()
        problems: list[Change | str] = []
        if patch.is_ours:
            import botocore_redirect  # noqa: PLC0415 - not before a patched quadrant asks for it

            if not botocore_redirect.is_installed():
                problems.append("botocore_redirect was not installed")
        else:
            problems += _imported_patches({_OURS})
            if not patch.among(sys.modules):
                problems.append(f"the subject {patch.name} had not been imported")
        if not snapshot.changes and not any(map(subject_changes.handler_of, left)):
            problems.append(_describe_missing(patch, when))
        if when == "after" and self._snapshot is not None:
            problems += self._changes_by_others(snapshot, self._snapshot)
            problems += self._new_leftovers(self._without_handlers_of_subject(left))
        self._raise_or_remember(when, problems, snapshot, left)

    def expect_first(self, record: InstallRecord) -> None:
        """Raise unless the subject was imported before botocore and all changes since are its own.

        `record` holds the changes that it made when it was installed.
        """
        here = [*sys.modules]
        patch = self._subject.in_package(here)
        first, *_ = [*importers.in_order({*patch, *_boto_modules(here)}), ""]
        if first not in patch:
            importer = importers.describe([first])
            early = f"{first}{importer} was imported before {self._subject.name}"
            _raise(f"before {self._name}", [early])
        self._handlers, self._packages = record.handlers, record.packages
        left = self._without_handlers_of_subject({**leftovers.find(), **live_objects.find()})
        problems = [*self._changes_by_others(take_snapshot(), record.snapshot), *left.values()]
        _raise(f"before {self._name}", problems)

    def expect_nothing_of_boto(self) -> None:
        """Raise if any module of botocore, boto3 or s3transfer is imported."""
        names = _boto_modules(sys.modules)
        if names:
            importer = importers.describe(names) or importers.describe_unseen()
            _raise(f"before {self._name}", [f"{_shorten_list(names)} had been imported{importer}"])

    def _changes_by_others(self, snapshot: Snapshot, before: Snapshot) -> list[str]:
        changed = snapshot.changes_since(before) + snapshot.other_defaults_since(before)
        problems = [
            f"{_describe(each)}, and that is not by {self._subject.name}"
            for each in changed
            if not subject_changes.is_by(each, self._subject, self._packages)
        ]
        restored = snapshot.restored_since(before) if snapshot.changes else []
        return problems + [f"{place} is stock again" for place in restored]

    def _new_leftovers(self, left: Leftovers) -> list[str]:
        problems = [text for key, text in left.items() if key not in self._leftovers]
        known = {key[1] for key in left if key[0] == "variable"}
        variables = leftovers.changed(self._variables, leftovers.environment())
        return problems + [text for key, text in variables if key[1] not in known]

    def _without_handlers_of_subject(self, left: Leftovers) -> Leftovers:
        """Leave out handlers that the subject wrote, or registered when it was installed."""
        if not any(map(subject_changes.handler_of, left)):
            return left
        known = {subject_changes.handler_of(key) for key in self._leftovers} - {None}
        known |= self._handlers | subject_changes.handlers(self._subject)
        return {
            key: text for key, text in left.items() if subject_changes.handler_of(key) not in known
        }

    def _raise_or_remember(
        self, when: str, problems: Iterable[Change | str], snapshot: Snapshot, left: Leftovers
    ) -> None:
        _raise(f"{when} {self._name}", problems)
        self._snapshot, self._leftovers = snapshot, left
        self._variables = leftovers.environment()


def expect_stock(when: str, subject: Subject = _OURS) -> None:
    """Raise `Contaminated` unless botocore is stock and no patch is imported, at any time."""
    _raise(when, [*_imported_patches({_OURS, subject}), *take_snapshot().changes.values()])


def expect_neutral(subject: Subject = _OURS) -> None:
    """Raise `Contaminated` unless this process may be forked into patched and unpatched quadrants.

    It must hold no patch, no change of botocore, and no connection, client or session that a fork
    would inherit. Its objects are frozen: the guards of a fork do not look at them again.
    """
    problems: list[Change | str] = [
        *_imported_patches({_OURS, subject}),
        *take_snapshot().changes.values(),
    ]
    problems += leftovers.find_in_process().values()
    problems += live_objects.freeze().values()
    _raise("in the process that quadrants are forked from", problems)


def _imported_patches(patches: Iterable[Subject]) -> list[str]:
    names = importers.in_order({name for each in patches for name in each.among([*sys.modules])})
    if not names:
        return []
    importer = importers.describe(names) or importers.describe_unseen()
    return [
        f"{_shorten_list(names)} had been imported{importer}; only a patched quadrant may import it"
    ]


def _describe_missing(patch: Subject, when: str) -> str:
    if when == "after":
        return f"nothing in botocore is changed any more by {patch.name}"
    return (
        f"{patch.name} changed nothing in botocore; is it installed by its import or by a function"
        f" (`{patch.module}:install`)?"
    )


def _raise(where: str, problems: Iterable[Change | str]) -> None:
    found = [*problems]
    if found:
        more = f"; and {len(found) - _MAX_PROBLEMS} more" if len(found) > _MAX_PROBLEMS else ""
        raise Contaminated(f"{where}, {'; '.join(map(_describe, found[:_MAX_PROBLEMS]))}{more}")


def _describe(problem: Change | str) -> str:
    if isinstance(problem, str) or problem.value is None:
        return str(problem)
    return f"{problem}{event_handlers.describe_importer(problem.value)}"


def _boto_modules(modules: Iterable[str]) -> list[str]:
    return [name for name in modules if name.partition(".")[0] in _BOTO]


def _shorten_list(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - enough to know
    return f"{', '.join(names[:3])}{more}"
