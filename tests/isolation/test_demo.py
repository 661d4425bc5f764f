"""`python -m botocore_redirect` and its demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import botocore_redirect
from botocore_redirect import RedirectPolicy, __main__
from botocore_redirect.commands import demo
from botocore_redirect.commands.sequence import Exchange

UNWANTED = ("AWS_", "BOTOCORE_REDIRECT")
INSTALL = "pip install boto3 'moto[s3,server]'"
Captured = pytest.CaptureFixture[str]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_stock_boto3_fails_and_the_patched_client_works() -> None:
    done = run("-m", "botocore_redirect", "demo")

    stock, patched = done.stdout.split("\n2. ")
    assert re.search(r"put_object +failed: \w+Error, \d+ requests\n", stock)
    assert re.search(r"in the store +0 objects", stock)
    for name, request, body in (
        ("put_object", "PUT /demo/hello.bin", 1048576),
        ("get_object", "GET /demo/hello.bin", 0),
        ("list_objects_v2", "GET /demo", 0),
    ):
        drawn = (
            rf"{name} +200\n"
            r" +client +gateway +target\n"
            rf" +\|--- {request}, 0 bytes -*>\| +\|\n"
            r" +\|<-- 307 Temporary Redirect -+\| +\|\n"
            rf" +\|--- {request}, {body} bytes -+>\|\n"
            r" +\|<-- 200 OK -+\|\n"
        )
        assert re.search(drawn, patched), (name, patched)
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "demo/hello.bin, 1048576 bytes, equal to what was sent" in patched
    assert (done.returncode, done.stderr) == (0, "")


def last_line(capsys: Captured) -> str:
    """Run the demo in this process and return what it says at the end: it has to fail."""
    assert __main__.main(["demo"]) == 1
    return capsys.readouterr().out.splitlines()[-1]


def test_a_demo_in_which_the_patch_fails_names_the_problems(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    install = botocore_redirect.install
    policy = RedirectPolicy(max_hops=0)
    monkeypatch.setattr(botocore_redirect, "install", lambda: install(policy))

    problems = last_line(capsys)
    assert problems.startswith("Problems: put_object failed with TooManyRedirects: ")
    assert "the stored object differs from what was sent" in problems
    assert "list_objects_v2 does not list the one object" in problems


def test_a_demo_in_which_stock_works_or_the_object_differs_names_the_problems(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    installed = iter([False])
    monkeypatch.setattr(botocore_redirect, "is_installed", lambda: next(installed, True))
    monkeypatch.setattr(demo, "_get", lambda client: dict(demo._list(client), Body=b"else"))

    with botocore_redirect.install():
        problems = last_line(capsys)
    for words in (
        "stock boto3 did not fail",
        "stock boto3 stored ['hello.bin']",
        "get_object returned something else",
    ):
        assert words in problems


TO_GATEWAY = Exchange("gateway", "PUT", "/demo/key", 0, 307)
TO_TARGET = Exchange("target", "PUT", "/demo/key", 7, 200)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (
            {"exchanges": (TO_GATEWAY, TO_GATEWAY, TO_TARGET)},
            "took 1 hops, 2 requests to the gateway and 1 to the target",
        ),
        ({"result": {}}, "took 0 hops"),
        (
            {"exchanges": (TO_GATEWAY._replace(body_bytes=7), TO_TARGET)},
            "put sent 7 bytes of its body to the gateway",
        ),
    ],
)
def test_a_call_with_more_than_two_requests_or_one_body_is_a_problem(
    seen: dict[str, Any], words: str
) -> None:
    metadata: dict[str, Any] = {"ResponseMetadata": {"Redirects": [{}]}}
    call = demo._Call("put", metadata, (TO_GATEWAY, TO_TARGET))
    assert call.problem() is None
    assert words in str(replace(call, **seen).problem())


def refusal(capsys: Captured) -> str:
    """Run the demo in this process and return its one line on stderr: it cannot run."""
    assert __main__.main(["demo"]) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    return output.err


@pytest.mark.parametrize("module", ["boto3", "moto.server"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    line = refusal(capsys)
    assert f"import of {module} halted" in line
    assert line.count(INSTALL) == 1


@pytest.mark.parametrize(("value", "words"), [("off", "BOTOCORE_REDIRECT=off"), ("x", "'x'")])
def test_an_environment_that_keeps_the_patch_from_installing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, value: str, words: str
) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT", value)

    assert words in refusal(capsys)


def test_the_demo_does_not_run_in_a_patched_process(capsys: Captured) -> None:
    with botocore_redirect.install():
        assert "installed in this process already" in refusal(capsys)


@pytest.mark.parametrize("arguments", [[], ["unheard-of"]])
def test_without_a_known_subcommand_the_usage_is_printed(
    capsys: Captured, arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(
        "usage: python -m botocore_redirect [-h] [--version] COMMAND ..."
    )


@pytest.mark.parametrize("command", [[], ["demo"], ["check"], ["probe"], ["run"], ["env"]])
def test_the_help_says_what_a_command_does_and_names_the_program_that_was_run(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, command: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/botocore-redirect"])
    with pytest.raises(SystemExit) as ended:
        __main__.main([*command, "--help"])

    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(" ".join(["usage: botocore-redirect", *command, "[-h]"]))
    assert ("exit status:" if command else "examples:") in text


def test_the_program_is_installed() -> None:
    program = Path(sys.executable).with_name("botocore-redirect")
    done = subprocess.run(
        [program, "check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("botocore ")
    assert done.stderr == ""


def test_importing_the_entry_point_loads_neither_botocore_nor_the_demo() -> None:
    heavy = "{'botocore', 'boto3', 'moto', 'botocore_redirect.commands.demo'}"
    done = run("-c", f"import sys, botocore_redirect.__main__; print({heavy} & set(sys.modules))")

    assert (done.stdout, done.stderr) == ("set()\n", "")
