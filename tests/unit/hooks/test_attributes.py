"""Whether a call still gets to a replaced attribute, through whatever was put over it."""

from __future__ import annotations

import functools
import sys
from types import FrameType
from typing import Any, Callable

import pytest

from botocore_redirect.hooks import attributes
from botocore_redirect.hooks.attributes import Replaced

Wrap = Callable[[Callable[..., Any]], Any]


def ours(_: object) -> str:
    return "ours"


class Thing:
    def call(self) -> str:
        return "stock"


class Tracer:
    """A wrapper that is an object."""

    def __init__(self, below: Callable[..., Any]) -> None:
        self.below = below

    def __call__(self, *args: Any) -> Any:
        return self.below(*args)


def closure(below: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any) -> Any:
        return below(*args)

    return wrapper


def default(below: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, below=below: below(*args)


@pytest.mark.parametrize("wrap", [closure, default, functools.partial, Tracer, staticmethod])
def test_a_replacement_is_reached_through_a_wrapper(wrap: Wrap) -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    owner.call = wrap(owner.__dict__["call"])
    assert replaced.is_reachable()
    assert not replaced.restore()


def test_a_replacement_is_not_reached_where_two_others_call_each_other() -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    there = Tracer(print)
    there.below = Tracer(there)
    owner.call = there
    assert not replaced.is_reachable()


def test_an_object_that_is_not_callable_reaches_nothing() -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    owner.call = "something else"
    assert not replaced.is_reachable()


class Lazy:
    """Stands in for a proxy of flask or werkzeug, which cannot be looked at outside a request."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"{name} was asked for outside a request")

    def __call__(self) -> Any:
        raise RuntimeError("it was called outside a request")

    __hash__ = None  # type: ignore[assignment]  # it cannot be hashed either

    def __eq__(self, _: object) -> bool:
        raise RuntimeError("it was compared outside a request")

    def __bool__(self) -> bool:
        raise RuntimeError("it was asked whether it is true outside a request")


current_request = Lazy()


def naming_a_proxy(below: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, below=below: (current_request, below(*args))


@pytest.mark.parametrize("wrap", [naming_a_proxy, lambda below: Tracer(naming_a_proxy(below))])
def test_a_wrapper_may_name_a_lazy_proxy_and_the_replacement_is_reached(wrap: Wrap) -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    owner.call = wrap(owner.__dict__["call"])
    assert replaced.is_reachable()
    assert "wrapped by" in str(replaced)


def test_a_replacement_is_not_reached_through_a_lazy_proxy() -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    owner.call = naming_a_proxy(print)
    assert not replaced.is_reachable()
    owner.call = current_request
    assert not replaced.is_reachable()
    assert str(replaced) == f"Owner.call (wrapped by {__name__})"


def test_a_replacement_is_reached_through_an_object_with_slots() -> None:
    class Slim:
        __slots__ = ("below",)

        def __init__(self, below: Callable[..., Any]) -> None:
            self.below = below

        def __call__(self, *args: Any) -> Any:
            return self.below(*args)

    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    owner.call = Slim(owner.__dict__["call"])
    assert replaced.is_reachable()


def test_a_wrapper_may_change_while_it_is_searched() -> None:
    owner: Any = type("Owner", (Thing,), {})
    replaced = Replaced(owner, "call", ours)
    wrapper: Any = closure(owner.__dict__["call"])
    wrapper.notes = Tracer(print)
    owner.call = wrapper

    def change(frame: FrameType, *_: Any) -> None:
        if frame.f_code is attributes._inner.__code__:  # begun or resumed, as by another thread
            setattr(wrapper, f"note_{len(vars(wrapper))}", 0)
            vars(wrapper.notes)[str(len(vars(wrapper.notes)))] = 0

    before = sys.gettrace()
    sys.settrace(change)
    try:
        assert replaced.is_reachable()
    finally:
        sys.settrace(before)
