"""A digest changes with the code, and with nothing else."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import Any

import botocore
import pytest

from botocore_redirect.commands import source_digests

CODE = '''
import os


class Endpoint:
    """Send."""

    limit = 1

    def send(self, request, *, again=False):
        """Send a request."""
        return f"{request!r:>{self.limit}}" "x" if again else None

    def close(self):
        pass


def helper():
    return Endpoint
'''


def digests(code: str) -> tuple[str, dict[str, str]]:
    return source_digests.digest_source(code.encode(), "retries/endpoint.py")


def changed(before: str, after: str) -> set[str]:
    (_, old), (_, new) = digests(before), digests(after)
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def test_a_text_that_python_splits_has_the_same_digest() -> None:
    whole = [ast.Constant("text "), ast.FormattedValue(ast.Name("x"), -1), ast.Constant(" more")]
    cut = [
        *(ast.Constant(""), ast.Constant("te"), ast.Constant("xt ")),
        *(whole[1], ast.Constant(" mo"), ast.Constant(""), ast.Constant("re")),
    ]
    assert spelled(ast.JoinedStr(cut)) == spelled(ast.JoinedStr(whole))


def test_an_import_that_is_not_lazy_has_the_same_digest_on_pythons_that_say_so() -> None:
    class Import:
        """The node of Python 3.15."""

        _fields = ("names", "is_lazy")

        def __init__(self, *, is_lazy: bool) -> None:
            self.names = [ast.alias("os")]
            self.is_lazy = int(is_lazy)

    said, lazy = Import(is_lazy=False), Import(is_lazy=True)
    assert spelled(said) == spelled(ast.Import([ast.alias("os")]))
    assert spelled(lazy) != spelled(said)


def spelled(node: Any) -> list[str]:
    words: list[str] = []
    source_digests._serialize(node, words, "", None)
    return words


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    for name in ("endpoint", *files):
        (path / f"{name}.py").write_text(files.get(name, CODE))
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Send a request."""', '"""Send it."""'),
        ('"""Send a request."""\n', "# nothing\n"),
        ("    limit = 1", "    limit = (\n        1\n    )  # one"),
        ('"x"', "'x'"),
        ('"x"', 'u"x"'),
        ("    pass", "    # soon\n        pass"),
        ("\n\n\ndef helper", "\ndef helper"),
    ],
)
def test_layout_comments_and_docstrings_do_not_count(old: str, new: str) -> None:
    assert old in CODE
    assert digests(CODE.replace(old, new)) == digests(CODE)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("else None", "else 0", {"retries.endpoint.Endpoint.send"}),
        ("again=False", "again=True", {"retries.endpoint.Endpoint.send"}),
        ("*, again", "again", {"retries.endpoint.Endpoint.send"}),
        ("!r:>", "!s:>", {"retries.endpoint.Endpoint.send"}),
        ("limit = 1", "limit = True", {"retries.endpoint.Endpoint"}),
        ("limit = 1", "limit = 1.0", {"retries.endpoint.Endpoint"}),
        ("import os", "import os as so", {"retries.endpoint.<module>"}),
        ("def helper", "def other", {"retries.endpoint.helper", "retries.endpoint.other"}),
        ("def close", "async def close", {"retries.endpoint.Endpoint.close"}),
        ("        pass", "        def inner(): 1", {"retries.endpoint.Endpoint.close"}),
    ],
)
def test_a_change_of_code_is_named(old: str, new: str, names: set[str]) -> None:
    assert old in CODE
    after = CODE.replace(old, new)
    assert changed(CODE, after) == names
    assert digests(after)[0] != digests(CODE)[0]


def test_a_name_that_is_defined_in_both_branches_of_an_if_changes_with_either() -> None:
    code = "if {}:\n    def send(): return {}\nelse:\n    def send(): return {}\n"
    both = code.format("new", 1, 2)
    assert changed(both, code.format("new", 3, 2)) == {"retries.endpoint.send"}
    assert changed(both, code.format("new", 1, 3)) == {"retries.endpoint.send"}
    assert changed(both, code.format("new", 2, 1)) == {"retries.endpoint.send"}
    assert changed(both, code.format("old", 1, 2)) == {"retries.endpoint.<module>"}


def test_another_order_of_the_same_functions_is_a_change_of_the_file() -> None:
    one, two = "def a(): 1\n", "def b(): 2\n"
    assert digests(one + two)[0] != digests(two + one)[0]
    assert changed(one + two, two + one) == set()


def test_escapes_that_newer_pythons_warn_of_are_read_even_where_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert source_digests.digest_source(rb"x = '\d'", "a.py") == source_digests.digest_source(
            rb"x = '\\d'", "a.py"
        )


def test_a_file_that_is_no_python_is_named() -> None:
    with pytest.raises(
        source_digests.UnreadableSource, match=r"^auth\.py cannot be read as Python"
    ):
        source_digests.digest_source(b"def (", "auth.py")


def test_the_digests_are_the_same_on_every_python() -> None:
    # Recorded once; the same on 3.9 to 3.15, and on PyPy.
    digest, functions = digests(CODE)
    assert digest == "549c59bdb162ade6"
    assert functions["retries.endpoint.Endpoint.send"] == "d2822023725afb3d"


def test_the_digest_tells_apart_what_an_s3_call_runs_through(tmp_path: Path) -> None:
    before = folder(tmp_path / "a", auth="def sign(): 1\n", utils="def a(): 1\ndef b(): 2\n")
    moved = folder(tmp_path / "b", auth="def sign(): 1\n", utils="def b(): 2\ndef a(): 1\n")
    beside = folder(tmp_path / "c", auth="def sign(): 1\n", utils="def a(): 1\ndef b(): 2\n")
    (beside / "new.py").write_text("def not_on_the_way(): 1\n")
    missing = folder(tmp_path / "d", context="")
    digests = [source_digests.digest_folder(each).digest for each in (before, moved, missing)]
    assert len({*digests}) == 3
    assert source_digests.digest_folder(beside).digest == digests[0]
    assert len(source_digests.digest_folder(Path(botocore.__file__).parent).functions) > 500


def test_a_folder_without_botocore_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no source of botocore"):
        source_digests.digest_folder(tmp_path)


def test_the_methods_that_the_hook_replaces_are_in_this_botocore() -> None:
    relied_on = source_digests.digest_folder(Path(botocore.__file__).parent).relied_on
    for name in ("create_request", "_get_response", "_send_request", "prepare_request"):
        assert relied_on[f"endpoint.Endpoint.{name}"], name
    assert relied_on["awsrequest.create_request_object"]
    assert tuple(relied_on) == source_digests.RELIED_ON


def test_all_functions_that_the_patch_uses_are_in_the_request_path() -> None:
    modules = {path[: -len(".py")].replace("/", ".") for path in source_digests.REQUEST_PATH}
    strange = [
        n for n in source_digests.RELIED_ON if not n.startswith(tuple(f"{m}." for m in modules))
    ]
    assert strange == []
    assert len(set(source_digests.RELIED_ON)) == len(source_digests.RELIED_ON)
