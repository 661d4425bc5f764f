from __future__ import annotations

import pytest

from botocore_redirect.rules.hosts import suffixes, trust


@pytest.mark.parametrize(
    ("gateway", "target"),
    [
        ("s3.store.com", "s3.store.com"),
        ("s3.store.com", "S3.Store.Com."),
        ("s3.store.com", "node1.s3.store.com"),
        ("s3.store.com", "node7.store.com"),
        ("s3.eu.store.com", "node7.eu.store.com"),
        ("s3.store.co.uk", "node7.store.co.uk"),
        ("s3.store.uk.com", "node7.store.uk.com"),
        ("s3.store.unlisted", "node7.store.unlisted"),
        ("s3.city.kobe.jp", "node7.city.kobe.jp"),
        ("s3.bücher.example", "node7.xn--bcher-kva.example"),
        ("s3.xn--bcher-kva.example", "node7.BÜCHER.example"),
        ("s3.faß.example", "s3.faß.example"),
        ("store.com", "node7.store.com"),
        ("s3.notamazonaws.com", "node7.notamazonaws.com"),
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
        ("169.254.7.7", "169.254.7.7"),
        ("fe80::1", "[FE80::1]"),
        ("0.0.0.0", "0.0.0.0"),
        ("169.254.169.254", "169.254.169.254"),
        ("169.254.7.7", "10.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("bkt.s3.us-west-2.amazonaws.com", "a.bkt.s3.us-west-2.amazonaws.com"),
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
        ("store.com", "evil.com"),
        ("store.co.uk", "evil.co.uk"),
        ("store.uk.com", "evil.uk.com"),
        ("store.web.za", "evil.web.za"),
        ("store.github.io", "evil.github.io"),
        ("pub-1.r2.dev", "pub-2.r2.dev"),
        ("store.c.kobe.jp", "evil.c.kobe.jp"),
        ("c.kobe.jp", "evil.kobe.jp"),
        ("store.jp", "c.kobe.jp"),
        ("store.com", "uk.com"),
        ("store.xn--55qx5d.cn", "evil.公司.cn"),
        ("store.unlisted", "evil.unlisted"),
        # A name of one owner, below which others can register all the same.
        ("nyc3.digitaloceanspaces.com", "evil.sfo3.digitaloceanspaces.com"),
        ("s3.run.app", "evil.run.app"),
        ("s3.run.app", "a.evil.run.app"),
        # Which of two hosts the first is depends on the version of IDNA.
        ("s3.fass.example", "node7.faß.example"),
        ("s3.faß.example", "node7.xn--fa-hia.example"),
        ("s3.faß.example", "node7.faß.example"),
        ("s3.store.com", "faß.s3.store.com"),
        ("gateway", "faß"),
        ("mine.elb.us-east-1.amazonaws.com", "yours.elb.us-east-1.amazonaws.com"),
        ("mine.elb.eu-west-1.amazonaws.com", "yours.elb.eu-west-1.amazonaws.com"),
        ("mine.eu-west-1.elb.amazonaws.com", "yours.eu-west-1.elb.amazonaws.com"),
        ("mine.elb.cn-north-1.amazonaws.com.cn", "yours.elb.cn-north-1.amazonaws.com.cn"),
        ("mine.lambda-url.us-east-1.on.aws", "yours.lambda-url.us-east-1.on.aws"),
        ("s3.amazonaws.com", "ec2-1-2-3-4.us-west-2.compute.amazonaws.com"),
        ("s3.store.com", "10.0.0.1"),
        ("s3.store.com", "localhost"),
        ("8.8.8.8", "8.8.4.4"),
        ("8.8.8.8", "9.8.8.8"),
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
        ("::1", "fd00:ec2::254%1"),
        ("10.0.0.1", "169.254.7.7"),
        ("gateway", "[fe80::1]"),
        ("::1", "fe80::1%eth0"),
        ("10.0.0.1", "::ffff:169.254.7.7"),
        ("169.254.7.7", "169.254.7.8"),
        ("fe80::1", "fe80::2"),
        ("10.0.0.1", "0.0.0.0"),
        ("localhost", "0"),
        ("::1", "::"),
        ("127.0.0.1", "::ffff:0.0.0.0"),
        ("s3.store.com", "169.254.7.7"),
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
    ["169.254.0.0", "169.254.255.255", "169.254.1", "[fe80::1]", "febf::1", "fe80::1%eth0"]
    + ["::ffff:169.254.1.1", "64:ff9b::169.254.1.1", "2002:a9fe:101::1"],
)
def test_link_local_addresses_are_known_in_every_spelling(host: str) -> None:
    assert trust.is_link_local(host)
    assert trust.is_private(host)
    assert not trust.is_unspecified(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "0x0.0", "[::]", "::ffff:0.0.0.0"])
def test_the_unspecified_address_is_known_in_every_spelling(host: str) -> None:
    assert trust.is_unspecified(host)
    assert trust.is_private(host)
    assert not trust.is_link_local(host)


@pytest.mark.parametrize(
    "host", ["169.253.1.1", "10.0.0.1", "::1", "fec0::1", "fe80.example", "localhost", "8.8.8.8"]
)
def test_other_hosts_are_neither_link_local_nor_unspecified(host: str) -> None:
    assert not trust.is_link_local(host)
    assert not trust.is_unspecified(host)


def test_metadata_services_are_known_by_address_and_by_name() -> None:
    assert trust.is_metadata("[FD00:EC2::254%25eth0]")
    assert trust.is_metadata("168.63.129.16")
    assert trust.is_metadata("Metadata.Google.Internal.")
    assert not trust.is_metadata("169.254.169.253")
    assert not trust.is_metadata("metadata.store.com")


def test_the_list_of_suffixes_is_not_read_for_hosts_that_it_does_not_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read() -> None:
        raise AssertionError("the public suffix list was read")

    monkeypatch.setattr(suffixes, "_load_rules", read)
    assert trust.trusted_by_default("s3.unread.example", "s3.unread.example")
    assert trust.trusted_by_default("s3.unread.example", "node1.s3.unread.example")
    assert trust.trusted_by_default("10.0.0.1", "node1.lan")
    assert not trust.trusted_by_default("s3.unread.example", "cdn.net")
    assert not trust.trusted_by_default("s3.unread.example", "10.0.0.1")
    assert not trust.trusted_by_default("mine.elb.amazonaws.com", "yours.elb.amazonaws.com")
    with pytest.raises(AssertionError, match="was read"):
        trust.trusted_by_default("s3.unread.example", "node1.unread.example")


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
        ("*.Bücher.example", "node1.xn--bcher-kva.example", True),
        ("*.xn--bcher-kva.example", "node1.bücher.example", True),
        ("bücher.example", "bucher.example", False),
        ("node\uff0elan", "node.lan", True),
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
        ("faß.example", "can match no host"),
        ("bü*.example", "write that label in punycode"),
        ("b?cher\u3002ü?.example", "write that label in punycode"),
    ],
)
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        trust.matcher(pattern)
