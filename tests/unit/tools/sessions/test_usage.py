"""`nox -s SESSION -- --help` answers at once, for every session."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from tools.sessions import usage
from tools.sessions.usage import USAGE

ROOT = Path(__file__).parents[4]
SESSIONS: dict[str, Any] = dict.fromkeys(USAGE, usage.describe)


def test_every_session_of_the_noxfile_and_no_other_has_a_usage() -> None:
    functions = [
        node
        for node in ast.parse((ROOT / "noxfile.py").read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any("nox.session" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert [function.name for function in functions] == [*USAGE]


@pytest.mark.parametrize("name", USAGE)
def test_a_session_says_what_it_takes_with_an_example_that_it_accepts(name: str) -> None:
    text = usage.describe(name)
    assert f"usage: nox -s {name}" in text
    (example,) = re.findall(r"(?m)^example: (?:[A-Z0-9_]+=\S+ )?nox -s (.+)$", text)
    session, _, *arguments = [*shlex.split(example), ""]
    assert session.partition("(")[0] == name
    if USAGE[name].parser:
        usage.load_parser(name).parse_args([each for each in arguments if each])


def test_the_documented_bisection_is_the_one_that_ci_runs() -> None:
    example = USAGE["bisect"].example
    workflow = (ROOT / ".github/workflows/upstream.yml").read_text("utf-8")
    assert example.replace("nox", "$NOX") in workflow
    for page in ("README.md", "CONTRIBUTING.md", "docs/matrix.md"):
        text = (ROOT / page).read_text("utf-8")
        documented = re.findall(r"nox -s bisect -- --good [^`#\n]*", text)
        assert documented, page
        assert {each.strip() for each in documented} == {example}, page


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_printed_once_for_each_session_that_is_named(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-p", "3.11", "-s", "matrix(one)", "matrix(two)", "demo", "-r", "--", "-x", flag]
    with pytest.raises(SystemExit) as ended:
        usage.answer_help(SESSIONS, words)
    assert not ended.value.code
    said = capsys.readouterr().out
    assert re.findall(r"(?m)^usage: nox -s (\w+)", said) == ["matrix", "demo"]


def test_help_is_printed_for_all_sessions_where_none_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        usage.answer_help(SESSIONS, ["-t", "quick", "--", "--help"])
    assert re.findall(r"(?m)^example:", capsys.readouterr().out) == ["example:"] * len(USAGE)


@pytest.mark.parametrize("words", [["-s", "demo"], ["--help"], ["-s", "tests", "--", "-k", "help"]])
def test_a_command_line_that_asks_nothing_of_a_session_is_left_to_nox(words: list[str]) -> None:
    usage.answer_help(SESSIONS, words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["-s", "conformance", "--", "--subject", "a b"],
            "conformance takes no arguments: leave out `-- --subject 'a b'`.",
        ),
        (["-s", "lint", "types", "--", "-x"], "lint, types take no arguments: leave out `-- -x`."),
        (["-r", "-s", "demo", "--", "a"], "demo takes no arguments: leave out `-- a`."),
    ],
)
def test_arguments_of_sessions_that_take_none_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as ended:
        usage.answer_help(SESSIONS, words)
    assert ended.value.code == message


@pytest.mark.parametrize(
    "words",
    [
        ["-s", "lint", "tests", "--", "-x"],
        ["-s", "census", "--", "--check"],
        ["-s", "lint", "--"],
        ["-t", "quick", "--", "-x"],
    ],
)
def test_arguments_are_left_to_nox_if_one_session_takes_some_or_none_is_named(
    words: list[str],
) -> None:
    usage.answer_help(SESSIONS, words)
