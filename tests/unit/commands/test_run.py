"""`run` and `env`, without running anything."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect import __main__
from botocore_redirect.children import ACTIVATION
from botocore_redirect.commands.run import CannotRun, find_program

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is on the PATH as well, below `bin`."""
    (tmp_path / "bin").mkdir()
    for name in [*os.environ]:
        if name.startswith("BOTOCORE_REDIRECT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYTHONPATH", "/mine")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have taken the place of this process."""
    calls: list[Any] = []

    def execve(*call: Any) -> None:
        calls.append(call)
        raise OSError(errno.EPERM, "enough")

    monkeypatch.setattr(os, "execve", execve)
    return calls


def write(path: Path, content: str = "", mode: int = 0o755) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def find(*words: str) -> list[str]:
    return find_program(words, os.environ)


def test_a_program_is_looked_for_on_the_path(folder: Path) -> None:
    tool = write(folder / "bin" / "tool", "#!/bin/sh -E\n")
    assert find("--", "tool", "--", "-x") == [str(tool), "--", "-x"]
    assert find("tool") == [str(tool)]
    assert find("bin/tool") == ["bin/tool"]


def test_options_are_those_of_this_python() -> None:
    assert find("--", "-m", "module", "-I") == [sys.executable, "-m", "module", "-I"]


def test_a_script_is_run_by_this_python_unless_it_says_itself(folder: Path) -> None:
    for name in ("plain.py", "plain.pyz"):
        write(folder / name, "#!/usr/bin/python3 -I\n", mode=0o644)
        assert find(name, "-I") == [sys.executable, name, "-I"]
    tool = write(folder / "tool.py", "#!/usr/bin/python3\n")
    assert find("tool.py") == [str(tool)]
    assert find("./tool.py") == [str(tool)]


@pytest.mark.parametrize(
    ("words", "message", "status"),
    [
        ([], "name a program", 2),
        (["--"], "name a program", 2),
        ([""], "there is no program", 127),
        (["nothing"], "there is no program nothing on the PATH", 127),
        (["./nothing"], "there is no program ./nothing", 127),
        (["missing.py"], "there is no program missing.py on the PATH", 127),
        (["./bin"], "./bin is a folder, not a program", 126),
        (["./text"], "./text is not executable: make it executable, or .* python ./text", 126),
        (["data"], "/bin/data is not executable", 126),
        (["-I", "x.py"], "starts Python with -I, .* run it without -I, or add `import", 2),
        (["python3", "-sE", "x"], "/bin/python3 starts Python with -E", 2),
        (
            ["isolated", "a b"],
            r"/bin/isolated starts Python with -S, .*: run -- /opt/python /\S+/isolated 'a b', or",
            2,
        ),
    ],
)
def test_what_cannot_be_run_is_told(
    words: list[str], message: str, status: int, folder: Path
) -> None:
    write(folder / "text", mode=0o644)
    write(folder / "bin" / "data", mode=0o644)
    write(folder / "bin" / "python3")
    write(folder / "bin" / "isolated", "#!/opt/python -S\n")
    with pytest.raises(CannotRun, match=message) as refused:
        find(*words)
    assert refused.value.status == status


def test_the_program_gets_the_policy_and_the_activation_folder(
    folder: Path, executed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = str(write(folder / "bin" / "tool"))
    monkeypatch.setenv("BOTOCORE_REDIRECT_MAX_HOPS", "4")
    options = ["--trust", "a.com", "--trust", "b.com,c.com", "--rewrites"]
    assert __main__.main(["run", *options, "--", "tool", "--trust", "x"]) == 126
    ((program, command, environ),) = executed
    assert (program, command) == (tool, [tool, "--trust", "x"])
    assert {name: value for name, value in environ.items() if name.startswith("BOTOCORE_")} == {
        "BOTOCORE_REDIRECT_TRUST": "a.com,b.com,c.com",
        "BOTOCORE_REDIRECT_MAX_HOPS": "4",
        "BOTOCORE_REDIRECT_REWRITES": "on",
    }
    assert environ["PYTHONPATH"] == os.pathsep.join([ACTIVATION, "/mine"])
    assert environ["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"BOTOCORE_REDIRECT_TRUST": "http://x"}, "BOTOCORE_REDIRECT_TRUST: "),
        ({"BOTOCORE_REDIRECT": "of"}, "BOTOCORE_REDIRECT='of' is neither 'on' nor 'off'"),
    ],
)
@pytest.mark.parametrize("command", [["run", "--", "tool"], ["env"]])
def test_a_malformed_policy_is_told_before_anything_is_run(
    command: list[str],
    environ: dict[str, str],
    message: str,
    folder: Path,
    executed: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    write(folder / "bin" / "tool")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert __main__.main(command) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"botocore-redirect: {message}")
    assert (said.out, executed) == ("", [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("#!/nowhere/python\n", "the interpreter that its first line names does not exist"),
        ("", "it is neither a binary nor begins with #!"),
    ],
)
def test_the_system_may_be_unable_to_run_a_program(
    content: str, message: str, folder: Path, capsys: Captured
) -> None:
    write(folder / "bin" / "tool", content)
    assert __main__.main(["run", "tool"]) == 126
    assert message in capsys.readouterr().err


def test_where_exec_ends_the_process_the_program_is_awaited(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = str(write(folder / "bin" / "tool"))
    called = []

    def call(command: list[str], *, env: dict[str, str]) -> int:
        called.append((command, env["PYTHONPATH"].split(os.pathsep)[0]))
        return 7

    monkeypatch.setattr("botocore_redirect.commands.run._CAN_EXEC", False)
    monkeypatch.setattr(subprocess, "call", call)
    with pytest.raises(SystemExit) as ended:
        __main__.main(["run", "--", "tool", "x"])
    assert (ended.value.code, called) == (7, [([tool, "x"], ACTIVATION)])


def test_a_shell_gets_what_it_has_behind_the_activation_folder(capsys: Captured) -> None:
    assert __main__.main(["env", "--trust", "*.a.com", "--max-hops", "3"]) == 0
    script = capsys.readouterr().out + 'printf "%s\\n" "$PYTHONPATH" "$BOTOCORE_REDIRECT_TRUST"'
    for before, after in (("/mine", f"{ACTIVATION}:/mine"), ("", ACTIVATION)):
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env={"PYTHONPATH": before},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines() == [after, "*.a.com"]


def test_other_forms_have_the_same_variables(capsys: Captured) -> None:
    expected = {"PYTHONPATH": ACTIVATION, "BOTOCORE_REDIRECT_REWRITES": "on"}
    assert __main__.main(["env", "--json", "--rewrites"]) == 0
    assert json.loads(capsys.readouterr().out) == expected
    assert __main__.main(["env", "--env-file", "--rewrites"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert dict(line.split("=", 1) for line in lines) == expected
