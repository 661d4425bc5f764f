"""The order in which steps are undone, and the report of those that fail."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from botocore.exceptions import EndpointConnectionError

from workloads.cluster.errors import LeftBehind, NotFound, PermissionDenied
from workloads.cluster.undo import Undo


def failing(error: BaseException) -> Callable[[], Any]:
    def step() -> None:
        raise error

    return step


def fail(undo: Undo, error: BaseException) -> None:
    with undo:
        raise error


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt()])
def test_a_block_that_fails_is_undone_newest_first_and_its_error_is_raised(
    error: BaseException,
) -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("one", lambda: undone.append(1))
    undo.add("two", lambda: undone.append(2))
    with pytest.raises(type(error)):
        fail(undo, error)
    assert undone == [2, 1]


def test_a_block_that_succeeds_undoes_nothing() -> None:
    with Undo() as undo:
        undo.add("one", failing(AssertionError("undone")))


def test_steps_that_fail_are_reported_and_the_others_are_undone() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("first", lambda: undone.append(1))
    undo.add("VPC vpc-1", failing(PermissionDenied("no")))
    undo.add("subnet s", failing(TypeError("a mistake")))
    undo.add("role r", failing(EndpointConnectionError(endpoint_url="https://iam")))
    undo.add("last", lambda: undone.append(2))
    with pytest.raises(LeftBehind, match=r"^3 could not be removed.*Delete the cluster") as raised:
        fail(undo, ZeroDivisionError())
    assert undone == [2, 1]
    left = [thing.split(" (")[0] for thing in raised.value.things]
    assert left == ["role r", "subnet s", "VPC vpc-1"]
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_a_resource_that_is_gone_counts_as_removed() -> None:
    undo = Undo()
    undo.add("one", failing(NotFound("gone")))
    undo.run()


def test_steps_are_taken_once() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("one", lambda: undone.append(1))
    undo.run()
    undo.run()
    assert undone == [1]


def test_a_new_resource_that_is_not_found_is_reported() -> None:
    undo = Undo()
    undo.add("VPC vpc-1", failing(NotFound("not yet")))
    with pytest.raises(LeftBehind, match=r"VPC vpc-1 \(not yet\)"):
        fail(undo, ZeroDivisionError())


def test_an_interrupt_whose_clean_up_fails_is_still_an_interrupt() -> None:
    undo = Undo()
    undo.add("VPC vpc-1", failing(PermissionDenied("no")))
    with pytest.raises(KeyboardInterrupt) as raised:
        fail(undo, KeyboardInterrupt())
    assert isinstance(raised.value.__cause__, LeftBehind)
    assert raised.value.__cause__.things == ("VPC vpc-1 (no)",)


def test_an_interrupted_clean_up_names_everything_left() -> None:
    inner = Undo()
    inner.add("subnet 1", failing(AssertionError("undone")))
    inner.add("subnet 2", failing(KeyboardInterrupt()))
    undo = Undo()
    undo.add("role r", failing(AssertionError("undone")))
    undo.add("network", inner.run)
    undo.add("key pair", failing(PermissionDenied("no")))
    with pytest.raises(KeyboardInterrupt) as raised:
        fail(undo, ZeroDivisionError())
    left = raised.value.__cause__
    assert isinstance(left, LeftBehind)
    assert left.things == ("key pair (no)", "subnet 2", "subnet 1", "role r")


def test_an_interrupt_of_a_step_names_the_step() -> None:
    undo = Undo()
    undo.add("role r", failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt) as raised:
        undo.run()
    assert "1 could not be removed, and may cost money: role r." in str(raised.value.__cause__)
