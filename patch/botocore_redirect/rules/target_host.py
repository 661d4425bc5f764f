"""The host of a target: whether it is trusted, and whether its name holds the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from botocore_redirect.rules.hosts.addresses import is_address
from botocore_redirect.rules.hosts.aws import is_aws_s3

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy
    from botocore_redirect.rules.call import Call


class TargetHost(NamedTuple):
    """The host that a redirect points at."""

    #: Signed requests may be sent to it.
    trusted: bool
    #: Its first labels are the bucket.
    bucket_in_host: bool
    #: Its first labels may be another bucket than the call's.
    other_bucket_in_host: bool


def gateway_of(call: Call) -> str:
    """Return the origin of the gateway, without a bucket in its host name."""
    configured, requested = host_of(call.endpoint), host_of(call.url)
    if requested == configured or requested.endswith(f".{configured}"):
        return call.endpoint
    first = urlsplit(call.url)  # an endpoint resolved for this call, such as an access point
    netloc = first.netloc[len(call.label) + 1 :] if call.bucket_in_host else first.netloc
    return f"{first.scheme}://{netloc}"


def describe_host(call: Call, gateway: str, origin: str, policy: RedirectPolicy) -> TargetHost:
    """Describe the host of `origin`, a scheme and an authority."""
    configured, host = host_of(gateway), host_of(origin)
    at_aws = is_aws_s3(configured)
    trusted = at_aws or policy.trusts(gateway, origin)
    bucket_in_host = False
    label = f"{call.label.lower()}."
    if call.bucket is not None and host.startswith(label) and not _is_without_bucket(call, host):
        bare = origin.replace(f"//{label}", "//", 1)
        if at_aws:
            bucket_in_host = is_aws_s3(host_of(bare))
        else:
            named = policy.trusts_explicitly(gateway, origin) or policy.trusts_explicitly(
                gateway, bare
            )
            bucket_in_host = named or _is_as_long(configured, host_of(bare))
            ours = _is_known(configured, host_of(bare)) and policy.trusts(gateway, bare)
            trusted = trusted or named or (bucket_in_host and ours)
    below = host.endswith(f".{configured}")
    return TargetHost(
        trusted,
        bucket_in_host,
        other_bucket_in_host=call.bucket_in_host and below and not bucket_in_host,
    )


def host_of(url: str) -> str:
    """Return the host of a URL."""
    return urlsplit(url).hostname or ""


def _is_without_bucket(call: Call, host: str) -> bool:
    """Return whether a host cannot hold the bucket: an address, or the host that was asked."""
    return is_address(host) or (not call.bucket_in_host and host == host_of(call.url))


def _is_as_long(gateway: str, bare: str) -> bool:
    """Return whether a name without the bucket has at least as many labels as the gateway's.

    `s3.store.com` is a node of its store, and not the bucket `s3` of `store.com`.
    """
    return bare.count(".") >= (0 if is_address(gateway) else gateway.count("."))


def _is_known(gateway: str, bare: str) -> bool:
    """Return whether a name without the bucket can be told from a top-level domain.

    `evil.com` without the bucket `evil` is `com`, which would pass for the short name of a machine.
    """
    return "." in bare or bare == gateway
