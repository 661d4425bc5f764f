"""What else of this environment matters: who patches what, and what goes past botocore."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import inspect
import os
import re
import site
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import FunctionType
from typing import Any

import botocore
from botocore.endpoint import Endpoint

from botocore_redirect import lifecycle
from botocore_redirect.aio import compatibility as aio_compatibility
from botocore_redirect.aio import loading
from botocore_redirect.commands.records import Records
from botocore_redirect.commands.source_digests import RELIED_ON
from botocore_redirect.environment import KILL_SWITCH, read_switch
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.state import CLIENT_PATCH

_AUTO = "botocore_redirect.auto"
_DEFERRED = "botocore_redirect.deferred"
_IMPORTS = re.compile(r"\b(import|from)\b.*\bbotocore_redirect\b")


@dataclass(frozen=True)
class Surroundings:
    """One sentence, or part of one, for each."""

    #: Whether the patch is installed in this process, and by whom.
    installed: str
    #: The policy in force, or the one that `auto` would install.
    policy: str
    #: Functions that the patch relies on and that somebody else has replaced.
    other_patches: list[str]
    aiobotocore: str
    crt: str
    #: The AWS CLI of this environment, if it is there: its botocore may be another.
    aws_cli: str


def look(known: Records) -> Surroundings:
    """Look at this process and at what is installed beside botocore."""
    return Surroundings(
        installed=describe_installation(),
        policy=describe_policy(),
        other_patches=[*find_other_patches()],
        aiobotocore=describe_aiobotocore(known),
        crt=describe_crt(),
        aws_cli=describe_aws_cli(),
    )


def describe_installation() -> str:
    """Say whether the patch is installed in this process, and by whom."""
    if lifecycle.is_installed():
        said = f"yes, by {_find_installer()}"
    elif _is_switched_off():
        said = f"no: {KILL_SWITCH} in the environment switches it off"
    else:
        said = f"not in this process; import {_AUTO} or call install() in yours"
    files = [*_find_startup_files()]
    said += f"; each Python here runs {', '.join(files)}" if files else ""
    endpoints = [each for each in gc.get_objects() if issubclass(type(each), Endpoint)]
    following = sum(CLIENT_PATCH in vars(endpoint) for endpoint in endpoints)
    return said + (f"; clients of follow(): {following}" if following else "")


def describe_policy() -> str:
    """Return the policy in force, or the one that `auto` would install."""
    policy = lifecycle.get_policy()
    if policy is not None:
        return repr(policy)
    try:
        return f"{RedirectPolicy.from_env()!r}, if {_AUTO} is imported"
    except ValueError as problem:
        return f"none: {_AUTO} would fail, as {problem}"


def find_other_patches() -> Iterator[str]:
    """Name the functions relied upon that are neither botocore's own nor ours, in this process."""
    ours = (Path(botocore.__file__).parent, Path(__file__).parents[1])
    for name in RELIED_ON:
        function = _find(name)
        if function is None or inspect.isclass(function):
            continue
        if not isinstance(function, FunctionType):
            yield f"{name} (a {type(function).__module__} object)"
        elif not any(each in Path(function.__code__.co_filename).parents for each in ours):
            yield f"{name} (by {function.__code__.co_filename})"


def describe_aiobotocore(known: Records) -> str:
    """Say whether aiobotocore is there, and whether its clients are covered."""
    if importlib.util.find_spec("aiobotocore") is None:
        return "not installed"
    try:
        importlib.import_module(loading.MODULE)
        aio_compatibility.check()
    except UnsupportedBotocore as problem:
        return f"not covered: {problem}"
    except Exception as problem:  # noqa: BLE001 - whatever its import ends in
        return f"installed, but cannot be imported: {problem!r}"
    version = _version("aiobotocore")
    rows = [r for r in known.proof.get("aiobotocore", ()) if r["aiobotocore"] == version]
    if not rows:
        return f"{version}, covered, but this release of it was not run"
    outcome = "passed" if all(row["passed"] for row in rows) else "failed"
    return f"{version}, covered; the contract {outcome} on it"


def describe_crt() -> str:
    """Say whether transfers may go past botocore."""
    if importlib.util.find_spec("awscrt") is None:
        return "awscrt is not installed, so all transfers of boto3 go through botocore"
    return (
        f"awscrt {_version('awscrt')} is installed. It bypasses botocore and follows no redirect;"
        " while the patch is installed, boto3 uses it for AWS's own S3 alone"
    )


def describe_aws_cli() -> str:
    """Say which botocore the AWS CLI of this environment uses; nothing if there is none."""
    spec = importlib.util.find_spec("awscli")
    if spec is None:
        return ""
    version = _version("awscli")
    copies = [Path(folder, "botocore") for folder in spec.submodule_search_locations or ()]
    if not any(copy.is_dir() for copy in copies):
        return f"{version}, with the botocore of this environment"
    return f"{version}, with a botocore of its own, which is not the one that is judged here"


def _find_installer() -> str:
    if _DEFERRED in sys.modules:
        return "the variables of `botocore-redirect run` or `env`"
    return _AUTO if _AUTO in sys.modules else "install()"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a copy inside another package
        return "of an unknown version"


def _is_switched_off() -> bool:
    try:
        return not read_switch(os.environ, KILL_SWITCH, default=True)
    except ValueError:
        return False


def _find_startup_files() -> Iterator[str]:
    """Name the files that every Python of this environment runs first, and that name the patch."""
    modules = [sys.modules.get(name) for name in ("sitecustomize", "usercustomize")]
    files = [Path(module.__file__) for module in modules if module and module.__file__]
    for folder in (*site.getsitepackages(), site.getusersitepackages()):
        files += sorted(Path(folder).glob("*.pth"))
    for file in files:
        with suppress(OSError):  # it is in an archive, or not for everybody
            if _IMPORTS.search(file.read_text("utf-8", errors="replace")):
                yield str(file)


def _find(name: str) -> Any:
    """Return a function or class of botocore that this process has; None if there is none."""
    for depth in range(name.count("."), 0, -1):
        parts = name.split(".")
        module = sys.modules.get(".".join(["botocore", *parts[:depth]]))
        if module is not None:
            found: Any = module
            for part in parts[depth:]:
                found = inspect.getattr_static(found, part, None)
            return found
    return None
