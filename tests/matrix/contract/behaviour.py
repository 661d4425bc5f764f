"""What one behaviour of the contract is, and what its client code has at hand."""

from __future__ import annotations

import functools
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Callable

from botocore.config import Config

from matrix.contract import models
from matrix.contract.needs import OTHER_SERVICES
from matrix.harness.settings import AIOBOTOCORE, IN_PROCESS

BUCKET = "BUCKET"  # how the name of a clients's bucket appears in what is compared
_REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "contract", "aws_secret_access_key": "secret"}

Objects = dict[str, bytes]
Store = dict[str, Objects]


@functools.cache
def _session(_kind: str) -> Any:
    """Return the session of one kind of store: making one is not cheap.

    Not one for all kinds, because moto reaches only sessions that are made after it was imported.
    """
    return models.session(region_name=_REGION, **CREDENTIALS)


def _aiobotocore_session(backend: str) -> Any:
    """Make what stands for a session, with an event loop of its own."""
    from asynchronous.blocking import BlockingClients  # noqa: PLC0415 - not in every environment

    return BlockingClients(backend, loader=models.loader(), region_name=_REGION, **CREDENTIALS)


class ClientFactory:
    """What the client code of a behaviour has at hand; a session, to programs that take one."""

    def __init__(self, url: str, bucket: str, attach: Callable[[Any], Any], kind: str) -> None:
        self.url = url
        self.bucket = bucket
        self._attach = attach
        self.has_sockets = kind != IN_PROCESS
        self._options: dict[str, Any] = {"s3": {"addressing_style": "path"}}
        self._open = ExitStack()
        if kind in AIOBOTOCORE.values():
            (backend,) = (name for name, each in AIOBOTOCORE.items() if each == kind)
            self._options[
                "proxies"
            ] = {}  # httpx before 3.9 refuses even the `no_proxy` of a sandbox
            self._session = _aiobotocore_session(backend)
            self._open.callback(self._session.close)
        else:
            self._session = _session(kind)

    @functools.cached_property
    def s3(self) -> Any:
        """The S3 client of the behaviour."""
        return self.client("s3")

    def close(self) -> None:
        """Close what does not close by itself: the clients of aiobotocore."""
        self._open.close()

    def client(self, service: str, **settings: Any) -> Any:
        """Return a client that reaches the store, or the services beside it."""
        made = self._session.client(service, **self._settings(service, settings))
        return self._attach(made) if service == "s3" else made

    def resource(self, service: str = "s3", **settings: Any) -> Any:
        """Return the resource interface."""
        made = self._session.resource(service, **self._settings(service, settings))
        if service == "s3":
            self._attach(made.meta.client)
        return made

    def _settings(self, service: str, given: dict[str, Any]) -> dict[str, Any]:
        settings = {"endpoint_url": self.url, **given}
        if service == "s3":
            own = Config(**self._options)
            settings["config"] = given["config"].merge(own) if "config" in given else own
        return settings


@dataclass(frozen=True, eq=False)
class Behaviour:
    """One behaviour of the contract; there is one of each, so it is only equal to itself."""

    name: str
    act: Callable[[ClientFactory], Any]
    returns: Any
    before: Store = field(default_factory=dict)
    after: Store | None = None  # None: as before
    #: It sends nothing through the client, so no patch and no redirect can change it.
    offline: bool = False
    #: Its first operation has no bucket, which stock botocore's redirector trips over.
    without_bucket: bool = False
    #: What it needs that some stores or clients do not have, as `needs` names it.
    needs: frozenset[str] = frozenset()
    #: Its requests come in an order of their own each time.
    in_any_order: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def uses_other_services(self) -> bool:
        """Whether it asks other services, too; of them, nothing is redirected."""
        return OTHER_SERVICES in self.needs

    @property
    def stored(self) -> Store:
        """What the store holds afterwards."""
        return self.before if self.after is None else self.after


Act = Callable[[ClientFactory], Any]


def collected_in(
    behaviours: list[Behaviour], **facts_of_all: Any
) -> Callable[..., Callable[[Act], Act]]:
    """Make the decorator that turns client code into a behaviour, and adds it to this list."""

    def behaviour(**facts: Any) -> Callable[[Act], Act]:
        def add(act: Act) -> Act:
            behaviours.append(Behaviour(act.__name__, act, **{**facts_of_all, **facts}))
            return act

        return add

    return behaviour
