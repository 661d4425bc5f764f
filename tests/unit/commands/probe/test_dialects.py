"""Stores are recognised by how they redirect."""

from __future__ import annotations

import pytest

from botocore_redirect.commands.probe.dialects import Redirected, recognise

LAN = "http://gateway:51080"
NODE = "http://node1:51081/bkt/key"
TX = {"x-amz-request-id": "tx00000ae4a3cc75e926822-006b0c7475-103d-z1"}


@pytest.mark.parametrize(
    ("endpoint", "target", "headers", "names"),
    [
        (LAN, f"{NODE}?pid=p&utm=1", {}, ["NVIDIA AIStore"]),
        (
            LAN,
            f"{NODE}?pid=p&utm=1&vpams=3&x=sig&u=7",
            {},
            ["NVIDIA AIStore, signed redirects"],
        ),
        (LAN, NODE, TX, ["Ceph RGW"]),
        (LAN, NODE, {"server": "Ceph Object Gateway (squid)"}, ["Ceph RGW"]),
        ("https://s3.hf.co", "https://us.gcp.cdn.hf.co/x", {}, ["Hugging Face buckets"]),
        (LAN, NODE, {"x-lakefs-meta-a": "1"}, ["lakeFS"]),
        (LAN, f"{NODE}?redirect", {}, ["Alluxio"]),
        ("https://s3.amazonaws.com", NODE, {}, ["AWS S3"]),
        (LAN, "https://bkt.s3.eu-west-1.amazonaws.com/key", {}, ["a gateway in front of AWS S3"]),
        (
            LAN,
            "https://cdn.net/x?X-Amz-Signature=s",
            {},
            ["presigned targets, as lakeFS, S3Proxy and Hugging Face send"],
        ),
        (LAN, NODE, {"x-amz-request-id": "1"}, []),
        (LAN, None, {}, []),
    ],
)
def test_a_redirect_names_its_store(
    endpoint: str, target: str | None, headers: dict[str, str], names: list[str]
) -> None:
    assert recognise([Redirected(endpoint, target, headers)] * 2) == tuple(names)


def test_an_endpoint_in_the_body_is_a_dialect_of_its_own() -> None:
    (name,) = recognise([Redirected(LAN, NODE, {}, by_endpoint_alone=True)])
    assert "Endpoint in the body" in name
