"""Calls that are patient, and errors that mean something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, WaiterError

from workloads.cluster import errors
from workloads.cluster.calls import Calls

if TYPE_CHECKING:
    from unit.workloads.stub import Stub

NOBODY = {"name": "nobody"}
THERE = {"cluster": {"name": "nobody", "status": "ACTIVE"}}


@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "RequestLimitExceeded"])
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


def test_a_provider_that_nobody_configured_sleeps_in_earnest() -> None:
    assert Calls().sleep is time.sleep


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ExpiredToken", errors.CredentialsExpired),
        ("ExpiredTokenException", errors.CredentialsExpired),
        ("RequestExpired", errors.CredentialsExpired),
        ("AccessDenied", errors.PermissionDenied),
        ("AccessDeniedException", errors.PermissionDenied),
        ("UnauthorizedOperation", errors.PermissionDenied),
        ("NoSuchEntity", errors.NotFound),
        ("ResourceNotFoundException", errors.NotFound),
        ("InvalidVpcID.NotFound", errors.NotFound),
        ("EntityAlreadyExists", errors.AlreadyThere),
        ("ResourceInUseException", errors.AlreadyThere),
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


def test_an_error_of_the_network_stays_as_it_is(call: Calls) -> None:
    def broken() -> None:
        raise EndpointConnectionError(endpoint_url="https://eks.invalid")

    with pytest.raises(EndpointConnectionError, match=r"eks\.invalid"):
        call(broken)


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
