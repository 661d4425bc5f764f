"""S3 of AWS itself is known by its names, and told apart by partition."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest

from botocore_redirect.rules.hosts.aws import aws_partition, is_aws_domain, is_aws_s3

DATA = Path(botocore.__file__).parent / "data"


@pytest.mark.parametrize(
    "host",
    ["s3.amazonaws.com", "bkt.s3.amazonaws.com", "s3.us-west-2.amazonaws.com"]
    + ["bkt.s3.dualstack.us-west-2.amazonaws.com", "s3-us-west-2.amazonaws.com"]
    + ["s3.cn-north-1.amazonaws.com.cn", "bkt.s3express-usw2-az1.us-west-2.amazonaws.com"]
    + ["ap-123.s3-accesspoint.us-east-1.amazonaws.com", "bkt.s3-accelerate.amazonaws.com"]
    + ["bkt.vpce-1.s3.us-east-1.vpce.amazonaws.com", "s3.us-gov-west-1.amazonaws.com"]
    + ["s3.us-east-1.api.aws", "S3.AMAZONAWS.COM.", "s3.us-iso-east-1.c2s.ic.gov"],
)
def test_s3_of_aws_is_recognised_in_every_partition(host: str) -> None:
    assert is_aws_s3(host)


@pytest.mark.parametrize(
    "host",
    ["s3.store.com", "amazonaws.com.evil.com", "gw-1.elb.us-east-1.amazonaws.com"]
    + ["s3-gw-1.elb.us-east-1.amazonaws.com", "ec2-1-2-3-4.us-west-2.compute.amazonaws.com"]
    + ["s3.amazonaws.com.store.com", "xs3.amazonaws.com", "127.0.0.1", "s3.amazonawsacom"]
    + ["s3.notamazonaws.com", "amazonaws.com", "s3.us-east-1.elb.amazonaws.com"],
)
def test_a_store_that_only_runs_on_aws_is_not_s3_of_aws(host: str) -> None:
    assert not is_aws_s3(host)
    assert aws_partition(host) is None


@pytest.mark.parametrize(
    ("host", "partition"),
    [
        ("s3.amazonaws.com", "aws"),
        ("bkt.s3.eu-west-1.amazonaws.com", "aws"),
        ("s3.dualstack.us-east-1.amazonaws.com", "aws"),
        ("s3.eu-west-1.api.aws", "aws"),
        ("s3.cn-north-1.amazonaws.com.cn", "aws-cn"),
        ("s3.cn-north-1.api.amazonwebservices.com.cn", "aws-cn"),
        ("s3.us-gov-west-1.amazonaws.com", "aws-us-gov"),
        ("s3-us-gov-west-1.amazonaws.com", "aws-us-gov"),
        ("s3-fips.us-gov-east-1.amazonaws.com", "aws-us-gov"),
        ("s3-fips-us-gov-west-1.amazonaws.com", "aws-us-gov"),
        ("bkt.s3.us-gov-west-1.api.aws", "aws-us-gov"),
        ("bkt.vpce-1.s3.us-gov-west-1.vpce.amazonaws.com", "aws-us-gov"),
        # Buckets, whatever they are called.
        ("us-gov-west-1.s3.amazonaws.com", "aws"),
        ("s3.us-gov-west-1.s3.amazonaws.com", "aws"),
        ("s3-us-gov-west-1.s3.amazonaws.com", "aws"),
        ("a.s3-us-gov-west-1.s3.amazonaws.com", "aws"),
        ("a.us-gov-west-1.s3.eu-west-1.amazonaws.com", "aws"),
        ("s3.s3.us-gov-west-1.amazonaws.com", "aws-us-gov"),
        ("s3.amazonaws.com.s3.cn-north-1.amazonaws.com.cn", "aws-cn"),
    ],
)
def test_a_partition_is_known_by_suffix_and_region(host: str, partition: str) -> None:
    assert aws_partition(host) == partition


@pytest.mark.parametrize("name", ["amazonaws.com", "elb.us-east-1.amazonaws.com", "x.on.aws"])
def test_names_of_aws_are_its_domains_and_what_is_below(name: str) -> None:
    assert is_aws_domain(name)


@pytest.mark.parametrize("name", ["notamazonaws.com", "amazonaws.com.store.com", "com", "aws"])
def test_other_names_are_not_aws(name: str) -> None:
    assert not is_aws_domain(name)


def _read(path: str) -> Any:
    file = DATA / path
    if file.exists():
        return json.loads(file.read_text("utf-8"))
    return json.loads(gzip.decompress((DATA / f"{path}.gz").read_bytes()))


def _partitions() -> list[dict[str, Any]]:
    return _read("partitions.json")["partitions"]  # type: ignore[no-any-return]  # it is a list


def _regional(partition: dict[str, Any]) -> Iterator[str]:
    """Give the regions of a partition, without those of services that are global."""
    return (region for region in partition["regions"] if not region.endswith("-global"))


def test_every_region_of_botocores_partitions_is_of_its_partition() -> None:
    for partition in _partitions():
        outputs = partition["outputs"]
        for region in _regional(partition):
            for suffix in (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]):
                assert aws_partition(f"bkt.s3.{region}.{suffix}") == partition["id"]
                assert is_aws_domain(suffix)


def test_every_s3_endpoint_of_botocore_is_of_its_partition() -> None:
    hosts = 0
    for partition in _read("endpoints.json")["partitions"]:
        for endpoint in partition["services"]["s3"]["endpoints"].values():
            for each in (endpoint, *endpoint.get("variants", ())):
                if "hostname" in each:
                    hosts += 1
                    assert aws_partition(each["hostname"]) == partition["partition"], each
    assert hosts > 50


def test_every_form_of_s3_endpoint_that_botocore_makes_is_of_its_partition() -> None:
    rules = json.dumps(_read("s3/2006-03-01/endpoint-rule-set-1.json"))
    forms = set(re.findall(r'"https://([^"/]+#dnsSuffix})', rules))
    assert len(forms) > 30
    for partition in _partitions():
        for region in _regional(partition):
            for form in forms:
                named = re.sub(r"\{[^}]*[rR]egion\}", region, form)
                suffixed = re.sub(r"\{\w+#dnsSuffix\}$", partition["outputs"]["dnsSuffix"], named)
                host = re.sub(r"\{[^}]+\}", "x1", suffixed)
                expected = partition["id"]
                if expected == "aws-us-gov" and region not in host:
                    expected = "aws"  # the suffix alone is that of the commercial partition
                assert aws_partition(host) == expected, host
