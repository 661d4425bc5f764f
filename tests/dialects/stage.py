"""A store that speaks a dialect, made ready for one behaviour of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Callable

from botocore_redirect.testing import RedirectingStore
from botocore_redirect.testing.dialects import Dialect
from matrix.contract.behaviour import Behaviour
from matrix.harness.settings import SOCKETS
from matrix.harness.stage import SocketStage, fill

Attach = Callable[[Any], Any]


class DialectStage(SocketStage):
    """Its clients are such as the store redirects."""

    def __init__(self, behaviour: Behaviour, store: RedirectingStore, attach: Attach) -> None:
        self._attach_also = attach
        super().__init__(SOCKETS, behaviour, store, store.url)

    def _attach(self, client: Any) -> Any:
        user_agent = self.store.dialect and self.store.dialect.user_agent

        def identify(request: Any, **_: Any) -> None:
            request.headers["User-Agent"] = user_agent

        if user_agent:
            client.meta.events.register("before-send.s3", identify)
        return self._attach_also(client)


@contextmanager
def speaking(
    dialect: Dialect, behaviour: Behaviour, backend: str, attach: Attach = lambda client: client
) -> Iterator[DialectStage]:
    """Set up a store with one target; `attach` gets each S3 client that the behaviour makes."""
    with RedirectingStore(backend, dialect=dialect) as store:
        stage = DialectStage(behaviour, store, attach)
        with closing(stage.clients):
            fill(stage, store.inspector)
            yield stage
