"""moto as the store behind the gateways, on a socket, in this process: S3 and all its others."""

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

_POLL = 0.05  # seconds that its end may take
_SCOPE = re.compile(r"Credential=[^,]*/([^/,]+)/aws4_request")
_S3 = ("s3", "s3express")
#: Services that moto knows by the name for which their requests are signed, each by one alone.
_UNAMBIGUOUS = frozenset(("ec2", "eks", "iam", "sts", "transcribe"))
_FORM = "application/x-www-form-urlencoded"

#: Where the stores of this process are, which a mock of moto's would empty.
running: list[str] = []


class MotoStore:
    """Run moto's S3 on a free loopback port while the context lasts; `url` is where.

    Other services are there, too: whose a request is, its signature says. One without a signature
    is for S3, unless it is a form, as STS has them. The first request to a service takes as long as
    moto takes to import it.

    Accounts are told apart by the header `x-moto-account-id`. Bucket names are global, and what is
    stored lives as long as the process, or until a `Peek` forgets it, or a mock of moto's begins or
    ends in this process: moto keeps one set of backends. Those of the kit do not begin meanwhile.
    """

    _thread: Thread

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
        from werkzeug import serving  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            f"A store of moto's needs moto with its server, but {error}. "
            "Install both with: pip install 'botocore-redirect[testing]'"
        ) from error
    application = _Application(moto.server)
    handler = getattr(moto.server, "MotoRequestHandler", None)  # since moto 5.2
    return serving.make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler)


_Serve = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _Application:
    """WSGI: moto's services, and beside them all that S3 holds of an account (see `contents`)."""

    def __init__(self, server: Any) -> None:
        # Not moto's dispatcher: to find out whose a request is, it lists 200 folders each time.
        self._made = cache(server.create_backend_app)
        self._s3: _Serve = self._made("s3")
        self._others: _Serve = server.DomainDispatcherApplication(self._made)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != moto_contents.PATH:
            return self._whose(environ)(environ, start_response)
        status, body = "200 OK", b""
        account = environ.get("HTTP_X_MOTO_ACCOUNT_ID")
        try:
            if environ["REQUEST_METHOD"] == "PUT":
                message = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                moto_contents.fill(account, moto_contents.unpack(message))
            elif environ["REQUEST_METHOD"] == "DELETE":
                moto_contents.forget(account)
            elif environ["REQUEST_METHOD"] == "GET":  # and HEAD only asks whether this is known
                body = moto_contents.pack(moto_contents.read(account))
        except Exception as error:  # noqa: BLE001 - whatever moto says goes to who asked
            status, body = "400 Bad Request", repr(error).encode()
        length = str(len(body))
        start_response(status, [("Content-Type", moto_contents.TYPE), ("Content-Length", length)])
        return [body]

    def _whose(self, environ: dict[str, Any]) -> _Serve:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is not None:
            if scope[1] in _S3:
                return self._s3
            own: _Serve = self._made(scope[1]) if scope[1] in _UNAMBIGUOUS else self._others
            return own
        is_form = environ.get("CONTENT_TYPE", "").startswith(_FORM)
        at_root = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/"
        return self._others if is_form and at_root else self._s3
