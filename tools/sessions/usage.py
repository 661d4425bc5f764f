"""What each session takes after `--`: the answer to `nox -s SESSION -- --help`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

_PYTEST = "[FILE ...] [OPTIONS OF PYTEST]"


@dataclass(frozen=True)
class Usage:
    """What a session takes, in words or by the parser that reads it, with an example."""

    takes: str
    example: str
    #: `module:function`; the function returns the argparse parser of the session.
    parser: str = ""


USAGE = {
    "lint": Usage("", "nox -s lint"),
    "types": Usage("", "nox -s types"),
    "tests": Usage(_PYTEST, "nox -s tests -- tests/unit -k loop"),
    "shuffle": Usage(
        "",
        "nox -s shuffle -- tests/unit --rounds 3 --seed 1",
        "tools.sessions.shuffle:make_parser",
    ),
    "coverage": Usage("", "nox -s coverage"),
    "matrix": Usage(
        "[--fresh] [--with PACKAGE] [--subject MODULE[:CALLABLE]] [OPTIONS OF PYTEST]",
        'nox -s "matrix(botocore-1.36.26-py3.9)" -- -k get_object',
    ),
    "conformance": Usage("", "nox -s conformance"),
    "wire": Usage(_PYTEST, "BOTOCORE_VERSION=1.38.0 nox -s wire -- tests/wire -k loop"),
    "upstream": Usage(
        "",
        'nox -s "upstream(botocore-1.44.5-py3.11)" -- --only tests/unit -k redirect',
        "tools.upstream.arguments:make_parser",
    ),
    "inert": Usage(
        "[--services NAMES] [--sample N] [--subject MODULE[:CALLABLE]] [--follows NAMES]"
        " [--jobs N] [--json FILE] [--with PACKAGE]",
        "nox -s inert -- --services ec2,iam --sample 10",
    ),
    "guards": Usage(_PYTEST, "nox -s guards -- tests/guards -k vcrpy"),
    "programs": Usage(_PYTEST, "nox -s programs -- tests/programs/test_s3fs.py"),
    "cli": Usage(_PYTEST, 'nox -s "cli(awscli)" -- tests/cli --aws=/usr/bin/aws'),
    "crt": Usage(_PYTEST, "nox -s crt -- tests/crt -k follow"),
    "workers": Usage(
        "[--with pyspark] [--with torch] [FILE ...] [OPTIONS OF PYTEST]",
        "nox -s workers -- --with pyspark tests/workers -k spark",
    ),
    "census": Usage("", "nox -s census -- --check", "tools.releases.census:make_parser"),
    "suffixes": Usage("", "nox -s suffixes -- --check", "tools.sessions.suffixes:make_parser"),
    "sweep": Usage("", "nox -s sweep -- --shard 1/8", "tools.sweep.arguments:make_parser"),
    "bisect": Usage(
        "",
        "nox -s bisect -- --good 1.35.30 --bad 1.35.45 -k select_object_content",
        "tools.bisect.arguments:make_parser",
    ),
    "report": Usage("", "nox -s report -- --check", "tools.sessions.report:make_parser"),
    "demo": Usage("", "nox -s demo"),
    "examples": Usage("[OPTIONS OF PYTEST]", "nox -s examples -- -x"),
    "bench": Usage("[--quick] [--json FILE]", "nox -s bench -- --quick"),
    "pins": Usage(
        "", "nox -s pins -- --upgrade-package urllib3", "tools.sessions.pins:make_parser"
    ),
}


def answer_help(sessions: Mapping[str, Callable[..., Any]], words: Sequence[str]) -> None:
    """Print the help of the sessions that a command line of nox names, if it asks for it, and exit.

    Also exit if it has arguments, and none of the sessions that it names takes any. Call it while
    nox reads noxfile.py: later, nox would first create environments and run what a session
    requires.
    """
    split = words.index("--") if "--" in words else len(words)
    names, arguments = _named(words[:split]), words[split + 1 :]
    if not {"-h", "--help"} & {*arguments}:
        if names and arguments:
            _check_arguments(names, arguments)
        return
    for name in names or USAGE:
        summary = (sessions[name].__doc__ or "").strip()
        print(f"{name}: {summary}\n\n{describe(name)}\n")
    sys.exit()


def describe(name: str) -> str:
    """Say what a session takes, and give an example."""
    usage = USAGE[name]
    if usage.parser:
        takes = load_parser(name).format_help().rstrip()
    else:
        takes = f"usage: nox -s {name}{f' -- {usage.takes}' if usage.takes else ''}"
    return f"{takes}\n\nexample: {usage.example}"


def load_parser(name: str) -> argparse.ArgumentParser:
    """Return the parser of a session that has one."""
    module, _, function = USAGE[name].parser.partition(":")
    parser: argparse.ArgumentParser = getattr(import_module(module), function)()
    return parser


def positive_int(text: str) -> int:
    """Read a number of 1 or more, as the `type` of an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _check_arguments(names: Sequence[str], arguments: Sequence[str]) -> None:
    """Exit with a message if none of the sessions takes arguments; nox gives them to all."""
    if any(USAGE[name].takes or USAGE[name].parser for name in names):
        return
    verb = "takes" if len(names) == 1 else "take"
    sys.exit(f"{', '.join(names)} {verb} no arguments: leave out `-- {shlex.join(arguments)}`.")


def _named(options: Sequence[str]) -> list[str]:
    """Return the known sessions that follow -s in the options of nox."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-s", "-e", "--session", "--sessions", nargs="*", default=[], dest="names")
    names = [word.partition("(")[0] for word in parser.parse_known_args(options)[0].names]
    return [name for name in dict.fromkeys(names) if name in USAGE]
