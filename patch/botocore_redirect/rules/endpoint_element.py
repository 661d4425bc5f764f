"""`<Endpoint>` in the body of an answer, which is S3's own form of a redirect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore_redirect.rules.location import resolve
from botocore_redirect.rules.target_host import describe_host

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.rules.call import Call

_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


def location_from_endpoint(endpoint: str, call: Call, gateway: str, policy: RedirectPolicy) -> str:
    """Return the Location that `endpoint` stands for.

    It names a host, which may have a path before the bucket. The path and query of the call are
    kept, with the bucket in the path or in the host as that host has it. A full URL is a Location.
    """
    text, own = endpoint.strip(), urlsplit(call.url)
    if not _URL.match(text):
        text = f"{own.scheme}://{text}"
    (given,) = resolve(text, call.url)
    if given.path != "/" and _URL.match(endpoint.strip()):
        return text
    prefix = given.path.rstrip("/") or call.endpoint_path
    path = f"{prefix}/{call.key}"
    if call.bucket is None:
        path = own.path
    elif not describe_host(call, gateway, given.origin, policy).bucket_in_host:
        path = f"{prefix}/{call.label}/{call.key}" if call.key else f"{prefix}/{call.label}"
    return f"{given.origin}{path}" + (f"?{own.query}" if own.query else "")
