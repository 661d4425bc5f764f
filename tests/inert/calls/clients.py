"""The clients that make the calls, in several retry modes, and their event handlers."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from botocore.exceptions import InvalidRetryConfigurationError

from inert.calls.clock import Clock
from inert.calls.endpoint import ORIGIN
from wire.servers.tls import CA

_REGION = "us-east-1"
ONCE, REDIRECTED, DEFAULT, VERIFYING = "once", "redirected", "default endpoint", "verifying"
LEGACY, STANDARD, ADAPTIVE = "legacy", "standard", "adaptive"
_RETRIES: dict[str, dict[str, Any]] = {
    LEGACY: {"mode": LEGACY, "max_attempts": 1},
    STANDARD: {"mode": STANDARD, "max_attempts": 2},
    ADAPTIVE: {"mode": ADAPTIVE, "max_attempts": 2},
}


class Clients:
    """The clients of one service, each created when it is first needed."""

    def __init__(self, session: Any, service: str, clock: Clock) -> None:
        self._session, self._service, self._clock = session, service, clock
        self._created: dict[str, Any] = {}

    def get(self, kind: str) -> Any:
        """Return the client of that kind."""
        if kind not in self._created:
            self._created[kind] = self._create(kind)
        return self._created[kind]

    def _create(self, kind: str) -> Any:
        self._clock.restart()
        # `REDIRECTED` may name a retry mode after a comma.
        mode = kind.rpartition(", ")[2]
        retries = dict(_RETRIES.get(mode, {"max_attempts": 0}))
        if mode == LEGACY and not _is_known(retries):
            del retries["mode"]  # this botocore has no other
        client = self._session.create_client(
            self._service,
            _REGION,
            endpoint_url=None if kind == DEFAULT else ORIGIN,
            # The certificate is for none of the names, so a client that verifies it refuses.
            verify=CA if kind == VERIFYING else False,
            config=Config(retries=retries, connect_timeout=10, read_timeout=10),
        )
        if kind == ADAPTIVE:
            self._clock.record_tokens(find_rate_limiter(client))
        return client

    def close(self) -> None:
        """Close their connections."""
        for client in self._created.values():
            # Older releases have no `close`.
            getattr(client, "close", client._endpoint.http_session._manager.clear)()
        self._created.clear()


def retry_modes() -> tuple[str, ...]:
    """Return the retry modes of this botocore."""
    return tuple(mode for mode in _RETRIES if mode == LEGACY or _is_known(_RETRIES[mode]))


def _is_known(retries: dict[str, Any]) -> bool:
    try:
        Config(retries=retries)
    except InvalidRetryConfigurationError:
        return False
    return True


def list_handlers(client: Any) -> tuple[str, ...]:
    """List the event handlers of a client, in the order in which they are called."""
    return tuple(f"{event} [{place}] {_name(each)}" for event, place, each in _handlers(client))


def find_rate_limiter(client: Any) -> Any:
    """Return the rate limiter of a client with adaptive retries."""
    owners = (getattr(handler, "__self__", None) for _, _, handler in _handlers(client))
    return next(owner for owner in owners if hasattr(owner, "_token_bucket"))


def _handlers(client: Any) -> Iterator[tuple[str, str, Any]]:
    emitter = client.meta.events
    emitter = getattr(emitter, "_emitter", emitter)  # it may be wrapped for event aliases
    return _handlers_below(emitter._handlers._root, ())


def _handlers_below(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    path = (*path, node["chunk"]) if node["chunk"] else path
    if node["values"]:
        event = ".".join(path)
        for place, handlers in zip(("first", "middle", "last"), node["values"]):
            yield from ((event, place, handler) for handler in handlers)
    for key in sorted(node["children"]):
        yield from _handlers_below(node["children"][key], path)


def _name(handler: Any) -> str:
    if isinstance(handler, functools.partial):
        return f"partial of {_name(handler.func)}"
    named = handler if hasattr(handler, "__qualname__") else type(handler)
    return f"{named.__module__}.{named.__qualname__}"
