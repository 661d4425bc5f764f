"""A store that redirects: a gateway and its targets on real sockets in front of a backend."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from botocore_redirect.testing.dialects import Dialect, Rules, Site, find_dialect
from botocore_redirect.testing.server.exchange import REDIRECT_ALL, Rule
from botocore_redirect.testing.server.gateway import Gateway, expect_no_steps_left
from botocore_redirect.testing.server.script import check_rule
from botocore_redirect.testing.stores.clients import aio_client, config, session
from botocore_redirect.testing.stores.inspector import AUTHORIZATION, Inspector
from botocore_redirect.testing.stores.moto_contents import ACCOUNT
from botocore_redirect.testing.stores.moto_store import MotoStore

if TYPE_CHECKING:
    from typing_extensions import Self


class RedirectingStore:
    """A gateway that redirects every request to a target, which relays it to the backend.

    Give clients `url` as their endpoint, or make one with `client()` or `aio_client()`. `gateway`
    and `targets` list the requests that they receive; `inspector` reads and writes the contents.
    With several targets, redirects go to each in turn, also redirects of a target's script. With
    `tls`, gateway and targets speak TLS, and clients verify them with the file `ca`. `port` is the
    gateway's, 0 a free one. Nothing here patches botocore.

    `backend` is the URL of a `MotoStore`, a `StoreProcess` or another store that checks no
    signatures (they are for the host of the gateway); None runs a `MotoStore` in this process. Each
    instance has a moto account of its own (`account`), so it does not list the buckets of others;
    but bucket names are global. Closing the store deletes the contents of the account; a store that
    is not moto's keeps them.

    With a `dialect`, gateway and targets do as a real store does: give a name of
    `botocore_redirect.testing.dialects.DIALECTS`, or a `Dialect` of your own. What `redirect` and
    scripts say comes first. Where the store goes by the user agent, `client()` and its like send
    one that it redirects.

    Unused steps of scripts raise AssertionError at the end, unless the context ends with another
    error.
    """

    url: str
    gateway: Gateway
    targets: list[Gateway]
    inspector: Inspector
    ca: str | None

    def __init__(
        self,
        backend: str | None = None,
        targets: int = 1,
        redirect: Rule = REDIRECT_ALL,
        *,
        tls: bool = False,
        dialect: str | Dialect | None = None,
        port: int = 0,
    ) -> None:
        if targets < 1:
            raise ValueError(f"targets is {targets}; a redirect needs at least 1 to point at.")
        self.account = "".join(secrets.choice("0123456789") for _ in range(12))
        self.ca = None
        self._backend = backend
        self._count = targets
        self._rule: Rule = check_rule(redirect)
        self._tls = tls
        self.dialect = find_dialect(dialect) if isinstance(dialect, str) else dialect
        self._rules: Rules | None = None
        self._port = port
        self._open = ExitStack()

    def client(self, **options: Any) -> Any:
        """Make a boto3 S3 client for the gateway; the options are botocore's `Config`'s."""
        return self._session.client("s3", **self._options(options))

    def resource(self, **options: Any) -> Any:
        """Make a boto3 S3 resource for the gateway; the options are botocore's `Config`'s."""
        return self._session.resource("s3", **self._options(options))

    def aio_client(self, **options: Any) -> Any:
        """Make an S3 client of aiobotocore for the gateway; the options are `AioConfig`'s.

        It is one to enter: `async with store.aio_client() as s3`.
        """
        return aio_client(
            {"proxies": {}, **options}, self._user_agent, endpoint_url=self.url, verify=self.ca
        )

    def script(self, *steps: Rule) -> None:
        """Set the gateway's steps for the next requests, one for each; then it does as before.

        A step is None (relay), a `Redirect`, `Fault`, `Response`, `HANG_UP` or `SILENCE`, or a
        function of the request that returns one of these. Unused steps of an earlier script come
        first. Targets have scripts of their own: `targets[0].script(...)`.
        """
        self.gateway.script(*steps)

    def redirect(self, rule: Rule = REDIRECT_ALL) -> None:
        """Once the script is used up, redirect as the rule says: by default every request.

        With a dialect, the default is what its gateway redirects.
        """
        self.gateway.rule = self._own_rule(rule)

    def relay(self) -> None:
        """Once the script is used up, relay every request to the backend."""
        self.gateway.rule = None

    def clear(self) -> None:
        """Clear the lists of requests that gateway and targets received."""
        for server in (self.gateway, *self.targets):
            server.clear()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            backend = self._backend or opening.enter_context(MotoStore()).url
            account = {ACCOUNT: self.account}
            self.inspector = Inspector(backend, account)
            opening.callback(self.inspector.close)
            context = None
            if self._tls:
                folder = opening.enter_context(tempfile.TemporaryDirectory(prefix="redirecting-"))
                ca = Path(folder) / "ca.pem"
                context, self.ca = _tls_context(ca), str(ca)

            def serve(port: int = 0) -> Gateway:
                server = Gateway(
                    backend,
                    target=lambda: site.next_target(),  # noqa: PLW0108 - it is defined below
                    relay_headers=account,
                    ssl_context=context,
                    port=port,
                ).start()
                opening.callback(server.close)
                return server

            self.targets = [serve() for _ in range(self._count)]
            site = Site([target.url for target in self.targets])
            self.gateway = serve(self._port)
            self._speak(site)
            self.url = self.gateway.url + (self.dialect.root if self.dialect else "")
            self._open = opening.pop_all()
        return self

    def _speak(self, site: Site) -> None:
        """Give gateway and targets the rules of the dialect, or the rule of this store."""
        if self.dialect is not None:
            rules = self._rules = self.dialect.rules(site, self.dialect.root)
            for server in (self.gateway, *self.targets):
                server.relay_target = rules.upstream
            for target in self.targets:
                target.rule = rules.check
                if rules.authenticates:  # so that the backend takes a request without a signature
                    target.relay_headers["Authorization"] = AUTHORIZATION
        self.gateway.rule = self._own_rule(self._rule)

    def _own_rule(self, rule: Rule) -> Rule:
        return self._rules.answer if self._rules is not None and rule is REDIRECT_ALL else rule

    def __exit__(self, kind: object, *_: object) -> None:
        self._open.close()
        if kind is None:
            targets = {f"targets[{n}]": target for n, target in enumerate(self.targets)}
            expect_no_steps_left({"the gateway": self.gateway, **targets})

    if not TYPE_CHECKING:  # a type checker would take every attribute as defined

        def __getattr__(self, name: str) -> NoReturn:
            if name in self.__class__.__annotations__:
                raise RuntimeError(
                    f"The store has no {name} before it is started: use `with"
                    " RedirectingStore() as store`."
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @cached_property
    def _session(self) -> Any:
        return session(self._user_agent)

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        # A proxy that the environment names cannot reach this store.
        configured = config(**{"proxies": {}, **options})
        return {"endpoint_url": self.url, "verify": self.ca, "config": configured}

    @property
    def _user_agent(self) -> str | None:
        return self.dialect.user_agent if self.dialect else None


def _tls_context(ca: Path) -> ssl.SSLContext:
    """Make a certificate for this machine; write the authority that clients verify it with."""
    try:
        import trustme  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError(
            f"A store with TLS needs trustme, but {error}. Install it with: pip install trustme"
        ) from error
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context
