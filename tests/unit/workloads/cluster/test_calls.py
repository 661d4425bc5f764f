"""Retries, waits, and the translation of errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
    WaiterError,
)

from workloads.cluster import errors
from workloads.cluster.calls import Calls

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

CLUSTER = {"name": "c"}
CREATING, ACTIVE, FAILED = (
    {"cluster": {"status": status}} for status in ("CREATING", "ACTIVE", "FAILED")
)
THROTTLED = (
    "Throttling ThrottlingException ThrottledException RequestLimitExceeded RequestThrottled"
    " RequestThrottledException TooManyRequestsException"
)


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        *((code, 400, errors.RateLimited) for code in THROTTLED.split()),
        ("ServerException", 500, errors.Unavailable),
        ("ServiceUnavailableException", 503, errors.Unavailable),
    ],
)
def test_a_call_that_is_throttled_or_fails_is_retried_a_bounded_number_of_times(
    eks: Stub, call: Calls, pauses: list[float], code: str, status: int, meaning: type[Exception]
) -> None:
    eks.refuses("describe_cluster", CLUSTER, code, status=status, times=3)
    eks.answers("describe_cluster", CLUSTER, ACTIVE)
    assert call(eks.client.describe_cluster, **CLUSTER)["cluster"]["status"] == "ACTIVE"
    assert pauses == [1.0, 2.0, 3.0]
    eks.refuses("describe_cluster", CLUSTER, code, status=status, times=4)
    with pytest.raises(meaning, match=f"DescribeCluster was answered with {code}"):
        call(eks.client.describe_cluster, **CLUSTER)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://eks"),
        ConnectionClosedError(endpoint_url="https://eks"),
        ReadTimeoutError(endpoint_url="https://eks"),
    ],
)
def test_a_failing_network_is_retried_and_then_reported(
    call: Calls, pauses: list[float], error: Exception
) -> None:
    with pytest.raises(errors.Unavailable, match="https://eks") as raised:
        call(mock.Mock(side_effect=error))
    assert raised.value.__cause__ is error
    assert pauses == [1.0, 2.0, 3.0]


def test_pauses_are_spread_so_that_clients_do_not_return_together() -> None:
    spread = mock.Mock(side_effect=[3.0, 5.0])
    assert list(Calls(tries=3, first=4.0, spread=spread)._pauses()) == [3.0, 5.0]
    assert spread.call_args_list == [mock.call(2.0, 4.0), mock.call(4.0, 8.0)]


def test_the_defaults_wait_long_enough_for_aws() -> None:
    usual = Calls()
    assert usual.sleep is time.sleep
    assert sum(usual._pauses()) >= 15  # until other services see a new role
    assert usual.delay >= 5
    assert usual.checks * usual.delay == 20 * 60  # a cluster takes a quarter of an hour


MEANINGS = {
    errors.CredentialsExpired: "ExpiredToken ExpiredTokenException RequestExpired",
    errors.PermissionDenied: (
        "AccessDenied AccessDeniedException UnauthorizedOperation AuthFailure OptInRequired"
    ),
    errors.NotFound: (
        "NoSuchEntity NoSuchEntityException NotFoundException ResourceNotFoundException"
        " InvalidVpcID.NotFound"
    ),
    errors.AlreadyThere: "EntityAlreadyExists RouteAlreadyExists InvalidGroup.Duplicate",
    errors.NotYet: "ResourceInUseException DependencyViolation DeleteConflict",
    ClientError: "InvalidParameterException InvalidParameterValue Other",
}


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        *((code, "no", meaning) for meaning, codes in MEANINGS.items() for code in codes.split()),
        ("InvalidParameterException", "The role with arn x is unknown", errors.NotYet),
        ("InvalidParameterValue", "Invalid IAM Instance Profile name", errors.NotYet),
    ],
)
def test_an_error_of_a_service_is_translated_and_not_retried(
    eks: Stub, call: Calls, pauses: list[float], code: str, message: str, meaning: type[Exception]
) -> None:
    eks.refuses("describe_cluster", CLUSTER, code, message)
    with pytest.raises(meaning, match=code) as raised:
        call(eks.client.describe_cluster, **CLUSTER)
    assert isinstance(raised.value.__cause__ or raised.value, ClientError)
    assert not pauses


def test_a_mistake_of_the_program_is_raised_as_it_is(call: Calls, pauses: list[float]) -> None:
    with pytest.raises(ParamValidationError, match="no name"):
        call(mock.Mock(side_effect=ParamValidationError(report="no name")))
    assert not pauses


def test_a_refusal_is_retried_where_it_is_expected(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.refuses("describe_cluster", CLUSTER, "ResourceNotFoundException", times=2)
    eks.answers("describe_cluster", CLUSTER, ACTIVE)
    call.retry_on((errors.NotFound,), eks.client.describe_cluster, **CLUSTER)
    assert pauses == [1.0, 2.0]
    eks.refuses("describe_cluster", CLUSTER, "ResourceNotFoundException", times=4)
    with pytest.raises(errors.NotFound):
        call.retry_on((errors.NotFound,), eks.client.describe_cluster, **CLUSTER)


def test_a_busy_resource_is_retried_for_as_long_as_a_wait_lasts(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.refuses("delete_cluster", CLUSTER, "ResourceInUseException")
    eks.answers("delete_cluster", CLUSTER)
    call.when_free(eks.client.delete_cluster, **CLUSTER)
    assert pauses == [call.delay]
    eks.refuses("delete_cluster", CLUSTER, "ResourceInUseException", times=call.checks)
    with pytest.raises(errors.NotYet):
        call.when_free(eks.client.delete_cluster, **CLUSTER)


def test_watching_ends_when_it_is_done_or_after_the_last_check(
    call: Calls, pauses: list[float]
) -> None:
    assert call.watch(lambda: 1, lambda seen: seen == 1) == 1
    assert not pauses
    assert call.watch(lambda: 1, lambda seen: seen == 2) == 1
    assert len(pauses) == call.checks - 1


def test_a_list_that_is_throttled_on_a_later_page_is_listed_anew(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    first = {"clusters": ["a"], "nextToken": "more"}
    eks.answers("list_clusters", {}, first)
    eks.refuses("list_clusters", {"nextToken": "more"}, "ThrottlingException")
    eks.answers("list_clusters", {}, first)
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["b"]})
    assert call.list_all(eks.client, "list_clusters", "clusters[]") == ["a", "b"]
    assert pauses == [1.0]


def test_a_wait_survives_throttling(eks: Stub, call: Calls, pauses: list[float]) -> None:
    eks.refuses("describe_cluster", CLUSTER, "ThrottlingException")
    eks.answers("describe_cluster", CLUSTER, CREATING, ACTIVE)
    call.wait_until(eks.client, "cluster_active", **CLUSTER)
    assert pauses == [1.0]


def test_a_wait_that_is_not_allowed_is_an_error(eks: Stub, call: Calls) -> None:
    eks.refuses("describe_cluster", CLUSTER, "AccessDeniedException")
    with pytest.raises(errors.PermissionDenied, match="The wait for ClusterActive was"):
        call.wait_until(eks.client, "cluster_active", **CLUSTER)


@pytest.mark.parametrize(
    ("answers", "message"),
    [([CREATING, CREATING], "did not come.*Max attempts"), ([FAILED], "terminal failure")],
)
def test_a_wait_ends_after_the_last_check_or_with_a_failure(
    eks: Stub, call: Calls, answers: list[dict[str, object]], message: str
) -> None:
    eks.answers("describe_cluster", CLUSTER, *answers)
    with pytest.raises(errors.NotReady, match=message) as raised:
        call.wait_until(eks.client, "cluster_active", **CLUSTER)
    assert isinstance(raised.value.__cause__, WaiterError)
