"""Which hosts are S3 of AWS itself, and in which partition.

Partitions share nothing, neither accounts nor credentials. A unit test compares the table below
with botocore's `partitions.json` and `endpoints.json`.
"""

from __future__ import annotations

import re

from botocore_redirect.rules.hosts.addresses import normalize

_SUFFIXES = {
    "amazonaws.com": "aws",
    "api.aws": "aws",
    "on.aws": "aws",
    "amazonaws.com.cn": "aws-cn",
    "api.amazonwebservices.com.cn": "aws-cn",
    "on.amazonwebservices.com.cn": "aws-cn",
    "amazonaws.eu": "aws-eusc",
    "api.amazonwebservices.eu": "aws-eusc",
    "on.amazonwebservices.eu": "aws-eusc",
    "c2s.ic.gov": "aws-iso",
    "api.aws.ic.gov": "aws-iso",
    "sc2s.sgov.gov": "aws-iso-b",
    "api.aws.scloud": "aws-iso-b",
    "cloud.adc-e.uk": "aws-iso-e",
    "api.cloud-aws.adc-e.uk": "aws-iso-e",
    "csp.hci.ic.gov": "aws-iso-f",
    "api.aws.hci.ic.gov": "aws-iso-f",
}
_ENDS = tuple(f".{suffix}" for suffix in _SUFFIXES)

# The endpoint begins at the last label that names S3. A bucket may stand before it, which may be
# called `s3.us-gov-west-1`.
_S3 = re.compile(
    r"(?:.*\.)?"
    r"(?P<endpoint>s3(?:[a-z]*-[a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?(?:\.vpce)?)"
    rf"\.(?P<suffix>{'|'.join(map(re.escape, _SUFFIXES))})"
)
# GovCloud shares the suffixes of the commercial partition, but has its own regions.
_GOVCLOUD_REGION = re.compile(r"[.-]us-gov-[a-z]+-\d+(?:\.|$)")


def is_aws_s3(host: str) -> bool:
    """Return whether `host` is an S3 endpoint of AWS itself, in any of its partitions."""
    return aws_partition(host) is not None


def aws_partition(host: str) -> str | None:
    """Return the partition of an S3 endpoint, by botocore's name; None for any other host."""
    found = _S3.fullmatch(normalize(host))
    if found is None:
        return None
    partition = _SUFFIXES[found["suffix"]]
    if partition == "aws" and _GOVCLOUD_REGION.search(found["endpoint"]):
        return "aws-us-gov"
    return partition


def is_aws_domain(name: str) -> bool:
    """Return whether `name` (normalized) is a domain of AWS, or below one."""
    return f".{name}".endswith(_ENDS)
