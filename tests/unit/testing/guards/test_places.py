"""What stands at a place of botocore: what its source puts there, and that under its name."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sys
import types
from collections import namedtuple
from pathlib import Path
from typing import Any, Callable
from unittest import mock

import botocore.auth
import botocore.endpoint
import botocore.hooks
import botocore.httpsession
import pytest
from botocore.client import ClientMeta
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session

from botocore_redirect.testing.guards import bindings, module_source, pristine

Patch = pytest.MonkeyPatch
_SEND = "botocore.endpoint.Endpoint._send"
# What Python's own decorators make of a function of botocore that its source does not decorate.
_DECORATORS: dict[str, Callable[[Any], Any]] = {
    "cached": functools.lru_cache(None),
    "partial method": lambda send: functools.partialmethod(send, None),
    "partial": lambda send: functools.partial(send, None),
    "static": staticmethod,
    "property": property,
    "context manager": contextlib.contextmanager,
    "mocked clock": mock.patch("time.sleep"),
    "mocked environment": mock.patch.dict("os.environ", {"AWS_REGION": "x"}),
}


@pytest.mark.parametrize("how", _DECORATORS)
def test_a_function_that_the_source_leaves_bare_has_no_decorator(
    how: str, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(Endpoint, "_send", _DECORATORS[how](Endpoint._send))
    assert _SEND in pristine.look().changes


@pytest.mark.parametrize("how", [how for how in _DECORATORS if how != "property"])
def test_a_function_that_the_source_decorates_has_no_decorator_of_another_kind(
    how: str, monkeypatch: Patch
) -> None:
    original = vars(ClientMeta)["service_model"]
    monkeypatch.setattr(ClientMeta, "service_model", _DECORATORS[how](original.fget))
    assert "botocore.client.ClientMeta.service_model" in pristine.look().changes


class _Claims(URLLib3Session):  # type: ignore[misc]  # botocore is untyped
    __module__ = "botocore.httpsession"

    def send(self, request: Any) -> None: ...


_Claims.__qualname__ = "URLLib3Session"


class _Cython(type("Base", (), {"__module__": "math"})):  # type: ignore[misc]  # made at run time, as Cython does
    __module__ = "math"


def _module(name: str, **names: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    vars(made).update(names)
    return made


# A name in a module that its source imports -> what is put there instead.
_IMPORTED: dict[str, tuple[types.ModuleType, str, Any]] = {
    "another function of botocore": (
        botocore.endpoint,
        "create_request_object",
        botocore.endpoint.convert_to_response_dict,
    ),
    "a class that claims to be of botocore": (botocore.endpoint, "URLLib3Session", _Claims),
    "a class that claims to be written in C": (botocore.endpoint, "URLLib3Session", _Cython),
    "names in place of a module": (botocore.endpoint, "time", types.SimpleNamespace(sleep=id)),
    "a module of the same name": (botocore.endpoint, "time", _module("time", sleep=id)),
    "a module of somebody else": (botocore.endpoint, "time", sys.modules[__name__]),
}


@pytest.mark.parametrize("what", _IMPORTED)
def test_what_a_module_imports_is_what_stands_there(what: str, monkeypatch: Patch) -> None:
    module, name, value = _IMPORTED[what]
    monkeypatch.setattr(module, name, value)
    assert f"{module.__name__}.{name}" in pristine.look().changes


class _Evil(botocore.auth.SigV4Auth):  # type: ignore[misc]  # botocore is untyped
    def add_auth(self, request: Any) -> None: ...


def test_another_base_of_a_class_is_seen() -> None:
    cls = botocore.auth.S3SigV4Auth
    bases, cls.__bases__ = cls.__bases__, (_Evil,)
    try:
        assert "botocore.auth.S3SigV4Auth.__bases__" in pristine.look().changes
    finally:
        cls.__bases__ = bases


class _Lazy(types.ModuleType):
    pass


def test_a_module_that_answers_what_it_likes_is_seen(monkeypatch: Patch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(botocore.endpoint, "__class__", _Lazy)
        assert "_Lazy of " in str(pristine.look().changes["botocore.endpoint"])
    bare = _Lazy("botocore.bare")
    monkeypatch.setitem(sys.modules, "botocore.bare", bare)
    assert "botocore.bare" in pristine.look().changes


def test_modules_that_are_not_there_yet_raise_no_alarm(monkeypatch: Patch) -> None:
    before = {*pristine.look().changes}
    lazy = importlib.util._LazyModule("botocore.lazy")  # type: ignore[attr-defined]  # it has no public name
    monkeypatch.setitem(sys.modules, "botocore.lazy", lazy)
    monkeypatch.setitem(sys.modules, "botocore.never", None)
    assert {*pristine.look().changes} == before


def test_a_module_that_has_forgotten_its_source_is_looked_at(monkeypatch: Patch) -> None:
    monkeypatch.setattr(botocore.endpoint, "__spec__", None)
    monkeypatch.setattr(Endpoint, "_send", lambda *_: None)
    module_source.source.cache_clear()
    assert _SEND in pristine.look().changes


def test_a_module_that_was_loaded_again_raises_no_alarm() -> None:
    """Its old classes are found no more under their names; they are stock all the same."""
    before = {*pristine.look().changes}
    importlib.reload(botocore.hooks)
    assert {*pristine.look().changes} == before


def test_a_named_tuple_is_nobodys_patch(monkeypatch: Patch) -> None:
    made = namedtuple("made", "one two", module="botocore.endpoint")  # noqa: PYI024 - botocore makes its own like that
    monkeypatch.setattr(botocore.endpoint, "Couple", made, raising=False)
    assert "botocore.endpoint.Couple" not in pristine.look().changes


def test_all_of_the_family_may_hold_what_is_anothers() -> None:
    """As boto3.dynamodb.transform, which imports no name of botocore, holds a class of it."""
    family, other = module_source.source("botocore.hooks"), module_source.source("http.client")
    assert family
    assert other
    assert family.imports >= module_source.FAMILY
    assert not other.imports & module_source.FAMILY


_ENUM = """
import enum
class Level(enum.Enum):
    LOW = 1
    def __new__(cls, value):
        made = object.__new__(cls)
        made._value_ = value
        return made
"""


def test_an_enumeration_that_makes_its_members_raises_no_alarm(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    """Python keeps its method under another name."""
    file, name = tmp_path / "level.py", "botocore.level"
    file.write_text(_ENUM, "utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    assert not [place for place in pristine.look().changes if place.startswith(name)]


_CODE = """
from a import b as c
d = c
e = c if d else b
import a.b
import json
def f(): pass
@d
def g(): pass
def h(one=1, *, two: int = 2): pass
"""


@pytest.mark.parametrize("many", [0, 300])
def test_code_tells_how_it_gives_a_name(many: int) -> None:
    names = "".join(f"\nx{number} = {number}" for number in range(many))
    code = compile(names + _CODE, "code", "exec", dont_inherit=True)
    made_of = {name: {each.name for each in bindings.of(code, name)} for name in "bcdfgy"}
    assert made_of == {"b": set(), "c": {"b"}, "d": {"c"}, "f": {""}, "g": {""}, "y": set()}
    bare = [name for name in "cdfgh" if all(each.is_def for each in bindings.of(code, name))]
    assert bare == ["f", "h"]
    modules = [n for n in ("a", "c", "json") if all(e.is_import for e in bindings.of(code, n))]
    assert modules == ["a", "json"]
    assert [name for name in "cde" if bindings.is_joined(code, name)] == ["e"]
    assert {len([*bindings.of(code, f"x{number}")]) for number in range(many)} <= {1}


def test_a_name_that_is_one_of_two_functions_may_be_either(monkeypatch: Patch) -> None:
    monkeypatch.setattr(module_source.Source, "is_joined", lambda *_: True)
    monkeypatch.setattr(
        botocore.endpoint, "create_request_object", botocore.endpoint.convert_to_response_dict
    )
    assert "botocore.endpoint.create_request_object" not in pristine.look().changes
