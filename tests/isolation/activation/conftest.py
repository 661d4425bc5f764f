"""Interpreters and programs to activate, in environments of their own and without a home."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect

if TYPE_CHECKING:
    from botocore_redirect.testing import RedirectingStore

#: What boto3 needs, by the names that it imports.
CLIENT = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


def make_environment(folder: Path, *packages: str) -> Path:
    """Make a virtual environment with these packages alone; return its interpreter."""
    venv.create(folder, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    for name in packages:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        installed = origin.parent if origin.name == "__init__.py" else origin
        (site_packages / installed.name).symlink_to(installed)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with a copy of the installed package, and nothing else."""
    folder = tmp_path_factory.mktemp("ours")
    python = make_environment(folder)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    assert botocore_redirect.__file__ is not None
    package = Path(botocore_redirect.__file__).parent
    left_out = shutil.ignore_patterns("__pycache__", "testing")
    shutil.copytree(package, site_packages / package.name, ignore=left_out)
    return python


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has boto3, and has never heard of the package."""
    return make_environment(tmp_path_factory.mktemp("theirs"), *CLIENT)


@pytest.fixture
def environ(tmp_path: Path, redirecting_s3: RedirectingStore) -> dict[str, str]:
    """The environment of a program: a store that redirects every request, and an empty home."""
    redirecting_s3.inspector.create_bucket("data")
    kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    (tmp_path / "home").mkdir()
    return {
        **kept,
        "HOME": str(tmp_path / "home"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": redirecting_s3.url,
        "AWS_MAX_ATTEMPTS": "1",
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Any:
    """Run a command line to its end."""

    def start(*command: Any, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, command)],
            env={**environ, **more},
            cwd=environ["HOME"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return start


@pytest.fixture
def activated(run: Any) -> Any:
    """Run a command line by `python -m botocore_redirect run`, of this interpreter."""

    def start(*command: Any, **more: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = run(
            *(sys.executable, "-m", "botocore_redirect", "run", "--"), *command, **more
        )
        return done

    return start
