"""What is taken back, in which order, and what is said of the rest."""

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


def test_a_block_that_fails_is_undone_newest_first_and_its_error_is_raised() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("one", lambda: undone.append(1))
    undo.add("two", lambda: undone.append(2))
    with pytest.raises(ZeroDivisionError):
        fail(undo, ZeroDivisionError())
    assert undone == [2, 1]


def test_a_block_that_ends_well_keeps_everything() -> None:
    with Undo() as undo:
        undo.add("one", failing(AssertionError("undone")))


def test_an_interrupt_is_a_failure_too() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("one", lambda: undone.append(1))
    with pytest.raises(KeyboardInterrupt):
        fail(undo, KeyboardInterrupt())
    assert undone == [1]


def test_what_cannot_be_undone_is_reported_and_does_not_keep_the_rest() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("first", lambda: undone.append(1))
    undo.add("VPC vpc-1", failing(PermissionDenied("no")))
    undo.add("role r", failing(EndpointConnectionError(endpoint_url="https://iam")))
    undo.add("last", lambda: undone.append(2))
    with pytest.raises(LeftBehind, match=r"^2 could not be removed.*Delete the cluster") as raised:
        fail(undo, ZeroDivisionError())
    assert undone == [2, 1]
    assert [thing.split(" (")[0] for thing in raised.value.things] == ["role r", "VPC vpc-1"]
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_what_is_gone_already_is_undone() -> None:
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


def test_what_was_just_made_and_is_not_found_is_left_behind() -> None:
    undo = Undo()
    undo.add("VPC vpc-1", failing(NotFound("not yet")))
    with pytest.raises(LeftBehind, match=r"VPC vpc-1 \(not yet\)"):
        fail(undo, ZeroDivisionError())


def test_a_mistake_in_a_step_is_named_and_does_not_keep_the_rest() -> None:
    undone: list[int] = []
    undo = Undo()
    undo.add("first", lambda: undone.append(1))
    undo.add("one", failing(TypeError("a mistake")))
    with pytest.raises(LeftBehind, match=r"one \(a mistake\)"):
        undo.run()
    assert undone == [1]


def test_an_interrupt_whose_clean_up_fails_is_still_an_interrupt() -> None:
    undo = Undo()
    undo.add("VPC vpc-1", failing(PermissionDenied("no")))
    with pytest.raises(KeyboardInterrupt) as raised:
        fail(undo, KeyboardInterrupt())
    assert isinstance(raised.value.__cause__, LeftBehind)
    assert raised.value.__cause__.things == ("VPC vpc-1 (no)",)


def test_an_interrupt_of_the_clean_up_names_all_that_is_left() -> None:
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
