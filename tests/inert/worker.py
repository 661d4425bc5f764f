"""A worker of the comparison: a process that is patched, or one that never will be."""

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
from inert.calls import answers, clients
from inert.calls.clients import Clients
from inert.calls.clock import Clock
from inert.calls.endpoint import Endpoint
from inert.calls.inputs import build_parameters
from inert.calls.variants import list_variants
from inert.outcome import Outcome, record_call


class HarnessError(Exception):
    """The comparison itself failed, so that it proves nothing."""


@dataclass(frozen=True)
class Task:
    """Which operations of a service to call, and whether its redirects are followed."""

    service: str
    every: int = 1
    followed: bool = False


@dataclass
class Service:
    """The outcomes of a service in one worker."""

    name: str
    handlers: tuple[str, ...] = ()
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    problem: str = ""


class _Worker:
    """The state of this process, which is patched or not."""

    def __init__(self, patched: bool, name: str) -> None:
        self.patched = patched
        self.subject = subject.parse_subject(name)
        self._stack = ExitStack()  # closed by the end of the process
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
        self.session.get_credentials()  # the call that loads them would say so in its headers

    def check_patch(self, when: str) -> None:
        """Raise unless this process is still as patched, or unpatched, as in the beginning."""
        if not self.patched:
            proof.expect_stock(when, self.subject)
            return
        gone = take_snapshot().restored_since(self._installed)
        if self.subject.is_ours and not botocore_redirect.is_installed():
            gone.append("the whole")
        if gone:
            raise proof.Contaminated(f"{when}, the patch was gone from {', '.join(gone)}")

    def forget_models(self) -> None:
        """Free the models of a service: all together are a gigabyte."""
        self.session.get_component("data_loader")._cache.clear()


class _Token:
    """Provide the token of services that sign with one."""

    def load_token(self, **_: Any) -> Any:
        from botocore.tokens import FrozenAuthToken  # noqa: PLC0415 - older releases have none

        return _Loaded(FrozenAuthToken("inert-token"))


@dataclass
class _Loaded:
    token: Any

    def get_frozen_token(self) -> Any:
        return self.token


_worker: list[_Worker] = []


def start(patched: bool, name: str) -> None:
    """Turn this process into a worker, patched by the subject of that name or unpatched."""
    os.environ.pop("BOTOCORE_REDIRECT", None)
    _worker.append(_Worker(patched, name))


def run_service(task: Task) -> Service:
    """Call the operations of a service in all variants."""
    (worker,) = _worker
    created = Clients(worker.session, task.service, worker.clock)
    try:
        found = _run(worker, task, created)
    except (HarnessError, proof.Contaminated):
        raise
    except Exception as error:
        raise HarnessError(f"{task.service}: {type(error).__name__}: {error}") from error
    finally:
        created.close()
    worker.check_patch(f"After {task.service}")
    worker.forget_models()
    return found


def _run(worker: _Worker, task: Task, created: Clients) -> Service:
    found = Service(task.service)
    try:
        client = created.get(clients.ONCE)
    except Exception as error:  # noqa: BLE001 - the other worker must fail in the same way
        found.problem = f"{type(error).__name__}: {error}"
        return found
    found.handlers = clients.list_handlers(client)
    model = client.meta.service_model
    first = True
    for number, name in enumerate(
        sample_operations(model.operation_names, task.service, task.every)
    ):
        operation = model.operation_model(name)
        scripts = answers.build_scripts(operation)
        found.outcomes[name] = outcomes = {
            label: _outcome(worker, created.get(kind), operation, scripts[answer])
            for label, kind, answer in list_variants(
                operation, number, first=first, followed=task.followed, patched=worker.patched
            )
        }
        first = first and not outcomes[answers.OK].requests  # the first that is sent
    return found


def sample_operations(names: list[str], service: str, every: int) -> list[str]:
    """Choose every nth operation of a service, at least one; the same in each run."""
    names = sorted(names)
    # A sample starts at another place in each service, so that not all begin with A.
    return names[zlib.crc32(service.encode()) % every :: every] or names[:1]


def _outcome(worker: _Worker, client: Any, operation: Any, script: Any) -> Outcome:
    given = build_parameters(operation)  # outside the call: an error here is a mistake of ours
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}

    def call() -> Any:
        method = getattr(client, methods.get(operation.name, ""), None)
        if method is None:
            raise LookupError(f"botocore's client has no method for {operation.name}")
        return method(**given)

    notes = worker.clock.restart()
    with worker.endpoint.serve(script) as received:
        return record_call(call, received, notes)
