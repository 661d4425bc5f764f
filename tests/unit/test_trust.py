from __future__ import annotations

import pytest

from botocore_redirect.rules import trust


@pytest.mark.parametrize(
    ("gateway", "target"),
    [
        ("s3.store.com", "s3.store.com"),
        ("s3.store.com", "S3.Store.Com."),
        ("s3.store.com", "node1.s3.store.com"),
        ("s3.store.com", "node7.store.com"),
        ("s3.eu.store.com", "node7.eu.store.com"),
        ("s3.store.co.uk", "node7.store.co.uk"),
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "192.168.7.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("gateway", "target-17"),
        ("gw.default.svc.cluster.local", "10.1.2.3"),
        ("gw.lan", "node.internal"),
        ("::1", "fd00::17"),
        ("100.64.0.1", "100.64.0.2"),
        ("8.8.8.8", "8.8.8.8"),
    ],
)
def test_hosts_of_one_store_are_trusted_without_being_listed(gateway: str, target: str) -> None:
    assert trust.trusted_by_default(gateway, target)


@pytest.mark.parametrize(
    ("gateway", "target"),
    [
        ("s3.store.com", "store.com"),
        ("s3.store.com", "evil.com"),
        ("s3.store.com", "evils3.store.com.evil.net"),
        ("s3.store.com", "evilstore.com"),
        ("store.com", "other.com"),
        ("store.co.uk", "evil.co.uk"),
        ("mine.elb.us-east-1.amazonaws.com", "yours.elb.us-east-1.amazonaws.com"),
        ("s3.store.com", "10.0.0.1"),
        ("s3.store.com", "localhost"),
        ("8.8.8.8", "8.8.4.4"),
        ("8.8.8.8", "dns.store.com"),
        ("10.0.0.1", "s3.store.com"),
        ("10.0.0.1", "8.8.8.8"),
        ("10.0.0.1", "169.254.169.254"),
        ("10.0.0.1", "metadata.google.internal"),
        ("::1", "fd00:ec2::254"),
        ("10.0.0.1", "169.254.170.2"),
        ("10.0.0.1", "169.254.170.23"),
        ("10.0.0.1", "[::ffff:169.254.169.254]"),
        ("10.0.0.1", "64:ff9b::a9fe:a9fe"),
        ("gateway", "metadata.goog"),
    ],
)
def test_strangers_are_not_trusted(gateway: str, target: str) -> None:
    assert not trust.trusted_by_default(gateway, target)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "10.1.2.3", "172.16.0.1", "169.254.1.1"]
    + ["[::1]", "::ffff:10.0.0.1", "fe80::1", "fd12::1", "localhost", "node1", "x.internal"]
    + ["64:ff9b::10.0.0.1", "2002:a00:1::1", "64:ff9b::7f00:1"]
    + ["x.local", "x.svc", "x.home.arpa", "x.test.", "100.64.0.1", "0.0.0.0"],
)
def test_addresses_and_names_of_private_networks_are_known_in_every_spelling(host: str) -> None:
    assert trust.is_private(host)


@pytest.mark.parametrize(
    "host",
    ["8.8.8.8", "s3.store.com", "internal.com", "2606:4700::1111", "x.lan.com", "1.1.1.1."]
    + ["64:ff9b::8.8.8.8", "2002:808:808::1", "10.0.0.400"],
)
def test_public_hosts_are_not_private(host: str) -> None:
    assert not trust.is_private(host)


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
    assert trust.is_aws_s3(host)


@pytest.mark.parametrize(
    "host",
    ["s3.store.com", "amazonaws.com.evil.com", "gw-1.elb.us-east-1.amazonaws.com"]
    + ["s3-gw-1.elb.us-east-1.amazonaws.com", "ec2-1-2-3-4.us-west-2.compute.amazonaws.com"]
    + ["s3.amazonaws.com.store.com", "xs3.amazonaws.com", "127.0.0.1"],
)
def test_a_store_that_only_runs_on_aws_is_not_s3_of_aws(host: str) -> None:
    assert not trust.is_aws_s3(host)


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("*", "any.host", True),
        ("node1.store.com", "NODE1.store.com.", True),
        ("node1.store.com", "node2.store.com", False),
        ("*.store.com", "a.b.store.com", True),
        ("*.store.com", "store.com", False),
        ("*.store.com", "evilstore.com", False),
        ("node?.store.com", "node7.store.com", True),
        ("10.0.0.0/8", "10.9.9.9", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.0.0.0/8", "store.com", False),
        ("10.0.0.0/8", "fd00::1", False),
        ("fd00::/8", "[fd00::1]", True),
        ("127.0.0.1", "127.1", True),
        ("[::1]", "::1", True),
        ("8.8.8.8", "8.8.4.4", False),
    ],
)
def test_a_pattern_matches_hosts(pattern: str, host: str, matches: bool) -> None:
    assert trust.matcher(pattern)(host) is matches


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("", "can match no host"),
        ("http://store.com", "without scheme"),
        ("store.com:9000", "without scheme, port"),
        ("store.com/bkt", "not a network"),
        ("10.0.0.1/8", "not a network"),
        ("10.0.0.0/99", "not a network"),
        ("a..b", "can match no host"),
        ("host name", "can match no host"),
    ],
)
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        trust.matcher(pattern)
