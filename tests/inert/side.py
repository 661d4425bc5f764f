"""One side of the comparison: a process that is patched, or one that never will be."""

from __future__ import annotations

import os
import time
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import botocore.session
import urllib3
from botocore.config import Config
from botocore.exceptions import InvalidRetryConfigurationError

from botocore_redirect.testing import proof, subject
from botocore_redirect.testing.sandbox import aws_sandbox
from inert import answers, handlers, inputs, outcome
from inert.endpoint import ORIGIN, Endpoint, Script
from inert.outcome import Outcome

_RETRIED_EVERY = 10
_REGION = "us-east-1"


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
        enter(mock.patch.object(time, "sleep", _at_once))  # between retries
        if patched:
            enter(self.subject.installed())
        self.session: Any = botocore.session.get_session()
        self.session.register_component("token_provider", _Token())

    def client(self, service: str, retries: dict[str, Any]) -> Any:
        return self.session.create_client(
            service, _REGION, endpoint_url=ORIGIN, verify=False, config=_config(retries)
        )

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
    found = Service(task.service)
    try:
        client = side.client(task.service, {"max_attempts": 0})
        again = side.client(task.service, _once_again())
    except Exception as error:  # noqa: BLE001 - the other side must fail in the same way
        found.problem = f"{type(error).__name__}: {error}"
        return found
    found.handlers = handlers.registered(client)
    model = client.meta.service_model
    for number, name in enumerate(sampled(model.operation_names, task.service, task.every)):
        operation = model.operation_model(name)
        asked = [*answers.ALWAYS, *([answers.RETRIED] if number % _RETRIED_EVERY == 0 else [])]
        if task.followed and not side.patched:
            asked.remove(answers.REDIRECT)  # it would ask until the stack ends
        scripts = answers.scripts(operation)
        found.outcomes[name] = {
            answer: _outcome(
                side, again if answer == answers.RETRIED else client, operation, scripts[answer]
            )
            for answer in asked
        }
    if not side.patched:
        proof.expect_stock(f"After {task.service}", side.subject)
    side.forget_models()
    return found


def sampled(names: list[str], service: str, every: int) -> list[str]:
    """Choose every so manieth operation of a service, at least one; the same in each run."""
    names = sorted(names)
    # From another place in each service, so that the samples are not all of what begins with A.
    return names[zlib.crc32(service.encode()) % every :: every] or names[:1]


def _outcome(side: _Side, client: Any, operation: Any, script: Script) -> Outcome:
    def call() -> Any:
        methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
        if operation.name not in methods:
            raise NotImplementedError(f"botocore's client has no method for {operation.name}")
        return getattr(client, methods[operation.name])(**inputs.of(operation))

    with side.endpoint.playing(script) as seen:
        return outcome.of(call, seen)


def _at_once(_: float) -> None:
    """Wait for nothing."""


def _config(retries: dict[str, Any]) -> Any:
    return Config(retries=retries, connect_timeout=10, read_timeout=10)


def _once_again() -> dict[str, Any]:
    """Retry once: in standard mode, where botocore has it."""
    standard = {"mode": "standard", "max_attempts": 2}
    try:
        _config(standard)
    except InvalidRetryConfigurationError:
        return {"max_attempts": 1}
    return standard
