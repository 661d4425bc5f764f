"""Command lines and scripts whose Python ignores the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from botocore_redirect.commands import python_options


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("", None),
        ("script.py -I", None),
        ("-c pass -I", None),
        ("-m module -E", None),
        ("-mmodule -E", None),
        ("-cI", None),
        ("- -I", None),
        ("-- -I", None),
        ("-W ignore -S x.py", "-S"),
        ("-WI x.py -I", None),
        ("-X I x.py", None),
        ("-W", None),
        ("-I", "-I"),
        ("-sE x.py", "-E"),
        ("-OOBIm module", "-I"),
        ("--check-hash-based-pycs always -I x.py", "-I"),
        ("--check-hash-based-pycs", None),
        ("--version -E", "-E"),
        ("-sPBu x.py", None),
    ],
)
def test_an_option_that_isolates_python_is_found(line: str, option: str | None) -> None:
    assert python_options.find_isolating_option(line.split()) == option


@pytest.mark.parametrize(
    ("program", "is_python"),
    [
        *((name, True) for name in ("python", "/usr/bin/python3.11", "python3.13t", "pypy3")),
        *((name, True) for name in ("pythonw.exe", "PYTHON.EXE")),
        *((name, False) for name in ("pythonic", "aws", "/python/bin/aws", "python-config")),
    ],
)
def test_an_interpreter_is_known_by_its_name(program: str, is_python: bool) -> None:
    assert python_options.is_python(program) is is_python


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"#!/usr/bin/python3 -Es\nimport x\n", ["/usr/bin/python3", "-Es"]),
        (b"#! /usr/bin/env python3\n", ["python3"]),
        (b"#!/usr/bin/env -S python3 -I\n", ["python3", "-I"]),
        (b"#!/usr/bin/env\n", []),
        (b"#!/it's/python -I\n", ["/it's/python", "-I"]),
        (b"#!\n", []),
        (b"\x7fELF#!/usr/bin/python3", []),
        (b"", []),
    ],
)
def test_the_first_line_of_a_script_is_read(
    content: bytes, words: list[str], tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_bytes(content)
    assert python_options.read_shebang(script) == words


def test_a_file_that_cannot_be_read_has_no_first_line(tmp_path: Path) -> None:
    assert python_options.read_shebang(tmp_path / "nothing") == []
