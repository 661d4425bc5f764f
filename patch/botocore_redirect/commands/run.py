"""`run` and `env`: programs that cannot be edited, and all Python processes that they start."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from botocore_redirect.children import ACTIVATION, PYTHONPATH, add_activation
from botocore_redirect.commands import python_options
from botocore_redirect.environment import KILL_SWITCH, VARIABLES, read_switch
from botocore_redirect.policy import RedirectPolicy

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

_WRONG_USAGE, _NOT_EXECUTABLE, _NOT_FOUND = 2, 126, 127
# Elsewhere, exec ends this process before the program has ended.
_CAN_EXEC = os.name == "posix"
_SCRIPTS = frozenset({".py", ".pyw", ".pyz"})


class CannotRun(Exception):
    """The program cannot be run: what to tell the user, and the exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, status)
        self.message = message
        self.status = status


def run_program(options: argparse.Namespace) -> NoReturn:
    """Run a program in place of this process; raise `CannotRun` if that cannot be done."""
    variables = _variables(options, os.environ)
    command = find_program(options.program, os.environ)
    activated = {PYTHONPATH: add_activation(os.environ.get(PYTHONPATH))}
    _execute(command, {**os.environ, **variables, **activated})


def describe_variables(options: argparse.Namespace) -> str:
    """Return the variables to set, in the form that is asked for."""
    variables = {PYTHONPATH: ACTIVATION, **_variables(options, os.environ)}
    if options.json:
        return json.dumps(variables)
    if options.env_file:
        return "\n".join(f"{name}={value}" for name, value in variables.items())
    quoted = {name: shlex.quote(value) for name, value in variables.items()}
    # What the shell has already stays behind it.
    quoted[PYTHONPATH] += f'"${{{PYTHONPATH}:+{os.pathsep}${PYTHONPATH}}}"'
    return "\n".join(f"export {name}={value}" for name, value in quoted.items())


def _variables(options: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the policy that the environment and the options describe."""
    given = {
        "trust": options.trust and ",".join(options.trust),
        "max_hops": options.max_hops,
        "rewrites": options.rewrites,
    }
    asked = {VARIABLES[field].name: value for field, value in given.items() if value is not None}
    try:
        read_switch(environ, KILL_SWITCH, default=True)
        return RedirectPolicy.from_env({**environ, **asked}).to_env()
    except ValueError as problem:
        raise CannotRun(f"{problem}", _WRONG_USAGE) from None


def find_program(words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return the path of a program and its arguments; raise `CannotRun` if it cannot be run."""
    given = [*words]
    if given[:1] == ["--"]:
        del given[0]
    if not given:
        raise CannotRun("name a program: run -- PROGRAM [ARGUMENT ...]", _WRONG_USAGE)
    program, *arguments = given
    if program.startswith("-"):
        return _checked([sys.executable, program, *arguments])
    is_script = Path(program).suffix in _SCRIPTS and Path(program).is_file()
    if is_script and not os.access(program, os.X_OK):
        return [sys.executable, program, *arguments]
    # A script need not be on the PATH, as for `python FILE`.
    asked = str(Path(program).absolute()) if is_script else program
    found = shutil.which(asked, path=environ.get("PATH"))
    if found is None:
        _refuse(program, environ)
    return _checked([found, *arguments])


def _refuse(program: str, environ: Mapping[str, str]) -> NoReturn:
    found = shutil.which(program, os.F_OK, environ.get("PATH"))
    if found:
        advice = f"make it executable, or name its interpreter: run -- python {found}"
        raise CannotRun(f"{found} is not executable: {advice}", _NOT_EXECUTABLE)
    if os.sep in program and Path(program).is_dir():
        raise CannotRun(f"{program} is a folder, not a program", _NOT_EXECUTABLE)
    where = "" if os.sep in program else " on the PATH"
    raise CannotRun(f"there is no program {program}{where}", _NOT_FOUND)


def _checked(command: list[str]) -> list[str]:
    """Refuse a command whose Python would ignore the environment."""
    program, *arguments = command
    if python_options.is_python(program):
        option = python_options.find_isolating_option(arguments)
        advice = f"run it without {option}"
    else:
        python, *options = python_options.read_shebang(Path(program)) or [""]
        starts_python = python_options.is_python(python)
        option = python_options.find_isolating_option(options) if starts_python else None
        advice = f"name its Python: run -- {python} {shlex.join(command)}"
    if option:
        raise CannotRun(
            f"{program} starts Python with {option}, which makes it ignore PYTHONPATH, which `run`"
            f" needs: {advice}, or add `import botocore_redirect.auto` to the program",
            _WRONG_USAGE,
        )
    return command


def _execute(command: list[str], environ: dict[str, str]) -> NoReturn:
    program = command[0]
    try:
        if not _CAN_EXEC:
            sys.exit(subprocess.call(command, env=environ))  # noqa: S603  # it is the user's
        os.execve(program, command, environ)  # noqa: S606  # as above
    except OSError as problem:
        if problem.errno == errno.ENOENT:
            reason = "the interpreter that its first line names does not exist"
        elif problem.errno == errno.ENOEXEC:
            reason = "it is neither a binary nor begins with #! and its interpreter"
        else:
            reason = str(problem.strerror)
        raise CannotRun(f"{program} cannot be run: {reason}", _NOT_EXECUTABLE) from None
