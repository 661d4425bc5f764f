"""A store that redirects: a gateway and its targets on real sockets, in front of a backend."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from contextlib import ExitStack
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from botocore_redirect.testing.server.exchange import EVERYTHING, Rule
from botocore_redirect.testing.server.gateway import Gateway, expect_none_left
from botocore_redirect.testing.server.script import check
from botocore_redirect.testing.stores.clients import config, session
from botocore_redirect.testing.stores.inspector import Peek
from botocore_redirect.testing.stores.moto_contents import ACCOUNT
from botocore_redirect.testing.stores.moto_store import MotoStore

if TYPE_CHECKING:
    from typing_extensions import Self


class RedirectingStore:
    """A gateway that redirects every request to a target, which relays it to the backend.

    Configure a client with `url`, or take one of `client()`. `gateway` and `targets` record what
    they receive, `peek` looks straight into the backend. With several targets, redirects go to each
    in turn, also those that a target's script answers with. With `tls`, gateway and targets speak
    it; `ca` is the file that verifies them. Nothing here patches botocore.

    `backend` is the URL of a `MotoStore` or `StoreProcess`, or of another store that checks no
    signatures, as they are for other hosts; None runs a `MotoStore` in this process. Each instance
    has a moto account of its own (`account`), so buckets of others are not listed; their names are
    global nevertheless. What the account holds is freed on exit; any other store keeps what it has.

    Steps of scripts that no request has taken are an AssertionError at the end, unless something
    else went wrong before.
    """

    url: str
    gateway: Gateway
    targets: list[Gateway]
    peek: Peek
    ca: str | None

    def __init__(
        self,
        backend: str | None = None,
        targets: int = 1,
        redirect: Rule = EVERYTHING,
        *,
        tls: bool = False,
    ) -> None:
        if targets < 1:
            raise ValueError(f"targets is {targets}; a redirect needs at least 1 to point at.")
        self.account = "".join(secrets.choice("0123456789") for _ in range(12))
        self.ca = None
        self._backend = backend
        self._count = targets
        self._rule: Rule = check(redirect)
        self._tls = tls
        self._open = ExitStack()

    def client(self, **options: Any) -> Any:
        """Make an S3 client of boto3's for the gateway; the options are those of a `Config`."""
        return self._session.client("s3", **self._options(options))

    def resource(self, **options: Any) -> Any:
        """Make an S3 resource of boto3's for the gateway; the options are those of a `Config`."""
        return self._session.resource("s3", **self._options(options))

    def script(self, *steps: Rule) -> None:
        """Have the gateway take one step for each request to come, then do what it did before.

        A step is what a rule can be: None relays, a `Redirect`, `Fault`, `Answer`, `HANG_UP` or
        `SILENCE` answers, a function decides. Steps go after those that are left of another script.
        Targets have a script of their own: `targets[0].script(...)`.
        """
        self.gateway.script(*steps)

    def redirect(self, rule: Rule = EVERYTHING) -> None:
        """Redirect, once the script has ended: everything, or what the rule says."""
        self.gateway.rule = rule

    def relay(self) -> None:
        """Redirect nothing, once the script has ended: the gateway relays to the backend."""
        self.gateway.rule = None

    def clear(self) -> None:
        """Forget the requests that gateway and targets received."""
        for server in (self.gateway, *self.targets):
            server.clear()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            backend = self._backend or opening.enter_context(MotoStore()).url
            account = {ACCOUNT: self.account}
            self.peek = Peek(backend, account)
            opening.callback(self.peek.close)
            context = None
            if self._tls:
                folder = opening.enter_context(tempfile.TemporaryDirectory(prefix="redirecting-"))
                ca = Path(folder) / "ca.pem"
                context, self.ca = _tls_context(ca), str(ca)

            def serve(rule: Rule = None) -> Gateway:
                server = Gateway(
                    backend,
                    target=lambda: next(turns),
                    rule=rule,
                    relay_headers=account,
                    ssl_context=context,
                ).start()
                opening.callback(server.close)
                return server

            self.targets = [serve() for _ in range(self._count)]
            turns = cycle([target.url for target in self.targets])
            self.gateway = serve(self._rule)
            self.url = self.gateway.url
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._open.close()
        if kind is None:
            targets = {f"targets[{n}]": target for n, target in enumerate(self.targets)}
            expect_none_left({"the gateway": self.gateway, **targets})

    if not TYPE_CHECKING:  # which would believe that every attribute is here

        def __getattr__(self, name: str) -> NoReturn:
            if name in self.__class__.__annotations__:
                raise RuntimeError(
                    f"The store has no {name} before it is started: use `with"
                    " RedirectingStore() as store`."
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @cached_property
    def _session(self) -> Any:
        return session()

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        # The machine's own proxies know nothing of this store.
        configured = config(**{"proxies": {}, **options})
        return {"endpoint_url": self.url, "verify": self.ca, "config": configured}


def _tls_context(ca: Path) -> ssl.SSLContext:
    """Make a certificate for this machine; write the authority that clients verify it with."""
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError(
            f"A store with TLS needs trustme, but {error}. "
            "Install it with: pip install 'botocore-redirect[testing]'"
        ) from error
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context
