"""The proofs that a process is what its quadrant says: stock, or patched by the subject alone."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from botocore_redirect.testing.guards import (
    event_handlers,
    importers,
    leftovers,
    live_objects,
    pristine,
    subject_changes,
)
from botocore_redirect.testing.guards import subject as subjects
from botocore_redirect.testing.guards.pristine import Change, Look
from botocore_redirect.testing.guards.subject import Subject
from botocore_redirect.testing.guards.subject_changes import Work

_OURS = subjects.named(subjects.OURS)
_BOTO = ("botocore", "boto3", "s3transfer")
_TOLD = 6  # findings of one message


class Contaminated(Exception):
    """The process is not what its quadrant says, so its results prove nothing."""


class Proof:
    """What is known of a process and its subject, from one proof to the next."""

    def __init__(self, subject: Subject, name: str) -> None:
        self._subject = subject
        self._name = name
        self._look: Look | None = None
        self._findings: leftovers.Findings = {}
        self._variables: dict[str, str] = {}
        self._handlers: set[object] = set()  # of the subject, by their ids
        self._packages: set[str] = set()  # that came with it

    def expect_stock(self, when: str) -> None:
        """Raise unless botocore is its own, and nothing of a patch or of anybody else is there.

        No patch: not ours, whatever the subject is, nor the subject.
        """
        look, findings = pristine.look(), leftovers.findings()
        said = [*self._imported({_OURS, self._subject}), *map(_changed, look.changes.values())]
        if self._look is None:
            said += [*findings.values(), *live_objects.findings().values()]
        else:
            said += [_changed(each) for each in look.news(self._look) if each.value is None]
            said += self._left(findings)
        self._raise(when, said)
        self._remember(look, findings)

    def expect_patched(self, when: str) -> None:
        """Raise unless the subject is in force, and has alone changed what is changed."""
        patch = self._subject
        if not patch.module:
            self.expect_stock(when)
            return
        look, findings = pristine.look(), leftovers.findings()
        said = []
        if patch.is_ours:
            import botocore_redirect  # noqa: PLC0415 - not before a patched quadrant asks for it

            if not botocore_redirect.is_installed():
                said.append("the patch was not installed")
        else:
            said += self._imported({_OURS})
            if not patch.among(sys.modules):
                said.append(f"the subject {patch.name} had not been imported")
        if not look.changes and not any(map(subject_changes.handler_of, findings)):
            said.append(f"botocore was as it is unpatched by {patch.name}")
        if when == "after" and self._look is not None:
            said += self._by_others(look, self._look)
            said += self._left(self._not_own(findings))
        self._raise(when, said)
        self._remember(look, findings)

    def expect_first(self, work: Work) -> None:
        """Raise unless the subject was imported before anything of botocore, and nobody came since.

        `work` is what it had done by then.
        """
        here = [*sys.modules]
        patch = self._subject.kin(here)
        first, *_ = [*importers.in_order({*patch, *_of_boto(here)}), ""]
        if first not in patch:
            early = f"{first}{importers.of([first])} was imported before {self._subject.name}"
            self._raise("before", [early])
        self._handlers, self._packages = work.handlers, work.packages
        findings = self._not_own({**leftovers.findings(), **live_objects.findings()})
        said = [*self._by_others(pristine.look(), work.look), *findings.values()]
        self._raise("before", said)

    def expect_nothing_of_boto(self) -> None:
        """Raise if anything of botocore was imported."""
        names = _of_boto(sys.modules)
        if names:
            self._raise("before", [f"{_some(names)} had been imported{importers.of(names)}"])

    def _imported(self, patches: Iterable[Subject]) -> list[str]:
        held = {name for patch in patches for name in patch.among([*sys.modules])}
        names = importers.in_order(held)
        if not names:
            return []
        return [
            f"{_some(names)} had been imported{importers.of(names)}; import it in fixtures only"
        ]

    def _by_others(self, look: Look, before: Look) -> list[str]:
        said = [
            f"{_changed(each)}, and that is not by {self._subject.name}"
            for each in look.news(before)
            if not subject_changes.is_by(each, self._subject, self._packages)
        ]
        gone = look.gone(before) if look.changes else []
        return said + [f"{place} is botocore's own again" for place in gone]

    def _left(self, findings: leftovers.Findings) -> list[str]:
        said = [text for key, text in findings.items() if key not in self._findings]
        told = {key[1] for key in findings if key[0] == "variable"}
        variables = leftovers.changed(self._variables, leftovers.environment())
        return said + [text for key, text in variables if key[1] not in told]

    def _not_own(self, findings: leftovers.Findings) -> leftovers.Findings:
        """Leave out handlers that the subject wrote, or that stood elsewhere when it was new."""
        if not any(map(subject_changes.handler_of, findings)):
            return findings
        known = {subject_changes.handler_of(key) for key in self._findings} - {None}
        known |= self._handlers | subject_changes.handlers(self._subject)
        return {
            key: text
            for key, text in findings.items()
            if subject_changes.handler_of(key) not in known
        }

    def _remember(self, look: Look, findings: leftovers.Findings) -> None:
        self._look, self._findings = look, findings
        self._variables = leftovers.environment()

    def _raise(self, when: str, said: list[str]) -> None:
        if said:
            more = f"; and {len(said) - _TOLD} more" if len(said) > _TOLD else ""
            raise Contaminated(f"{when} {self._name}, {'; '.join(said[:_TOLD])}{more}")


def expect_stock(when: str, subject: Subject = _OURS) -> None:
    """Raise `Contaminated` unless this process is one of stock botocore, whatever it has done."""
    names = {name for patch in (_OURS, subject) for name in patch.among([*sys.modules])}
    said = [f"{_some(sorted(names))} had been imported{importers.of(names)}"] if names else []
    said += map(_changed, pristine.look().changes.values())
    if said:
        raise Contaminated(f"{when}, {'; '.join(said[:_TOLD])}")


def _changed(change: Change) -> str:
    return f"{change}{'' if change.value is None else event_handlers.by(change.value)}"


def _of_boto(modules: Iterable[str]) -> list[str]:
    return [name for name in modules if name.partition(".")[0] in _BOTO]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - enough to know
    return f"{', '.join(names[:3])}{more}"
