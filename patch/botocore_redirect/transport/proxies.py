"""Which proxy a hop goes through.

botocore asks the environment once, when a client is made, and for the host of its endpoint. A hop
asks for the host that it goes to. Proxies from elsewhere, as of `Config(proxies=...)`, stay.
"""

from __future__ import annotations

from typing import Any
from urllib.request import getproxies

from botocore.httpsession import ProxyConfiguration
from botocore.utils import get_environ_proxies


def proxies_for(session: Any, gateway: str, url: str, config: Any) -> dict[str, str] | None:
    """Return the proxies that a hop to `url` needs instead of the session's own, or None.

    Where the environment no longer names the proxies that the client has, nobody can tell what it
    said for other hosts when the client was made: the client's proxies stay.
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
