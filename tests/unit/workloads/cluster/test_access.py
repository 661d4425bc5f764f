"""Regions and credentials: whose they are, and what is said where they are missing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest

from workloads.cluster import errors
from workloads.cluster.access import Access

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls

ROLE = "arn:aws:iam::123456789012:role/operators"
ASKED = {"RoleArn": ROLE, "RoleSessionName": "audit", "DurationSeconds": 900}
TEMPORARY = {
    "AccessKeyId": "ASIATEMPORARY000",
    "SecretAccessKey": "secret",
    "SessionToken": "token",
    "Expiration": dt.datetime(2030, 1, 1, tzinfo=dt.timezone.utc),
}


def test_the_region_is_that_of_the_environment(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    client = Access(boto3.session.Session()).client("eks", call)
    assert client.meta.region_name == "eu-central-1"


def test_a_region_that_is_given_counts_for_more(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    client = Access(boto3.session.Session(), region="ap-south-1").client("eks", call)
    assert client.meta.region_name == "ap-south-1"


def test_without_a_region_it_is_said_what_to_do(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(errors.Misconfigured, match="Name a region, and credentials"):
        Access(boto3.session.Session()).client("eks", call)


def test_without_credentials_it_is_said_what_to_do(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    client = Access(boto3.session.Session()).client("eks", call)
    with pytest.raises(errors.Misconfigured, match="Unable to locate credentials"):
        call(client.list_clusters)


def test_with_half_of_the_credentials_it_is_said_which_half_is_missing(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(errors.Misconfigured, match="AWS_SECRET_ACCESS_KEY"):
        Access(boto3.session.Session()).client("eks", call)


def test_botocore_does_not_try_again_on_top_of_what_the_provider_does(
    session: Any, call: Calls
) -> None:
    client = Access(session, "http://localhost:1").client("eks", call)
    # Since 1.15 botocore counts all attempts, before that the retries alone.
    once = {("total_max_attempts", 1), ("max_attempts", 0)}
    assert once.intersection(client.meta.config.retries.items())
    assert client.meta.endpoint_url == "http://localhost:1"


def test_a_role_is_assumed_and_its_credentials_are_those_of_every_client(
    sts: Stub, call: Calls
) -> None:
    sts.answers("assume_role", ASKED, {"Credentials": TEMPORARY})
    session = mock.Mock()
    session.client.return_value = sts.client
    assumed = Access(session, "http://aws", "eu-west-1").assume(ROLE, "audit", call, seconds=900)
    assumed.client("ec2", call)
    assert session.client.call_args == mock.call(
        "ec2",
        region_name="eu-west-1",
        endpoint_url="http://aws",
        config=mock.ANY,
        aws_access_key_id="ASIATEMPORARY000",
        aws_secret_access_key="secret",
        aws_session_token="token",
    )
    assert "secret" not in repr(assumed)


def test_a_role_that_was_made_just_now_is_asked_for_again(
    sts: Stub, call: Calls, pauses: list[float]
) -> None:
    sts.refuses("assume_role", ASKED, "AccessDenied")
    sts.answers("assume_role", ASKED, {"Credentials": TEMPORARY})
    session = mock.Mock()
    session.client.return_value = sts.client
    Access(session).assume(ROLE, "audit", call, seconds=900)
    assert pauses == [1.0]


@pytest.mark.parametrize(
    ("code", "times", "meaning"),
    [
        ("AccessDenied", 4, errors.PermissionDenied),
        ("ExpiredTokenException", 1, errors.CredentialsExpired),
    ],
)
def test_a_role_that_may_not_be_assumed_says_why(
    sts: Stub, call: Calls, code: str, times: int, meaning: type[Exception]
) -> None:
    for _ in range(times):
        sts.refuses("assume_role", ASKED, code)
    session = mock.Mock()
    session.client.return_value = sts.client
    with pytest.raises(meaning, match="AssumeRole"):
        Access(session).assume(ROLE, "audit", call, seconds=900)
