"""The public names, and what importing the package does and does not do."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

import botocore_redirect


@pytest.mark.parametrize("name", botocore_redirect.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    assert getattr(botocore_redirect, name).__doc__


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'instal'"):
        botocore_redirect.instal  # noqa: B018  # looking it up is the test


def test_dir_lists_only_the_public_names() -> None:
    assert dir(botocore_redirect) == sorted(botocore_redirect.__all__)


def test_only_the_import_of_auto_patches_and_none_prints() -> None:
    script = """
import pkgutil, botocore_redirect
for module in pkgutil.walk_packages(botocore_redirect.__path__, "botocore_redirect."):
    if module.name != "botocore_redirect.auto":
        __import__(module.name)
raise SystemExit(botocore_redirect.is_installed())
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("import botocore_redirect", "botocore"),
        ("import botocore_redirect.testing", "botocore"),
        ("import botocore_redirect.testing", "botocore_redirect.hooks.endpoint"),
        ("from botocore_redirect import RedirectPolicy", "botocore"),
        ("import botocore_redirect.auto", "boto3"),
        ("import botocore_redirect.auto", "botocore_redirect.testing"),
    ],
)
def test_importing_loads_no_more_than_is_needed(statement: str, loaded: str) -> None:
    script = f"import sys; {statement}; sys.exit({loaded!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_install_stays_a_function_whatever_was_imported() -> None:
    script = "import botocore_redirect.auto, botocore_redirect as b; b.install(); b.uninstall()"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_botocore_is_the_only_dependency() -> None:
    needed = [
        line for line in metadata.requires("botocore-redirect") or [] if "extra ==" not in line
    ]
    assert [line[:8] for line in needed] == ["botocore"]
