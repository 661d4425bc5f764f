"""Hosts are compared in one form, and addresses are known in every spelling."""

from __future__ import annotations

import ipaddress

import pytest

from botocore_redirect.rules.hosts.addresses import address, normalize, to_ascii


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("S3.Store.Com.", "s3.store.com"),
        ("[::1]", "::1"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("BÜCHER.xn--fiqs8s", "xn--bcher-kva.xn--fiqs8s"),
        ("node\u3002store\uff0ecom", "node.store.com"),
        ("node\uff61store.com", "node.store.com"),
        # IDNA 2003 and 2008 do not agree about these: they stay what they are.
        ("faß.de", "faß.de"),
        ("\uff45vil.com", "\uff45vil.com"),
        ("zero\u200dwidth.com", "zero\u200dwidth.com"),
        ("\ud800.com", "\ud800.com"),
        ("ü" * 64 + ".com", "ü" * 64 + ".com"),
    ],
)
def test_hosts_are_compared_in_one_form(name: str, compared: str) -> None:
    assert normalize(name) == compared
    assert to_ascii(normalize(name)) == compared


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("64:ff9b::a00:1", "10.0.0.1"),
        ("2002:a00:1::1", "10.0.0.1"),
        ("fd00::1", "fd00::1"),
    ],
)
def test_an_address_is_known_in_every_spelling(name: str, expected: str) -> None:
    assert address(name) == ipaddress.ip_address(expected)


@pytest.mark.parametrize("name", ["store.com", "10.0.0.400", "1.2.3.4.5", "0x7g", "", "fd00::1::"])
def test_a_name_is_no_address(name: str) -> None:
    assert address(name) is None
