"""What is replaced in s3fs and fsspec, without either; tests/programs has the real ones."""

from __future__ import annotations

import pickle
import sys
from types import ModuleType
from typing import Any, Callable

import pytest

from botocore_redirect import S3fsRedirectError
from botocore_redirect.aio import s3fs_errors

CODE, MESSAGE = "RedirectRefused", "it leads to http://elsewhere.example"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put modules with the names that are replaced in the place of s3fs and fsspec."""
    errors: Any = ModuleType("s3fs.errors")
    errors.ERROR_CODE_TO_EXCEPTION = {"404": FileNotFoundError}
    asyn: Any = ModuleType("fsspec.asyn")
    asyn.sync = lambda _loop, function, *args: function(*args)
    found = {"s3fs.errors": errors, "fsspec.asyn": asyn}
    for name, module in found.items():
        monkeypatch.setitem(sys.modules, name, module)
    return found


def _replaced() -> tuple[Any, Callable[..., Any]]:
    (_, _, table), (_, _, sync) = s3fs_errors.replacements()
    return table, sync


@pytest.mark.usefixtures("modules")
def test_the_table_makes_an_error_that_is_no_oserror_and_pickles() -> None:
    table, _ = _replaced()
    error = table[CODE](MESSAGE)
    assert type(error) is S3fsRedirectError
    assert not isinstance(error, OSError)
    assert str(pickle.loads(pickle.dumps(error))) == f"{CODE}: {MESSAGE}"
    assert table["404"] is FileNotFoundError


def test_an_entry_of_another_library_stays_in_its_own_table(modules: dict[str, Any]) -> None:
    table, _ = _replaced()
    table["Own"] = KeyError
    assert {
        "404": FileNotFoundError,
        "Own": KeyError,
    } == modules["s3fs.errors"].ERROR_CODE_TO_EXCEPTION


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("result", [None, [], True, 0])
def test_a_call_that_says_something_after_a_refusal_is_left_alone(result: Any) -> None:
    table, sync = _replaced()

    def call() -> Any:
        table[CODE](MESSAGE)
        return result

    assert sync(None, call) is result


@pytest.mark.usefixtures("modules")
def test_a_call_that_says_false_after_a_refusal_raises_it_once() -> None:
    table, sync = _replaced()

    def call() -> bool:
        table[CODE](MESSAGE)
        return False

    with pytest.raises(S3fsRedirectError, match=MESSAGE):
        sync(None, call)
    assert sync(None, lambda: False) is False


@pytest.mark.parametrize("missing", ["s3fs.errors", "fsspec.asyn"])
def test_an_s3fs_that_is_built_otherwise_is_left_alone(
    modules: dict[str, Any], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    assert len(s3fs_errors.replacements()) == 2
    monkeypatch.setitem(sys.modules, missing, ModuleType(missing))
    assert modules
    assert s3fs_errors.replacements() == []
