"""boto3's CRT transfers: they bypass botocore, ignore its endpoint, and follow no redirect.

boto3 takes them where `TransferConfig(preferred_transfer_client="crt")` asks for them, and on some
machines by itself; both need awscrt. If it gets none, it takes its classic transfers, which follow.
"""

from __future__ import annotations

import functools
import logging
import sys
from typing import Any, Callable
from urllib.parse import urlsplit

from botocore_redirect.aio import loading
from botocore_redirect.hooks.active_patch import patch_for
from botocore_redirect.rules.hosts.aws import is_aws_s3

_CREATE = "create_crt_transfer_manager"

_logger = logging.getLogger("botocore_redirect")


def replacements() -> list[tuple[Any, str, Any]]:
    """Return the attribute of boto3 to replace while a patch is in force."""
    transfer: Any = sys.modules.get(loading.BOTO3)
    create = getattr(transfer, _CREATE, None)
    return [] if create is None else [(transfer, _CREATE, _wrap(create))]  # boto3 before 1.33


def _wrap(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, made to create nothing for a client that follows redirects.

    At AWS's own endpoints there is nothing to follow: botocore does that itself.
    """
    logged: set[str] = set()

    @functools.wraps(original)
    def create_crt_transfer_manager(client: Any, config: Any) -> Any:
        endpoint = client._endpoint  # noqa: SLF001  # the URL in `client.meta` may be another
        patch = patch_for(endpoint)
        host = urlsplit(endpoint.host).hostname or ""
        if patch is None or "s3" not in patch.policy.services or is_aws_s3(host):
            return original(client, config)
        if endpoint.host not in logged:
            logged.add(endpoint.host)
            asked = config.preferred_transfer_client.lower() == "crt"
            _logger.log(
                logging.WARNING if asked else logging.INFO,
                "transfers of boto3 with %s use the classic client: its CRT client ignores the"
                " endpoint and follows no redirect",
                endpoint.host,
            )
        return None

    return create_crt_transfer_manager
