"""The AWS CLI as its users have it: a HOME with nothing but its configuration, and the wheel.

The store redirects every request to one of two targets, which verify signatures as strictly as AWS
does.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocore_redirect.testing import Fault
from wire.signatures import sigv4

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore_redirect.testing import Received, RedirectingStore

KEY = "testing"
PLUGIN = "redirect = botocore_redirect.awscli"
_LIMIT = 120
_OF_THIS_ENVIRONMENT = Path(sys.executable).with_name("aws")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--aws",
        default=str(_OF_THIS_ENVIRONMENT),
        help="the AWS CLI to run, also one of version 2",
    )


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True)
class AwsCli:
    """Runs the AWS CLI in a folder that is its HOME, too."""

    program: str
    home: Path
    endpoint: str
    #: What a user of this version writes below `[plugins]`.
    plugins: str

    def run(self, *words: str, plugins: str | None = None, **environment: str) -> Finished:
        """Run a command, with the plugin unless others are named."""
        self._configure(self.plugins if plugins is None else plugins)
        done = subprocess.run(
            [self.program, "--endpoint-url", self.endpoint, *words],
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "PATH": os.environ["PATH"],
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": KEY,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def _configure(self, plugins: str) -> None:
        folder = self.home / ".aws"
        folder.mkdir(exist_ok=True)
        lines = ["[default]", "region = us-east-1", "cli_pager =", "[plugins]", plugins, ""]
        (folder / "config").write_text("\n".join(lines), "utf-8")


@pytest.fixture
def store(make_redirecting_s3: Callable[..., RedirectingStore]) -> RedirectingStore:
    store = make_redirecting_s3(targets=2)
    for target in store.targets:
        target.rule = _refuse_wrong_signature
    return store


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> str:
    """The AWS CLI, which has to be there."""
    found: str = pytestconfig.getoption("--aws")
    assert Path(found).is_file(), f"{found} is not there: run `nox -s cli`, or give --aws=PROGRAM"
    return found


@pytest.fixture(scope="session")
def plugins(program: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The lines that load the plugin; version 2 imports it from a folder of its own."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = re.match(r"aws-cli/(\d+)\.", said.stdout)
    assert version, said.stdout
    if version[1] == "1":
        return PLUGIN
    folder = tmp_path_factory.mktemp("plugins")
    spec = importlib.util.find_spec("botocore_redirect")
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(Path(spec.origin).parent, folder / "botocore_redirect")
    return f"cli_legacy_plugin_path = {folder}\n{PLUGIN}"


@pytest.fixture
def aws(program: str, plugins: str, store: RedirectingStore, tmp_path: Path) -> AwsCli:
    return AwsCli(program, tmp_path, store.url, plugins)


def mismatches(store: RedirectingStore) -> list[str]:
    """Return the requests that a target got with a wrong signature, bodies included."""
    sent = [received for target in store.targets for received in target.received]
    return [each.target for each in sent if _mismatch(each, body_was_read=True)]


def _mismatch(received: Received, *, body_was_read: bool) -> str | None:
    return sigv4.mismatch(received, KEY, KEY, body_was_read=body_was_read)


def _refuse_wrong_signature(received: Received) -> Fault | None:
    # This is asked before the body is read.
    wrong = _mismatch(received, body_was_read=False)
    return Fault(403, "SignatureDoesNotMatch", "The signature is wrong.") if wrong else None
