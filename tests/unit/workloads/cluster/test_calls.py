"""Calls that are patient, and errors that mean something."""

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

NOBODY = {"name": "nobody"}
THERE = {"cluster": {"name": "nobody", "status": "ACTIVE"}}


@pytest.mark.parametrize(
    "code",
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
    ],
)
def test_a_throttled_call_is_made_again_after_a_pause_that_grows_up_to_a_bound(
    eks: Stub, call: Calls, pauses: list[float], code: str
) -> None:
    for _ in range(3):
        eks.refuses("describe_cluster", NOBODY, code)
    eks.answers("describe_cluster", NOBODY, THERE)
    assert call(eks.client.describe_cluster, **NOBODY)["cluster"]["status"] == "ACTIVE"
    assert pauses == [1.0, 2.0, 3.0]


def test_a_service_that_throttles_for_ever_is_asked_a_bounded_number_of_times(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    for _ in range(4):
        eks.refuses("describe_cluster", NOBODY, "ThrottlingException")
    with pytest.raises(errors.RateLimited, match="DescribeCluster was answered with Throttling"):
        call(eks.client.describe_cluster, **NOBODY)
    assert len(pauses) == 3


def test_what_was_throttled_together_does_not_come_back_together() -> None:
    spread = mock.Mock(side_effect=[3.0, 5.0])
    assert list(Calls(tries=3, first=4.0, spread=spread)._pauses()) == [3.0, 5.0]
    assert spread.call_args_list == [mock.call(2.0, 4.0), mock.call(4.0, 8.0)]


def test_a_provider_that_nobody_configured_is_patient_in_earnest() -> None:
    usual = Calls()
    assert usual.sleep is time.sleep
    assert sum(usual._pauses()) >= 15  # until IAM has told everybody
    assert usual.delay >= 5
    assert usual.checks * usual.delay == 20 * 60  # a cluster takes a quarter of an hour


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ExpiredToken", errors.CredentialsExpired),
        ("ExpiredTokenException", errors.CredentialsExpired),
        ("RequestExpired", errors.CredentialsExpired),
        ("AccessDenied", errors.PermissionDenied),
        ("AccessDeniedException", errors.PermissionDenied),
        ("UnauthorizedOperation", errors.PermissionDenied),
        ("AuthFailure", errors.PermissionDenied),
        ("OptInRequired", errors.PermissionDenied),
        ("NoSuchEntity", errors.NotFound),
        ("NoSuchEntityException", errors.NotFound),
        ("NotFoundException", errors.NotFound),
        ("ResourceNotFoundException", errors.NotFound),
        ("InvalidVpcID.NotFound", errors.NotFound),
        ("EntityAlreadyExists", errors.AlreadyThere),
        ("RouteAlreadyExists", errors.AlreadyThere),
        ("ResourceInUseException", errors.NotYet),
        ("DependencyViolation", errors.NotYet),
        ("DeleteConflict", errors.NotYet),
        ("InvalidGroup.Duplicate", errors.AlreadyThere),
    ],
)
def test_an_error_of_a_service_is_raised_as_what_it_means_and_only_once(
    eks: Stub, call: Calls, pauses: list[float], code: str, meaning: type[Exception]
) -> None:
    eks.refuses("describe_cluster", NOBODY, code)
    with pytest.raises(meaning, match=f"DescribeCluster was answered with {code}") as raised:
        call(eks.client.describe_cluster, **NOBODY)
    assert isinstance(raised.value.__cause__, ClientError)
    assert not pauses


def test_an_error_that_means_nothing_special_stays_as_it_is(eks: Stub, call: Calls) -> None:
    eks.refuses("describe_cluster", NOBODY, "InvalidParameterException")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        call(eks.client.describe_cluster, **NOBODY)


def test_a_mistake_of_the_program_stays_as_it_is(call: Calls, pauses: list[float]) -> None:
    with pytest.raises(ParamValidationError, match="no name"):
        call(mock.Mock(side_effect=ParamValidationError(report="no name")))
    assert not pauses


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameterException", "The role with arn x could not be assumed"),
        (
            "InvalidParameterValue",
            "Value (x) for iamInstanceProfile is invalid. Invalid IAM Instance Profile name",
        ),
    ],
)
def test_a_role_that_others_have_not_heard_of_is_not_yet_there(
    eks: Stub, call: Calls, code: str, message: str
) -> None:
    eks.refuses("describe_cluster", NOBODY, code, message)
    with pytest.raises(errors.NotYet, match="Run it again later"):
        call(eks.client.describe_cluster, **NOBODY)


@pytest.mark.parametrize("status", [500, 503])
def test_a_service_that_fails_for_a_while_is_asked_again(
    eks: Stub, call: Calls, pauses: list[float], status: int
) -> None:
    eks.refuses("describe_cluster", NOBODY, "ServiceUnavailableException", status=status)
    eks.answers("describe_cluster", NOBODY, THERE)
    assert call(eks.client.describe_cluster, **NOBODY)["cluster"]["status"] == "ACTIVE"
    assert pauses == [1.0]


def test_a_service_that_fails_for_ever_is_asked_a_bounded_number_of_times(
    eks: Stub, call: Calls
) -> None:
    for _ in range(4):
        eks.refuses("describe_cluster", NOBODY, "ServerException", status=500)
    with pytest.raises(errors.Unavailable, match="DescribeCluster was answered with ServerExc"):
        call(eks.client.describe_cluster, **NOBODY)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://eks"),
        ConnectionClosedError(endpoint_url="https://eks"),
        ReadTimeoutError(endpoint_url="https://eks"),
    ],
)
def test_a_network_that_fails_is_asked_again_and_then_called_so(
    call: Calls, pauses: list[float], error: Exception
) -> None:
    broken = mock.Mock(side_effect=error)
    with pytest.raises(errors.Unavailable, match="https://eks") as raised:
        call(broken)
    assert raised.value.__cause__ is error
    assert pauses == [1.0, 2.0, 3.0]


def test_a_refusal_that_passes_is_waited_for_where_it_is_expected(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    for _ in range(2):
        eks.refuses("describe_cluster", NOBODY, "ResourceNotFoundException")
    eks.answers("describe_cluster", NOBODY, THERE)
    call.despite((errors.NotFound,), eks.client.describe_cluster, **NOBODY)
    assert pauses == [1.0, 2.0]


def test_a_refusal_that_stays_is_raised(eks: Stub, call: Calls) -> None:
    for _ in range(4):
        eks.refuses("describe_cluster", NOBODY, "ResourceNotFoundException")
    with pytest.raises(errors.NotFound):
        call.despite((errors.NotFound,), eks.client.describe_cluster, **NOBODY)


def test_what_is_busy_is_asked_again_for_as_long_as_a_wait_lasts(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.refuses("delete_cluster", NOBODY, "ResourceInUseException")
    eks.answers("delete_cluster", NOBODY)
    call.when_free(eks.client.delete_cluster, **NOBODY)
    assert pauses == [call.delay]
    for _ in range(call.checks):
        eks.refuses("delete_cluster", NOBODY, "ResourceInUseException")
    with pytest.raises(errors.NotYet):
        call.when_free(eks.client.delete_cluster, **NOBODY)


def test_who_watches_sees_what_is_done_or_in_the_end_what_is_not(
    call: Calls, pauses: list[float]
) -> None:
    assert call.watch(lambda: 1, lambda seen: seen == 1) == 1
    assert not pauses
    assert call.watch(lambda: 1, lambda seen: seen == 2) == 1
    assert len(pauses) == call.checks - 1


def test_all_pages_are_listed(eks: Stub, call: Calls) -> None:
    eks.answers("list_clusters", {}, {"clusters": ["a", "b"], "nextToken": "more"})
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["c"]})
    assert call.listed(eks.client, "list_clusters", "clusters[]") == ["a", "b", "c"]


def test_a_list_that_is_throttled_on_a_later_page_is_listed_anew(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.answers("list_clusters", {}, {"clusters": ["a"], "nextToken": "more"})
    eks.refuses("list_clusters", {"nextToken": "more"}, "ThrottlingException")
    eks.answers("list_clusters", {}, {"clusters": ["a"], "nextToken": "more"})
    eks.answers("list_clusters", {"nextToken": "more"}, {"clusters": ["b"]})
    assert call.listed(eks.client, "list_clusters", "clusters[]") == ["a", "b"]
    assert pauses == [1.0]


def test_a_wait_ends_when_it_is_so(eks: Stub, call: Calls) -> None:
    eks.answers("describe_cluster", NOBODY, {"cluster": {"status": "CREATING"}})
    eks.answers("describe_cluster", NOBODY, THERE)
    call.until(eks.client, "cluster_active", **NOBODY)


def test_a_wait_does_not_last_for_ever(eks: Stub, call: Calls) -> None:
    for _ in range(2):
        eks.answers("describe_cluster", NOBODY, {"cluster": {"status": "CREATING"}})
    with pytest.raises(errors.NotReady, match=r"did not come.*Max attempts") as raised:
        call.until(eks.client, "cluster_active", **NOBODY)
    assert isinstance(raised.value.__cause__, WaiterError)


def test_a_wait_ends_with_what_was_waited_for_when_that_fails(eks: Stub, call: Calls) -> None:
    eks.answers("describe_cluster", NOBODY, {"cluster": {"status": "FAILED"}})
    with pytest.raises(errors.NotReady, match="terminal failure"):
        call.until(eks.client, "cluster_active", **NOBODY)


def test_a_wait_that_is_throttled_goes_on_after_a_pause(
    eks: Stub, call: Calls, pauses: list[float]
) -> None:
    eks.refuses("describe_cluster", NOBODY, "ThrottlingException")
    eks.answers("describe_cluster", NOBODY, THERE)
    call.until(eks.client, "cluster_active", **NOBODY)
    assert pauses == [1.0]


def test_a_wait_that_is_not_allowed_says_so(eks: Stub, call: Calls) -> None:
    eks.refuses("describe_cluster", NOBODY, "AccessDeniedException")
    with pytest.raises(errors.PermissionDenied, match="The wait for ClusterActive was"):
        call.until(eks.client, "cluster_active", **NOBODY)
