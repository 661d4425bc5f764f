"""moto's server in this process: the store behind the gateways, S3 and all other services."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any, Callable

from botocore_redirect.testing.stores import moto_contents

if TYPE_CHECKING:
    from typing_extensions import Self

_POLL = 0.05  # seconds that closing it may take
_SCOPE = re.compile(r"Credential=[^,]*/([^/,]+)/aws4_request")
_S3 = ("s3", "s3express")
#: Services whose name in the signature is the name of their one backend in moto.
_UNAMBIGUOUS = frozenset(("ec2", "eks", "iam", "sts", "transcribe"))
_FORM = "application/x-www-form-urlencoded"

#: The URLs of the stores in this process: a mock of moto would empty them.
running: list[str] = []


class MotoStore:
    """Run moto's S3 on a free loopback port; use it as a context manager and connect to `url`.

    Other services are available, too: the signature of a request names its service. A request
    without a signature goes to S3, unless it is a form, as STS uses them. The first request to a
    service is slow, because moto imports the service then.

    The header `x-moto-account-id` selects the account. Bucket names are global. moto has one set of
    backends in a process: contents live until the process ends, `Inspector.forget` deletes them, or
    a mock of moto begins or ends in this process. Mocks of the kit refuse to begin meanwhile.
    """

    _thread: Thread

    def __init__(self) -> None:
        self._server: Any = None
        self._url: str | None = None
        self._log = logging.getLogger("werkzeug")
        self._log_level = self._log.level

    @property
    def url(self) -> str:
        """The URL of the server; readable while it runs."""
        if self._url is None:
            raise RuntimeError("The store has no url before it is started: use `with MotoStore()`.")
        return self._url

    def __enter__(self) -> Self:
        self._server = _server()
        # werkzeug writes a line per request to stderr unless its logger was given a level.
        self._log_level = self._log.level
        self._log.setLevel(logging.WARNING)
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()
        self._url = f"http://127.0.0.1:{self._server.server_port}"
        running.append(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        running.remove(self.url)
        self._url = None
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._log.setLevel(self._log_level)


def _server() -> Any:
    try:
        import moto.server  # noqa: PLC0415 - moto is an extra
        from werkzeug import serving  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - it comes with moto
    except ImportError as error:
        raise ImportError(
            f"A MotoStore needs moto with its server, but {error}. "
            "Install both with: pip install 'moto[s3,server]'"
        ) from error
    application = _Application(moto.server)
    handler = getattr(moto.server, "MotoRequestHandler", None)  # since moto 5.2
    return serving.make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler)


_Serve = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Application:
    """WSGI: moto's services, and the contents of an account at `moto_contents.PATH`."""

    def __init__(self, server: Any) -> None:
        # moto's own dispatcher lists 200 folders for each request to find its service.
        self._backend = cache(server.create_backend_app)
        self._s3: _Serve = self._backend("s3")
        self._dispatcher: _Serve = server.DomainDispatcherApplication(self._backend)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != moto_contents.PATH:
            return self._service(environ)(environ, start_response)
        status, body = "200 OK", b""
        account = environ.get("HTTP_X_MOTO_ACCOUNT_ID")
        try:
            if environ["REQUEST_METHOD"] == "PUT":
                message = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                moto_contents.fill(account, moto_contents.unpack(message))
            elif environ["REQUEST_METHOD"] == "DELETE":
                moto_contents.forget(account)
            elif environ["REQUEST_METHOD"] == "GET":  # a HEAD only looks at the media type
                body = moto_contents.pack(moto_contents.read(account))
        except Exception as error:  # noqa: BLE001 - the client gets whatever moto raises
            status, body = "400 Bad Request", repr(error).encode()
        length = str(len(body))
        start_response(status, [("Content-Type", moto_contents.TYPE), ("Content-Length", length)])
        return [body]

    def _service(self, environ: dict[str, Any]) -> _Serve:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is not None:
            if scope[1] in _S3:
                return self._s3
            is_known = scope[1] in _UNAMBIGUOUS
            backend: _Serve = self._backend(scope[1]) if is_known else self._dispatcher
            return backend
        is_form = environ.get("CONTENT_TYPE", "").startswith(_FORM)
        at_root = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/"
        return self._dispatcher if is_form and at_root else self._s3
