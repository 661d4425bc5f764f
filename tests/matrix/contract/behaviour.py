"""What one behaviour of the contract is, and what its client code has at hand."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, Callable

from botocore.config import Config

from matrix.contract import models

BUCKET = "BUCKET"  # how the name of a clients's bucket appears in what is compared
_REGION = "us-east-1"
_CREDENTIALS = {"aws_access_key_id": "contract", "aws_secret_access_key": "secret"}

Objects = dict[str, bytes]
Store = dict[str, Objects]


@functools.cache
def _session(_kind: str) -> Any:
    """Return the session of one kind of store: making one is not cheap.

    Not one for all kinds, because moto reaches only sessions that are made after it was imported.
    """
    return models.session(region_name=_REGION, **_CREDENTIALS)


class ClientFactory:
    """What the client code of a behaviour has at hand; a session, to programs that take one."""

    def __init__(self, url: str, bucket: str, attach: Callable[[Any], Any], kind: str) -> None:
        self.url = url
        self.bucket = bucket
        self._attach = attach
        self.has_sockets = kind == "sockets"
        self._session = _session(kind)
        self.s3 = self.client("s3")

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
            path = Config(s3={"addressing_style": "path"})
            settings["config"] = given["config"].merge(path) if "config" in given else path
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
    #: It asks other services, too, which only moto's server has; of them, nothing is redirected.
    uses_other_services: bool = False
    #: Its requests come in an order of their own each time.
    in_any_order: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def stored(self) -> Store:
        """What the store holds afterwards."""
        return self.before if self.after is None else self.after


Act = Callable[[ClientFactory], Any]


def collected_in(behaviours: list[Behaviour]) -> Callable[..., Callable[[Act], Act]]:
    """Make the decorator that turns client code into a behaviour, and adds it to this list."""

    def behaviour(**facts: Any) -> Callable[[Act], Act]:
        def add(act: Act) -> Act:
            behaviours.append(Behaviour(act.__name__, act, **facts))
            return act

        return add

    return behaviour
