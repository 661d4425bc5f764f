"""The region and the credentials of clients, and the errors where they are missing."""

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


@pytest.mark.parametrize(
    ("given", "region"), [(None, "eu-central-1"), ("ap-south-1", "ap-south-1")]
)
def test_a_given_region_takes_precedence_over_the_environment(
    call: Calls, monkeypatch: pytest.MonkeyPatch, given: str | None, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    client = Access(boto3.session.Session(), region=given).client("eks", call)
    assert client.meta.region_name == region


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (["AWS_DEFAULT_REGION"], "Name a region, and credentials"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "Unable to locate credentials"),
        (["AWS_SECRET_ACCESS_KEY"], "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_missing_setting_is_named(
    call: Calls, monkeypatch: pytest.MonkeyPatch, missing: list[str], message: str
) -> None:
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(errors.Misconfigured, match=message):
        call(Access(boto3.session.Session()).client("eks", call).list_clusters)


def test_botocore_does_not_retry_on_top_of_the_provider(session: Any, call: Calls) -> None:
    client = Access(session, "http://localhost:1").client("eks", call)
    # Since 1.15 botocore counts all attempts, before that the retries alone.
    once = {("total_max_attempts", 1), ("max_attempts", 0)}
    assert once.intersection(client.meta.config.retries.items())
    assert client.meta.endpoint_url == "http://localhost:1"


def assume(sts: Stub, call: Calls) -> tuple[Access, mock.Mock]:
    session = mock.Mock(**{"client.return_value": sts.client})
    access = Access(session, "http://aws", "eu-west-1")
    return access.assume(ROLE, "audit", call, seconds=900), session


def test_the_credentials_of_an_assumed_role_are_those_of_each_client(
    sts: Stub, call: Calls, pauses: list[float]
) -> None:
    sts.refuses("assume_role", ASKED, "AccessDenied")  # the role may be new
    sts.answers("assume_role", ASKED, {"Credentials": TEMPORARY})
    assumed, session = assume(sts, call)
    assert pauses == [1.0]
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


@pytest.mark.parametrize(
    ("code", "times", "meaning"),
    [
        ("AccessDenied", 4, errors.PermissionDenied),
        ("ExpiredTokenException", 1, errors.CredentialsExpired),
    ],
)
def test_a_role_that_may_not_be_assumed_is_an_error(
    sts: Stub, call: Calls, code: str, times: int, meaning: type[Exception]
) -> None:
    sts.refuses("assume_role", ASKED, code, times=times)
    with pytest.raises(meaning, match="AssumeRole"):
        assume(sts, call)
