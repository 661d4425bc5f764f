"""The http session of a hop: the client's, with other proxies or without its certificate.

It is a shallow copy of the client's session, on a shallow copy of its endpoint. Both live as long
as the hop and share the connection pools of the client. Nothing of the client is replaced.

A session or a method that another library put in place of botocore's is used as it is. If it could
show the client's TLS certificate to a stranger, the hop is refused.
"""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from botocore import httpsession

from botocore_redirect.rules.hop import Follow, Refusal
from botocore_redirect.rules.location import redact
from botocore_redirect.transport.pools import make_room
from botocore_redirect.transport.proxies import proxies_for

__all__ = ["endpoint_for", "make_room", "refuse_to_show_certificate"]

_SESSION = frozenset({"_cert_file", "_key_file", "_manager", "_proxy_config", "_proxy_managers"})
_MAKES_TLS_CONTEXT = ("_get_ssl_context", "_get_pool_manager_kwargs")

# Attribute of a session: its TLS context without a certificate. urllib3 keeps pools by context.
_BARE_CONTEXT = "_botocore_redirect_bare_context"


def refuse_to_show_certificate(
    endpoint: Any, decision: Follow, context: Any, *, stranger: bool
) -> Refusal | None:
    """Return a refusal if the hop would show the client's certificate to a stranger."""
    replaced = _replaced_part(endpoint)
    if not replaced or not _must_hide_certificate(
        endpoint, decision.url, context, stranger=stranger
    ):
        return None
    shown = redact(decision.url)
    return Refusal(
        "RedirectRefused",
        "certificate",
        f"the request was redirected to {shown}, which must not be shown the TLS certificate of the"
        f" client, as not all hosts on the way are trusted; but {replaced}, so that the certificate"
        f" cannot be kept back. RedirectPolicy(trust={urlsplit(decision.url).hostname!r}) allows"
        " it.",
        shown,
    )


def endpoint_for(endpoint: Any, url: str, context: Any, *, stranger: bool) -> Any:
    """Return the endpoint for a hop: the client's, or a copy with a session for the hop."""
    if _replaced_part(endpoint):
        return endpoint
    original = session = endpoint.http_session
    proxies = proxies_for(session, endpoint.host, url, context.get("client_config"))
    if proxies is not None:
        proxy_config = _copy(vars(session)["_proxy_config"], _proxies=proxies)
        session = _copy(session, _proxy_config=proxy_config)
    if _must_hide_certificate(endpoint, url, context, stranger=stranger):
        session = _without_certificate(session, url, _bare_context(original))
    return endpoint if session is original else _copy(endpoint, http_session=session)


def _replaced_part(endpoint: Any) -> str | None:
    """Name the part of sending a request that is not botocore's own; None if there is none."""
    session = endpoint.http_session
    kind = type(session)
    if not issubclass(kind, httpsession.URLLib3Session) or _SESSION - vars(session).keys():
        return f"its http session is a {kind.__module__}.{kind.__qualname__}"
    replaced = [name for name in vars(session) if hasattr(kind, name)]
    if replaced:
        return f"the method {replaced[0]} of its http session is replaced"
    own = vars(endpoint)
    replaced = [name for name in ("_send", "_do_get_response") if name in own]
    if getattr(own.get("_get_response"), "instance_method", None) is not None:
        replaced.append("_get_response")
    return f"the method {replaced[0]} of its endpoint is replaced" if replaced else None


def _must_hide_certificate(endpoint: Any, url: str, context: Any, *, stranger: bool) -> bool:
    return (
        stranger
        and url.startswith("https:")
        and _may_show_certificate(endpoint.http_session, context.get("client_config"))
    )


def _may_show_certificate(session: Any, config: Any) -> bool:
    own = getattr(session, "__dict__", {})
    if getattr(config, "client_cert", None) or own.get("_cert_file"):
        return True
    # A replaced method may load a certificate that cannot be seen in the context.
    return issubclass(type(session), httpsession.URLLib3Session) and not all(
        getattr(getattr(session, name), "__globals__", None) is vars(httpsession)
        for name in _MAKES_TLS_CONTEXT
    )


def _without_certificate(session: Any, url: str, context: Any) -> Any:
    own = vars(session)
    managers = {}
    proxy = own["_proxy_config"].proxy_url_for(url)
    if proxy:
        manager = session._get_proxy_manager(proxy)  # noqa: SLF001  # there is no public way to a pool manager
        managers[proxy] = _with_context(manager, context)
    return _copy(
        session,
        _cert_file=None,
        _key_file=None,
        _manager=_with_context(own["_manager"], context),
        _proxy_managers=managers,
    )


def _with_context(manager: Any, context: Any) -> Any:
    """Return a manager with the same pools that opens connections with this TLS context only."""
    options = {"ssl_context": context, "cert_file": None, "key_file": None}
    return _copy(manager, connection_pool_kw={**manager.connection_pool_kw, **options})


def _bare_context(session: Any) -> Any:
    own = vars(session)
    if _BARE_CONTEXT not in own:
        own.setdefault(_BARE_CONTEXT, httpsession.create_urllib3_context())
    return own[_BARE_CONTEXT]


def _copy(original: Any, **changes: Any) -> Any:
    changed = copy.copy(original)
    vars(changed).update(changes)
    return changed
