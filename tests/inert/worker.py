"""One side of the comparison: a process that is patched, or one that never will be."""

from __future__ import annotations

import os
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import botocore.session
import urllib3

import botocore_redirect
from botocore_redirect.testing.guards import proof, subject
from botocore_redirect.testing.guards.changes import Snapshot, take_snapshot
from botocore_redirect.testing.sandbox.environment import aws_sandbox
from inert import answers, call_variants, clients, handlers, inputs, outcome
from inert.clients import Clients
from inert.clock import Clock
from inert.endpoint import Endpoint
from inert.outcome import Outcome


class HarnessError(Exception):
    """The comparison itself is wrong, so that it proves nothing."""


@dataclass(frozen=True)
class Task:
    """What to do of a service."""

    service: str
    every: int = 1
    followed: bool = False


@dataclass
class Service:
    """What came of a service on one side."""

    name: str
    handlers: tuple[str, ...] = ()
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    problem: str = ""


class _Side:
    """This process."""

    def __init__(self, patched: bool, name: str) -> None:
        self.patched = patched
        self.subject = subject.named(name)
        self._stack = ExitStack()  # it ends with the process
        enter = self._stack.enter_context
        enter(aws_sandbox())
        self.endpoint = enter(Endpoint())
        urllib3.disable_warnings()  # the certificate is not for all these names
        self.clock = Clock()
        enter(self.clock.stopped())
        if patched:
            enter(self.subject.installed())
        self._installed = take_snapshot() if patched else Snapshot()
        self.session: Any = botocore.session.get_session()
        self.session.register_component("token_provider", _Token())
        self.session.get_credentials()  # now: the first call says in its headers that it did

    def expect_itself(self, when: str) -> None:
        """Raise unless this side is patched, or unpatched, as it was in the beginning."""
        if not self.patched:
            proof.expect_stock(when, self.subject)
            return
        gone = take_snapshot().restored_since(self._installed)
        if self.subject.is_ours and not botocore_redirect.is_installed():
            gone.append("the whole")
        if gone:
            raise proof.Contaminated(f"{when}, the patch was gone from {', '.join(gone)}")

    def forget_models(self) -> None:
        """Let go of what was read: all models together are a gigabyte."""
        self.session.get_component("data_loader")._cache.clear()


class _Token:
    """Gives the token of those who sign with one."""

    def load_token(self, **_: Any) -> Any:
        from botocore.tokens import FrozenAuthToken  # noqa: PLC0415 - older releases have none

        return _Loaded(FrozenAuthToken("inert-token"))


@dataclass
class _Loaded:
    token: Any

    def get_frozen_token(self) -> Any:
        return self.token


_side: list[_Side] = []


def begin(patched: bool, name: str) -> None:
    """Make this process a side, once and for all."""
    os.environ.pop("BOTOCORE_REDIRECT", None)
    _side.append(_Side(patched, name))


def run(task: Task) -> Service:
    """Do all operations of a service in all ways."""
    (side,) = _side
    made = Clients(side.session, task.service, side.clock)
    try:
        found = _run(side, task, made)
    except (HarnessError, proof.Contaminated):
        raise
    except Exception as error:
        raise HarnessError(f"{task.service}: {type(error).__name__}: {error}") from error
    finally:
        made.close()
    side.expect_itself(f"After {task.service}")
    side.forget_models()
    return found


def _run(side: _Side, task: Task, made: Clients) -> Service:
    found = Service(task.service)
    try:
        client = made.of(clients.ONCE)
    except Exception as error:  # noqa: BLE001 - the other side must fail in the same way
        found.problem = f"{type(error).__name__}: {error}"
        return found
    found.handlers = handlers.registered(client)
    model = client.meta.service_model
    first = True
    for number, name in enumerate(sampled(model.operation_names, task.service, task.every)):
        operation = model.operation_model(name)
        scripts = answers.scripts(operation)
        found.outcomes[name] = came = {
            label: _outcome(side, made.of(kind), operation, scripts[answer])
            for label, kind, answer in call_variants.of(
                operation, number, first=first, followed=task.followed, patched=side.patched
            )
        }
        first = first and not came[answers.OK].requests  # of those that can be sent
    return found


def sampled(names: list[str], service: str, every: int) -> list[str]:
    """Choose every so manieth operation of a service, at least one; the same in each run."""
    names = sorted(names)
    # From another place in each service, so that the samples are not all of what begins with A.
    return names[zlib.crc32(service.encode()) % every :: every] or names[:1]


def _outcome(side: _Side, client: Any, operation: Any, script: Any) -> Outcome:
    given = inputs.of(operation)  # not within the call: what goes wrong here is our own fault
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}

    def call() -> Any:
        method = getattr(client, methods.get(operation.name, ""), None)
        if method is None:
            raise LookupError(f"botocore's client has no method for {operation.name}")
        return method(**given)

    notes = side.clock.begin()
    with side.endpoint.playing(script) as seen:
        return outcome.of(call, seen, notes)
