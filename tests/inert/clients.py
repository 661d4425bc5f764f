"""The clients that the calls are made with: kinds of retries, and of endpoints."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.exceptions import InvalidRetryConfigurationError

from inert import handlers
from inert.clock import Clock
from inert.endpoint import ORIGIN
from wire.servers.tls import CA

_REGION = "us-east-1"
ONCE, ELSEWHERE, DEFAULT, VERIFYING = "once", "redirected", "default endpoint", "verifying"
LEGACY, STANDARD, ADAPTIVE = "legacy", "standard", "adaptive"
_RETRIES: dict[str, dict[str, Any]] = {
    LEGACY: {"mode": LEGACY, "max_attempts": 1},
    STANDARD: {"mode": STANDARD, "max_attempts": 2},
    ADAPTIVE: {"mode": ADAPTIVE, "max_attempts": 2},
}


class Clients:
    """The clients of one service, each made when it is first asked for."""

    def __init__(self, session: Any, service: str, clock: Clock) -> None:
        self._session, self._service, self._clock = session, service, clock
        self._made: dict[str, Any] = {}

    def of(self, kind: str) -> Any:
        """Give the client of that kind."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: str) -> Any:
        self._clock.begin()
        # `ELSEWHERE` may say which retries, after a comma.
        name = kind.rpartition(", ")[2]
        retries = dict(_RETRIES.get(name, {"max_attempts": 0}))
        if name == LEGACY and not _is_known(retries):
            del retries["mode"]  # there is no other
        client = self._session.create_client(
            self._service,
            _REGION,
            endpoint_url=None if kind == DEFAULT else ORIGIN,
            # The certificate is for none of the names: who looks at it goes no further.
            verify=CA if kind == VERIFYING else False,
            config=Config(retries=retries, connect_timeout=10, read_timeout=10),
        )
        if kind == ADAPTIVE:
            self._clock.watch(handlers.limiter(client))
        return client

    def close(self) -> None:
        """Close their connections."""
        for client in self._made.values():
            # Older releases have no `close`.
            getattr(client, "close", client._endpoint.http_session._manager.clear)()
        self._made.clear()


def known_retries() -> tuple[str, ...]:
    """Name the kinds of retries that this botocore has."""
    return tuple(kind for kind in _RETRIES if kind == LEGACY or _is_known(_RETRIES[kind]))


def _is_known(retries: dict[str, Any]) -> bool:
    try:
        Config(retries=retries)
    except InvalidRetryConfigurationError:
        return False
    return True
