"""Calls of the cluster provider: retries, waits, credentials, and the translation of errors."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
    WaiterError,
)

from unit.workloads.stub import Stub
from workloads.cluster import errors
from workloads.cluster.access import Access
from workloads.cluster.calls import Calls

CLUSTER = {"name": "c"}
CREATING, ACTIVE, FAILED = (
    {"cluster": {"status": status}} for status in ("CREATING", "ACTIVE", "FAILED")
)
ROLE = "arn:aws:iam::123456789012:role/operators"
MEANINGS = {
    errors.CredentialsExpired: "ExpiredToken ExpiredTokenException RequestExpired",
    errors.PermissionDenied: "AccessDeniedException UnauthorizedOperation AuthFailure",
    errors.NotFound: "NoSuchEntity ResourceNotFoundException InvalidVpcID.NotFound",
    errors.AlreadyThere: "EntityAlreadyExists RouteAlreadyExists InvalidGroup.Duplicate",
    errors.NotYet: "ResourceInUseException DependencyViolation DeleteConflict",
    ClientError: "InvalidParameterException InvalidParameterValue Other",
}


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("ThrottlingException", 400, errors.RateLimited),
        ("RequestLimitExceeded", 400, errors.RateLimited),
        ("ServerException", 500, errors.Unavailable),
    ],
)
def test_a_call_that_is_throttled_or_fails_is_retried_a_bounded_number_of_times(
    eks: Stub, call: Calls, pauses: list[float], code: str, status: int, meaning: type[Exception]
) -> None:
    eks.refuses("describe_cluster", CLUSTER, *[code] * 3, status=status)
    eks.answers("describe_cluster", CLUSTER, ACTIVE)
    assert call(eks.client.describe_cluster, **CLUSTER)["cluster"]["status"] == "ACTIVE"
    assert pauses == [1.0, 2.0, 3.0]
    eks.refuses("describe_cluster", CLUSTER, *[code] * 4, status=status)
    with pytest.raises(meaning, match=f"DescribeCluster was answered with {code}"):
        call(eks.client.describe_cluster, **CLUSTER)


@pytest.mark.parametrize(
    ("error", "meaning", "retries"),
    [
        (EndpointConnectionError(endpoint_url="https://eks"), errors.Unavailable, 3),
        (ReadTimeoutError(endpoint_url="https://eks"), errors.Unavailable, 3),
        (ParamValidationError(report="no name"), ParamValidationError, 0),
    ],
)
def test_a_failing_network_is_retried_and_a_mistake_is_raised_as_it_is(
    call: Calls, pauses: list[float], error: Exception, meaning: type[Exception], retries: int
) -> None:
    with pytest.raises(meaning):
        call(mock.Mock(side_effect=error))
    assert pauses == [1.0, 2.0, 3.0][:retries]


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        *((code, "no", meaning) for meaning, codes in MEANINGS.items() for code in codes.split()),
        ("InvalidParameterException", "The role with arn x is unknown", errors.NotYet),
        ("InvalidParameterValue", "Invalid IAM Instance Profile name", errors.NotYet),
    ],
)
def test_an_error_of_a_service_is_translated_and_not_retried(
    call: Calls, pauses: list[float], code: str, message: str, meaning: type[Exception]
) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeCluster")
    with pytest.raises(meaning, match=code):
        call(mock.Mock(side_effect=error))
    assert not pauses


def test_a_busy_resource_is_retried_for_as_long_as_a_wait_lasts(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.refuses("delete_cluster", CLUSTER, *["ResourceInUseException"] * call.checks)
    with pytest.raises(errors.NotYet):
        call.when_free(eks.client.delete_cluster, **CLUSTER)
    assert pauses == [call.delay]


def test_a_list_that_is_throttled_on_a_later_page_is_listed_anew(eks: Stub, call: Calls) -> None:
    first = {"clusters": ["a"], "nextToken": "more"}
    eks.answers("list_clusters", {}, first)
    eks.refuses("list_clusters", {"nextToken": "more"}, "ThrottlingException")
    eks.answers("list_clusters", {}, first)
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["b"]})
    assert call.list_all(eks.client, "list_clusters", "clusters[]") == ["a", "b"]


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ([CREATING, CREATING], errors.NotReady, "did not come.*Max attempts"),
        ([FAILED], errors.NotReady, "terminal failure"),
        ([], errors.PermissionDenied, "The wait for ClusterActive was"),
    ],
)
def test_a_wait_ends_after_the_last_check_or_with_a_failure(
    eks: Stub, call: Calls, answers: list[Any], error: type[Exception], message: str
) -> None:
    if answers:
        eks.answers("describe_cluster", CLUSTER, *answers)
    else:
        eks.refuses("describe_cluster", CLUSTER, "AccessDeniedException")
    with pytest.raises(error, match=message) as raised:
        call.wait_until(eks.client, "cluster_active", **CLUSTER)
    assert isinstance(raised.value.__cause__, WaiterError)


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


def test_the_credentials_of_an_assumed_role_are_those_of_each_client(
    sts: Stub, call: Calls
) -> None:
    asked = {"RoleArn": ROLE, "RoleSessionName": "audit", "DurationSeconds": 3600}
    keys = {"AccessKeyId": "ASIATEMPORARY000", "SecretAccessKey": "secret", "SessionToken": "token"}
    given = {**keys, "Expiration": dt.datetime(2030, 1, 1, tzinfo=dt.timezone.utc)}
    sts.refuses("assume_role", asked, "AccessDenied")  # the role may be new
    sts.answers("assume_role", asked, {"Credentials": given})
    session = mock.Mock(**{"client.return_value": sts.client})
    access = Access(session, "http://aws", "eu-west-1")
    assumed = access.assume(ROLE, "audit", call)
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
    sts.refuses("assume_role", asked, *["AccessDenied"] * 4)
    with pytest.raises(errors.PermissionDenied, match="AssumeRole"):
        access.assume(ROLE, "audit", call)
