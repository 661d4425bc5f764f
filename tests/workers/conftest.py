"""The programs of examples/workers, each in processes of its own against a store that redirects."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore_redirect.testing import RedirectingStore

FOLDER = Path(__file__).parents[2] / "examples" / "workers"
#: What makes workers follow, and what the programs are without it.
LINES = {"install(children=True)": "install()", "import botocore_redirect.auto": "import boto3"}
LIMIT = 120


class Example:
    """A program of the folder, in a folder of its own, which may lack its line."""

    def __init__(self, folder: Path, store: RedirectingStore) -> None:
        self.folder = folder
        self.store = store
        store.inspector.create_bucket("data")
        self.environ = {
            **{name: value for name, value in os.environ.items() if "REDIRECT" not in name},
            "HOME": str(folder),
            "PYTHONPATH": str(folder),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": store.url,
            "AWS_MAX_ATTEMPTS": "1",
        }

    def write(self, name: str, *, has_line: bool = True) -> Path:
        """Copy a program here, without its line if so asked."""
        source = (FOLDER / name).read_text("utf-8")
        (line,) = (line for line in LINES if line in source)
        copy = self.folder / name
        copy.write_text(source if has_line else source.replace(line, LINES[line]), "utf-8")
        return copy

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command line of this interpreter to its end."""
        return subprocess.run(
            [sys.executable, *command],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    def start(
        self, *command: str | Path, pass_fds: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a server in the background."""
        with (self.folder / "server.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                env=self.environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
            )

    def stored(self) -> dict[str, int]:
        """Return which process stored which object."""
        contents = self.store.inspector.snapshot()["data"]
        return {key: int(body) for key, body in contents.items()}


@pytest.fixture
def example(tmp_path: Path, redirecting_s3: RedirectingStore) -> Example:
    return Example(tmp_path, redirecting_s3)


@pytest.fixture
def stop(request: pytest.FixtureRequest) -> Callable[[subprocess.Popen[bytes]], None]:
    """End a server with the test."""

    def end(server: subprocess.Popen[bytes]) -> None:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    return lambda server: request.addfinalizer(lambda: end(server))
