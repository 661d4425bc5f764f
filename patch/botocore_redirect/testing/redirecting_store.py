"""A store that redirects: a gateway and its targets on real sockets, in front of a backend."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from itertools import cycle
from typing import TYPE_CHECKING

from .contents import ACCOUNT
from .exchange import EVERYTHING, Rule
from .gateway import Gateway
from .moto_store import MotoStore
from .peek import Peek

if TYPE_CHECKING:
    from typing_extensions import Self


class RedirectingStore:
    """A gateway that redirects every request to a target, which relays it to the backend.

    Configure a client with `url`. `gateway` and `targets` record what they receive, `peek` looks
    straight into the backend. With several targets, redirects go to each in turn. `backend` is the
    URL of a store to use; None runs moto's in this process. Each instance has a moto account of its
    own (`account`), so buckets of others are not listed; their names are global nevertheless.
    """

    url: str
    gateway: Gateway
    targets: list[Gateway]
    peek: Peek

    def __init__(
        self, backend: str | None = None, targets: int = 1, redirect: Rule = EVERYTHING
    ) -> None:
        if targets < 1:
            raise ValueError(f"targets is {targets}; a redirect needs at least 1 to point at.")
        self.account = "".join(secrets.choice("0123456789") for _ in range(12))
        self._backend = backend
        self._count = targets
        self._rule = redirect
        self._open = ExitStack()

    def redirect(self, rule: Rule = EVERYTHING) -> None:
        """Redirect from now on: everything, or what the rule says."""
        self.gateway.rule = rule

    def relay(self) -> None:
        """Redirect nothing from now on: the gateway relays to the backend itself."""
        self.gateway.rule = None

    def clear(self) -> None:
        """Forget the requests that gateway and targets received."""
        for server in (self.gateway, *self.targets):
            server.clear()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            backend = self._backend or opening.enter_context(MotoStore()).url
            account = {ACCOUNT: self.account}
            self.targets = [
                opening.enter_context(Gateway(backend, relay_headers=account))
                for _ in range(self._count)
            ]
            turns = cycle([target.url for target in self.targets])
            self.gateway = opening.enter_context(
                Gateway(
                    backend,
                    target=lambda: next(turns),
                    rule=self._rule,
                    relay_headers=account,
                )
            )
            self.url = self.gateway.url
            self.peek = Peek(backend, account)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
