"""Which proxy a hop goes through.

botocore reads the proxies of the environment once, when a client is made, for the host of its
endpoint. A hop reads them for its own host. Proxies of `Config(proxies=...)` stay.
"""

from __future__ import annotations

from typing import Any
from urllib.request import getproxies

from botocore.httpsession import ProxyConfiguration
from botocore.utils import get_environ_proxies


def proxies_for(session: Any, gateway: str, url: str, config: Any) -> dict[str, str] | None:
    """Return the proxies for a hop to `url`, or None to keep those of the session.

    If the environment has changed since the client was made, it does not say which proxy the client
    would have had for another host: the client's proxies stay.
    """
    if getattr(config, "proxies", None) is not None or not _by_scheme(getproxies()):
        return None
    proxy_config = vars(session)["_proxy_config"]
    if type(proxy_config) is not ProxyConfiguration:
        return None
    configured = _by_scheme(vars(proxy_config)["_proxies"])
    if configured != _by_scheme(get_environ_proxies(gateway)):
        return None
    wanted = _by_scheme(get_environ_proxies(url))
    return None if wanted == configured else wanted


def _by_scheme(proxies: dict[str, str]) -> dict[str, str]:
    return {scheme: proxies[scheme] for scheme in ("http", "https") if scheme in proxies}
