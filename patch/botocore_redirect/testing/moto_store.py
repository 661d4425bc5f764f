"""moto's own server as the store behind the gateways, in this process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class MotoStore:
    """Run moto's server on a free loopback port while the context lasts; `url` is where.

    Accounts are told apart by the header `x-moto-account-id`. Bucket names are global, and what is
    stored lives as long as the process: moto keeps one set of backends.
    """

    def __init__(self) -> None:
        self._server: Any = None
        self._url: str | None = None
        self._log = logging.getLogger("werkzeug")
        self._log_level = self._log.level

    @property
    def url(self) -> str:
        """Where the server is; readable while it runs."""
        if self._url is None:
            raise RuntimeError("The store has no url before it is started: use `with MotoStore()`.")
        return self._url

    def __enter__(self) -> Self:
        server = _server_class()(ip_address="127.0.0.1", port=0, verbose=False)
        # werkzeug writes a line per request to stderr unless its logger was given a level.
        self._log_level = self._log.level
        self._log.setLevel(logging.WARNING)
        server.start()
        self._server = server
        self._url = f"http://127.0.0.1:{_port(server)}"
        return self

    def __exit__(self, *_: object) -> None:
        self._url = None
        self._server.stop()
        self._log.setLevel(self._log_level)


def _server_class() -> Any:
    try:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - moto is an extra
    except ImportError as error:
        raise ImportError(
            f"A store of moto's needs moto with its server, but {error}. "
            "Install both with: pip install 'botocore-redirect[testing]'"
        ) from error
    return ThreadedMotoServer


def _port(server: Any) -> int:
    if hasattr(server, "get_host_and_port"):
        return int(server.get_host_and_port()[1])
    # moto 4 has no public way to ask, and is final: 4.2.14 was its last release.
    return int(server._server.port)  # noqa: SLF001
