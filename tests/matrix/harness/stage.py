"""Run a behaviour against a store, and write down all that can be compared between quadrants."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import re
import secrets
from abc import ABC, abstractmethod
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore_redirect.testing import (
    InProcessStore,
    Inspector,
    Received,
    Redirect,
    RedirectingStore,
)
from botocore_redirect.testing.server.exchange import Rule
from matrix.contract.behaviour import BUCKET, Behaviour, ClientFactory, Store
from matrix.contract.normalize import Normalizer
from matrix.harness import strict_target
from matrix.harness.settings import AIOBOTOCORE, IN_PROCESS

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCOPE = re.compile(r"/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Observation:
    """What a behaviour did: plain data, to be compared across processes."""

    result: Any
    stored: dict[str, dict[str, str]]
    #: The requests that reached the store, however they came there.
    wire: list[dict[str, Any]]


class Stage(ABC):
    """A store with a gateway in front of it, made ready for one behaviour."""

    def __init__(self, kind: str, behaviour: Behaviour, store: Any, url: str) -> None:
        self.behaviour = behaviour
        self.store = store
        self.bucket = f"contract-{secrets.token_hex(6)}"
        self.clients = ClientFactory(url, self.bucket, self._attach, kind)
        self.normalizer = Normalizer(self.bucket, store.account, behaviour)
        self.result: Any = None
        self.left: Store = {}

    def _attach(self, client: Any) -> Any:
        return client

    @property
    @abstractmethod
    def at_gateway(self) -> list[Received]:
        """What the gateway received."""

    @property
    @abstractmethod
    def at_target(self) -> list[Received]:
        """What came to the target by a redirect."""

    @abstractmethod
    def snapshot(self) -> Store:
        """What is stored, asked without the client under test."""

    def stored(self) -> Store:
        """Return what is stored, under the name by which behaviours know the bucket."""
        return {
            BUCKET if bucket == self.bucket else bucket: objects
            for bucket, objects in self.snapshot().items()
        }

    def act(self) -> Any:
        """Let the client do what the behaviour says; return the result, made comparable."""
        return _named(self.behaviour.act(self.clients), self.bucket)

    def observe(self) -> Observation:
        """Act, and write down what happened; `result` and `left` keep it as it was."""
        self.result = self.act()
        self.left = self.stored()
        came = iter(self.at_target)
        at_store = [next(came) if each.redirected else each for each in self.at_gateway]
        return self._observation(self.result, at_store)

    def observe_failure(self) -> Observation:
        """Act, and write down in what that failed, and every request that led there."""
        try:
            self.result = self.act()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is to be compared
            failure: BaseException | None = error
        else:
            raise AssertionError(f"{self.behaviour} came to its end: {self.result!r}")
        self.left = self.stored()
        chain = []
        while failure is not None:
            chain.append(self._described(failure))
            failure = failure.__cause__ or failure.__context__
        return self._observation(chain, self.at_gateway)

    def _observation(self, result: Any, requests: list[Received]) -> Observation:
        wire = [self._request(request) for request in requests]
        if self.behaviour.in_any_order:
            wire.sort(key=json.dumps)
        return Observation(_plain(result), _plain(self.left), wire)

    def _described(self, error: BaseException) -> dict[str, Any]:
        response = getattr(error, "response", None) or {}
        said = str(error).replace(self.clients.url, "GATEWAY").replace(self.bucket, BUCKET)
        return {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "says": self.normalizer.ids(said),
            "error": response.get("Error"),
            "status": response.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        }

    def _request(self, request: Received) -> dict[str, Any]:
        return {
            "method": request.method,
            "target": self.normalizer.text(request.target),
            "headers": [self.normalizer.header(*pair) for pair in request.raw_headers],
            "body": _plain(self.normalizer.body(request.body)),
        }


class SocketStage(Stage):
    """Over real sockets, in front of moto's server."""

    store: RedirectingStore

    @property
    def at_gateway(self) -> list[Received]:
        return self.store.gateway.received

    @property
    def at_target(self) -> list[Received]:
        return self.store.targets[0].received

    def snapshot(self) -> Store:
        return self.store.inspector.snapshot()


class InProcessStage(Stage):
    """In process, with moto's mock of AWS."""

    store: InProcessStore

    def _attach(self, client: Any) -> Any:
        return self.store.attach(client)

    @property
    def at_gateway(self) -> list[Received]:
        return self.store.gateway_received

    @property
    def at_target(self) -> list[Received]:
        return self.store.target_received

    def snapshot(self) -> Store:
        return self.store.snapshot()


@contextmanager
def staged(kind: str, behaviour: Behaviour, redirect: Rule, backend: str) -> Iterator[Stage]:
    """Set up a store that redirects by a rule, and holds what the behaviour needs.

    A `Redirect` is for everything, except that of other services nothing is redirected.
    """
    if kind == IN_PROCESS:
        with InProcessStore(redirect, account=_new_account()) as in_process:
            stage: Stage = InProcessStage(kind, behaviour, in_process, in_process.url)
            fill(stage, in_process)
            try:
                yield stage
            finally:
                in_process.forget()
        return
    with RedirectingStore(backend, redirect=_of_s3(redirect, behaviour)) as store:
        stage = SocketStage(kind, behaviour, store, store.url)
        # urllib follows the redirect of a presigned URL with the signature for the gateway.
        is_strict = kind in AIOBOTOCORE.values() and not behaviour.offline
        if is_strict:
            _make_strict(store)
        with closing(stage.clients):
            fill(stage, store.inspector)
            yield stage
        if is_strict:
            strict_target.expect_signed_bodies(stage.at_target)


def _make_strict(store: RedirectingStore) -> None:
    """Verify signatures where requests reach the store: at the target, or at the gateway."""
    if store.gateway.rule is None:
        store.gateway.rule = strict_target.refuse
    store.targets[0].rule = strict_target.refuse


def others_redirect(received: Received) -> Redirect | None:
    """As a rule: redirect whatever is not for S3."""
    return None if _is_for_s3(received) else Redirect()


def _of_s3(redirect: Rule, behaviour: Behaviour) -> Rule:
    if not (isinstance(redirect, Redirect) and behaviour.uses_other_services):
        return redirect
    return lambda received: redirect if _is_for_s3(received) else None


def _is_for_s3(received: Received) -> bool:
    scope = _SCOPE.search(received.headers.get("Authorization", ""))
    return scope is None or scope[1] == "s3"


def fill(stage: Stage, contents: Inspector | InProcessStore) -> None:
    """Store what the behaviour needs, without the client."""
    before = stage.behaviour.before
    if before:
        contents.fill({_name(stage, bucket): objects for bucket, objects in before.items()})


def _name(stage: Stage, bucket: str) -> str:
    return stage.bucket if bucket == BUCKET else bucket


def _new_account() -> str | None:
    # moto 4 takes a quarter of a second for each new account; but it starts anew with each store.
    if _moto().startswith("4."):
        return None
    return "".join(secrets.choice("0123456789") for _ in range(12))


@functools.cache
def _moto() -> str:
    return importlib.metadata.version("moto")


def as_data(observation: Observation) -> dict[str, Any]:
    """Return an observation in a form that JSON keeps unchanged."""
    return asdict(observation)


def _named(value: Any, bucket: str) -> Any:
    if isinstance(value, str):
        return value.replace(bucket, BUCKET)
    if isinstance(value, list):
        return [_named(each, bucket) for each in value]
    return value


def _plain(value: Any) -> Any:
    """Turn bytes into text, large ones into their digest."""
    if isinstance(value, bytes):
        if len(value) > 1000:
            return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}"
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
