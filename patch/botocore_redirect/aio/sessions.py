"""The http session of a hop, as `transport.sessions` does it for botocore's own.

That of aiohttp is copied for the hop, with other proxies or without the client's certificate. httpx
ties both to the whole client: proxies stay, and a hop that must not be shown the certificate is
refused.
"""

from __future__ import annotations

import copy
import ssl
from typing import Any
from urllib.parse import urlsplit

from botocore import httpsession

from botocore_redirect.aio.aiohttp_client import TLS
from botocore_redirect.aio.http_sessions import is_aiohttp
from botocore_redirect.rules.hop import Follow, Refusal
from botocore_redirect.rules.location import redact
from botocore_redirect.transport.proxies import proxies_for

# Options of `AioConfig(connector_args=...)` whose TLS context may hold a certificate.
_CERTIFICATE_OPTIONS = ("ssl_context", "ssl")

_MODULES = ("aiobotocore.httpsession", "aiobotocore.httpxsession")

# Attribute of a session: its TLS context without a certificate. aiohttp keeps pools by context.
_BARE_CONTEXT = "_botocore_redirect_bare_context"


def make_room(_: Any) -> None:
    """Do nothing: neither aiohttp nor httpx limits the hosts that connections are kept to."""


def refuse_to_show_certificate(
    endpoint: Any, decision: Follow, context: Any, *, stranger: bool
) -> Refusal | None:
    """Return a refusal if the hop would show the client's certificate to a stranger."""
    session = endpoint.http_session
    if is_aiohttp(session) or not _must_hide_certificate(
        session, decision.url, context, stranger=stranger
    ):
        return None
    shown, kind = redact(decision.url), type(session)
    return Refusal(
        "RedirectRefused",
        "certificate",
        f"the request was redirected to {shown}, which must not be shown the TLS certificate of the"
        " client, as not all hosts on the way are trusted; but its http session is a"
        f" {kind.__module__}.{kind.__qualname__}, so that the certificate cannot be kept back."
        f" RedirectPolicy(trust={urlsplit(decision.url).hostname!r}) allows it.",
        shown,
    )


def endpoint_for(endpoint: Any, url: str, context: Any, *, stranger: bool) -> Any:
    """Return the endpoint for a hop: the client's, or a copy with a session for the hop."""
    original = session = endpoint.http_session
    if not is_aiohttp(session):
        return endpoint
    proxies = proxies_for(session, endpoint.host, url, context.get("client_config"))
    if proxies is not None:
        session = _copy(
            session, _proxy_config=_copy(vars(session)["_proxy_config"], _proxies=proxies)
        )
    if _must_hide_certificate(original, url, context, stranger=stranger):
        session = _copy(session, **{TLS: _bare_context(original)})
    return endpoint if session is original else _copy(endpoint, http_session=session)


def _must_hide_certificate(session: Any, url: str, context: Any, *, stranger: bool) -> bool:
    if not stranger or not url.startswith("https:"):
        return False
    own = vars(session)
    options = own.get("_connector_args") or {}
    return bool(
        getattr(context.get("client_config"), "client_cert", None)
        or own.get("_cert_file")
        or any(options.get(name) is not None for name in _CERTIFICATE_OPTIONS)
        # A replaced method may load a certificate that cannot be seen in the context.
        or _module_of(getattr(session, "_get_ssl_context", None)) not in _MODULES
    )


def _module_of(method: Any) -> Any:
    return getattr(method, "__globals__", {}).get("__name__")


def _bare_context(session: Any) -> Any:
    """Return a TLS context that verifies as the client's does, and shows no certificate."""
    own = vars(session)
    if _BARE_CONTEXT not in own:
        verify = own.get("_verify", True)
        context = httpsession.create_urllib3_context()
        context.check_hostname = bool(verify)
        if verify:
            context.load_verify_locations(httpsession.get_cert_path(verify))
        else:
            context.verify_mode = ssl.CERT_NONE
        own.setdefault(_BARE_CONTEXT, context)
    return own[_BARE_CONTEXT]


def _copy(original: Any, **changes: Any) -> Any:
    changed = copy.copy(original)
    vars(changed).update(changes)
    return changed
