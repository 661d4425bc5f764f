"""Who wrote something, as messages and the rules for a subject name them."""

from __future__ import annotations

import functools
import json
import sys
import types
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.endpoint import Endpoint
from botocore.handlers import disable_signing

from botocore_redirect.testing.guards import ownership

_HERE = f"{__file__}:"


def _nothing(*_: object, **__: object) -> None: ...


class _Callable:
    def __call__(self) -> None: ...


class _Reticent:
    """Any question is answered by an error."""

    def __call__(self) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class _FunctionWrapper:
    """A wrapper that claims to be what it wraps, and keeps its own function as wrapt does."""

    __module__ = "wrapt.wrappers"
    _self_wrapper = staticmethod(_nothing)

    def __call__(self) -> None: ...


DESCRIPTIONS: dict[str, tuple[Any, str]] = {
    "data": (None, "None"),
    "a function written in C": (print, "<built-in function print>"),
    "a function": (_nothing, f"_nothing() of {_HERE}"),
    "a class": (_Callable, f"class _Callable of {__name__}"),
    "an object": (_Callable(), f"a _Callable of {__name__}"),
    "an object that answers nothing": (_Reticent(), f"a _Reticent of {__name__}"),
    "a mock": (mock.Mock(), "a Mock of unittest.mock"),
    "a module": (types.ModuleType("time"), "another module time"),
    "a method": (_Callable().__call__, f"_Callable.__call__() of {_HERE}"),
    "a partial": (functools.partial(_nothing), f"_nothing() of {_HERE}"),
    "a partial method": (functools.partialmethod(_nothing), f"_nothing() of {_HERE}"),
    "a cached function": (functools.lru_cache(_nothing), f"_nothing() of {_HERE}"),
    "a property": (property(_nothing), f"_nothing() of {_HERE}"),
    "a wrapper of wrapt": (_FunctionWrapper(), f"_nothing() of {_HERE}"),
    "a function of botocore": (
        Endpoint._send,
        f"Endpoint._send() of {sys.modules['botocore.endpoint'].__file__}:",
    ),
}


@pytest.mark.parametrize("what", DESCRIPTIONS)
def test_a_value_is_described_with_its_author(what: str) -> None:
    value, phrase = DESCRIPTIONS[what]
    assert ownership.describe(value).startswith(phrase)


def test_a_handler_is_of_botocore_by_what_it_calls() -> None:
    assert ownership.is_of_family(functools.partial(disable_signing, None))
    for function in (functools.partial(print), print, json.dumps, _Reticent(), _nothing):
        assert not ownership.is_of_family(function)


def test_a_function_that_claims_a_module_of_botocore_is_not_of_it() -> None:
    for names in ({"__name__": "botocore.handlers"}, vars(sys.modules["botocore.handlers"])):
        made: dict[str, Any] = {}
        exec("def claims(**_): pass", names, made)
        assert not ownership.is_of_family(made["claims"])


@pytest.mark.parametrize("package", ["json", "time", "os", "botocore", "pytest", "nowhere"])
def test_the_standard_library_is_known(package: str) -> None:
    assert ownership.is_standard(package) is (package in ("json", "time", "os"))


def test_code_of_the_user_is_known() -> None:
    assert ownership.is_user_code(__file__)
    for value in (None, Path(__file__), "made.so", json.__file__, pytest.__file__):
        assert not ownership.is_user_code(value)
    assert not ownership.is_user_code(ownership.__file__)
