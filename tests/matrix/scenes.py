"""Run a behaviour against a store, and write down all that can be compared between quadrants."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import re
import secrets
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore_redirect.testing import InProcessStore, Peek, Received, Redirect, RedirectingStore
from matrix.behaviour import BUCKET, Behaviour, Scene, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKETS = "sockets"
IN_PROCESS = "in-process"

# What differs from one run to the next: in headers, and in request targets.
_VOLATILE = (
    (re.compile(r"Signature=[^&]+"), "Signature=SIGNATURE"),
    (re.compile(r"\b(Expires|X-Amz-Date)=\w+"), r"\1=TIME"),
    (re.compile(r"(AWS4-HMAC-SHA256 Credential=[^/]+/)\d{8}/"), r"\1DATE/"),
    (re.compile(r"\b(uploadId)=[^&]+"), r"\1=UPLOAD"),
    (re.compile(r"\b(continuation-token)=[^&]+"), r"\1=TOKEN"),
    (re.compile(r"ttl=\w+"), "ttl=TIME"),
)
# The feature ids of a User-Agent come from a set, whose order is another one in each process.
_FEATURES = re.compile(r"(?<= m/)\S+")
_VOLATILE_HEADERS = {"host", "x-amz-date", "amz-sdk-invocation-id"}


@dataclass(frozen=True)
class Observation:
    """What a behaviour did: plain data, to be compared across processes."""

    result: Any
    stored: dict[str, dict[str, str]]
    #: The requests that reached the store, however they came there.
    wire: list[dict[str, Any]]


class Stage(ABC):
    """A store with a gateway in front of it, made ready for one behaviour."""

    kind: str

    def __init__(self, behaviour: Behaviour, store: Any, url: str) -> None:
        self.behaviour = behaviour
        self.store = store
        self.bucket = f"contract-{secrets.token_hex(6)}"
        self.scene = Scene(url, self.bucket, self._attach, self.kind)
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
        return _named(self.behaviour.act(self.scene), self.bucket)

    def observe(self) -> Observation:
        """Act, and write down what happened; `result` and `left` keep it as it was."""
        self.result = self.act()
        self.left = self.stored()
        wire = self.at_target or self.at_gateway
        return Observation(
            result=_plain(self.result),
            stored=_plain(self.left),
            wire=[self._request(request) for request in wire],
        )

    def _request(self, request: Received) -> dict[str, Any]:
        headers = [
            [name, "VOLATILE" if name.lower() in _VOLATILE_HEADERS else self._masked(value)]
            for name, value in request.raw_headers
        ]
        return {
            "method": request.method,
            "target": self._masked(request.target),
            "headers": headers,
            "body": _plain(request.body.replace(self.bucket.encode(), BUCKET.encode())),
        }

    def _masked(self, text: str) -> str:
        text = _FEATURES.sub(_sorted_features, text.replace(self.bucket, BUCKET))
        for pattern, mask in _VOLATILE:
            text = pattern.sub(mask, text)
        return text


class SocketStage(Stage):
    """Over real sockets, in front of moto's server."""

    kind = SOCKETS
    store: RedirectingStore

    @property
    def at_gateway(self) -> list[Received]:
        return self.store.gateway.received

    @property
    def at_target(self) -> list[Received]:
        return self.store.targets[0].received

    def snapshot(self) -> Store:
        return self.store.peek.snapshot()


class InProcessStage(Stage):
    """In process, with moto's mock of AWS."""

    kind = IN_PROCESS
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
def staged(
    kind: str, behaviour: Behaviour, redirect: Redirect | None, backend: str
) -> Iterator[Stage]:
    """Set up a store that redirects everything, or nothing, and holds what the behaviour needs."""
    if kind == SOCKETS:
        with RedirectingStore(backend, redirect=redirect) as store:
            stage: Stage = SocketStage(behaviour, store, store.url)
            with _filled(stage, store.peek):
                yield stage
    else:
        with InProcessStore(redirect, account=_new_account()) as in_process:
            stage = InProcessStage(behaviour, in_process, in_process.url)
            with _filled(stage, in_process):
                yield stage


@contextmanager
def _filled(stage: Stage, contents: Peek | InProcessStore) -> Iterator[None]:
    """Put in what the behaviour needs, around the client; in the end, free all that is stored."""
    before = stage.behaviour.before
    if before:
        contents.fill({_name(stage, bucket): objects for bucket, objects in before.items()})
    try:
        yield
    finally:
        contents.forget()


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


def _sorted_features(match: re.Match[str]) -> str:
    return ",".join(sorted(match[0].split(",")))


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
