"""What the quadrants compare."""

from __future__ import annotations

import pytest

from botocore_redirect.testing import Received, Redirect
from matrix.contract import all_behaviours
from matrix.contract.behaviour import Behaviour
from matrix.contract.needs import OTHER_SERVICES
from matrix.contract.normalize import Normalizer
from matrix.harness.stage import others_redirect

ACCOUNT = "123456789012"
ORDERED = Behaviour("ordered", lambda _: None, None, needs=frozenset({OTHER_SERVICES}))
DISORDERED = Behaviour("disordered", lambda _: None, None, needs=ORDERED.needs, in_any_order=True)
OF_S3 = Behaviour("of S3", lambda _: None, None)


def test_the_names_of_the_behaviours_are_unique() -> None:
    names = [behaviour.name for behaviour in all_behaviours.ALL]
    assert sorted(set(names)) == sorted(names)


def test_every_workload_runs_with_redirects_of_s3_or_of_other_services() -> None:
    assert {*all_behaviours.OF_S3, *all_behaviours.USING_OTHER_SERVICES} == {*all_behaviours.ALL}
    assert {each for each in all_behaviours.ALL if each.uses_other_services} == {
        *all_behaviours.USING_OTHER_SERVICES
    }


# -- what redirects --------------------------------------------------------------------------------


def signed_for(service: str) -> Received:
    received = Received("GET", "/")
    scope = f"AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/{service}/aws4_request, Signature=0"
    received.headers["Authorization"] = scope
    return received


def test_the_gateway_of_other_services_does_not_redirect_s3() -> None:
    assert others_redirect(signed_for("ec2")) == Redirect()
    assert others_redirect(signed_for("s3")) is None
    assert others_redirect(Received("GET", "/")) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("VpcId=vpc-0123456789abcdef0&VpcId=vpc-0123456789abcdef0", "VpcId=ID-0&VpcId=ID-0"),
        ("i-01234567 i-89abcdef i-01234567", "ID-0 ID-1 ID-0"),
        ("token=0ac1b8a0-1c2d-4e3f-8a9b-0123456789ab", "token=ID-0"),
        (f"ClientToken={'0a' * 32}", "ClientToken=ID-0"),
        ("Credential=ASIAABCDEFGHIJKLMNOP/", "Credential=ID-0/"),
        (f"arn:aws:iam::{ACCOUNT}:role/bkt-17", "arn:aws:iam::ACCOUNT:role/BUCKET"),
        ("us-east-1 t3-small for-training", "us-east-1 t3-small for-training"),
    ],
)
def test_ids_are_numbered_as_they_come(text: str, masked: str) -> None:
    assert Normalizer("bkt-17", ACCOUNT, ORDERED).text(text) == masked


def test_ids_that_come_in_any_order_have_no_number() -> None:
    assert Normalizer("bkt-17", None, DISORDERED).text("i-01234567 i-89abcdef") == "ID ID"


def test_an_id_has_the_same_number_in_the_next_request() -> None:
    normalizer = Normalizer("bkt-17", None, ORDERED)
    normalizer.text("i-01234567")
    assert normalizer.body(b"InstanceId=i-89abcdef&InstanceId=i-01234567") == (
        b"InstanceId=ID-1&InstanceId=ID-0"
    )


def test_the_bucket_in_user_data_is_masked_too() -> None:
    body = b"UserData=ZWNobyBia3QtMTc%3D&MinCount=1"  # echo bkt-17
    assert Normalizer("bkt-17", None, ORDERED).body(body) == b"UserData=echo BUCKET&MinCount=1"


def test_in_requests_to_s3_alone_nothing_is_taken_for_an_id() -> None:
    normalizer = Normalizer("bkt-17", ACCOUNT, OF_S3)
    assert normalizer.text("/bkt-17/i-01234567") == "/BUCKET/i-01234567"
    assert normalizer.body(b"bkt-17 i-01234567") == b"BUCKET i-01234567"
    assert normalizer.header("Content-MD5", "a") == ["Content-MD5", "a"]


def test_headers_made_from_ids_are_not_compared_elsewhere() -> None:
    normalizer = Normalizer("bkt-17", ACCOUNT, ORDERED)
    assert normalizer.header("Content-MD5", "a") == ["Content-MD5", "VOLATILE"]
    assert normalizer.header("Accept", "a") == ["Accept", "a"]
