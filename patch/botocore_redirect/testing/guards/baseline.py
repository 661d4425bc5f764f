"""The baseline: the fingerprints of botocore in a fresh interpreter, where nobody patched it."""

from __future__ import annotations

import functools
import importlib.util
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from botocore_redirect.testing.guards import fingerprint


@dataclass(frozen=True)
class Baseline:
    """The fingerprints of botocore and its family as they are installed."""

    #: Module -> path in it, such as `Endpoint.close` -> fingerprint; plain data has none.
    places: dict[str, dict[str, str]]
    #: The events and names of BUILTIN_HANDLERS.
    handlers: frozenset[tuple[str, str]]


# Where another process of the same run has left the baseline, if it has.
_file: list[Path] = []


@functools.cache
def baseline() -> Baseline:
    """Return the baseline: the one that was handed over, or one that is made now."""
    text = _file[0].read_text("utf-8") if _file else _print_fingerprints()
    found = json.loads(text)
    return Baseline(found["places"], frozenset(map(tuple, found["handlers"])))


def write(file: Path) -> None:
    """Make the baseline once, for all processes of a run."""
    file.write_text(_print_fingerprints(), "utf-8")


def use(file: Path) -> None:
    """Take the baseline that `write` left, as soon as it is needed."""
    _file[:] = [file]


def _print_fingerprints() -> str:
    # No `site` (-S): neither sitecustomize nor a .pth file can patch anything there.
    options = ["-I", "-S", "-W", "ignore", *["-O"] * sys.flags.optimize]
    if sys.dont_write_bytecode:
        options.append("-B")
    if sys.pycache_prefix:
        options += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, *options, fingerprint.__file__],
        input=json.dumps([*sys.path, *_outside_sys_path()]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        last = [f"exit status {done.returncode}", *done.stderr.strip().splitlines()][-1]
        raise RuntimeError(
            f"The guards compare botocore with that of a fresh {sys.executable}, and it cannot"
            f" tell: {last}"
        )
    return done.stdout


def _outside_sys_path() -> list[str]:
    """Name the folders of packages that a finder of somebody's finds, as of an editable install."""
    folders = []
    for package in fingerprint.FAMILY:
        with suppress(ImportError, ValueError):
            origin = getattr(importlib.util.find_spec(package), "origin", None)
            folders += [str(Path(origin).parents[1])] if origin else []
    return [folder for folder in dict.fromkeys(folders) if folder not in sys.path]
