"""What one behaviour of the contract is, and what its client code has at hand."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, Callable

from botocore.config import Config

from matrix import models

BUCKET = "BUCKET"  # how the name of a scene's bucket appears in what is compared
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


class Scene:
    """What the client code of a behaviour has at hand."""

    def __init__(self, url: str, bucket: str, attach: Callable[[Any], Any], kind: str) -> None:
        self.url = url
        self.bucket = bucket
        self._attach = attach
        self.has_sockets = kind == "sockets"
        self._session = _session(kind)
        self.s3 = self._made("client")

    def resource(self) -> Any:
        """Return the resource interface."""
        return self._made("resource")

    def _made(self, interface: str) -> Any:
        made = getattr(self._session, interface)(
            "s3", endpoint_url=self.url, config=Config(s3={"addressing_style": "path"})
        )
        self._attach(getattr(made.meta, "client", made))  # a resource's, or the client itself
        return made


@dataclass(frozen=True, eq=False)
class Behaviour:
    """One behaviour of the contract; there is one of each, so it is only equal to itself."""

    name: str
    act: Callable[[Scene], Any]
    returns: Any
    before: Store = field(default_factory=dict)
    after: Store | None = None  # None: as before
    #: It sends nothing through the client, so no patch and no redirect can change it.
    offline: bool = False
    #: Its first operation has no bucket, which stock botocore's redirector trips over.
    without_bucket: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def stored(self) -> Store:
        """What the store holds afterwards."""
        return self.before if self.after is None else self.after
