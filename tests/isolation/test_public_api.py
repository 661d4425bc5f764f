"""The public names, and what importing the package does and does not do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

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


def test_the_version_is_that_of_the_installed_distribution() -> None:
    assert botocore_redirect.__version__ == metadata.version("botocore-redirect")


def test_without_metadata_the_version_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", not_found)
    assert botocore_redirect._read_version() == "0+unknown"


def test_a_copy_without_metadata_has_a_version_that_says_so(tmp_path: Path) -> None:
    shutil.copytree(Path(botocore_redirect.__file__).parent, tmp_path / "botocore_redirect")
    with zipfile.ZipFile(tmp_path / "bare.zip", "w") as archive:
        archive.write(botocore_redirect.__file__, "botocore_redirect/__init__.py")
    for place in (tmp_path, tmp_path / "bare.zip"):
        # Isolated and without site-packages: no metadata is in reach.
        script = f"import sys; sys.path.insert(0, {str(place)!r}); import botocore_redirect as b;"
        script += "assert 'importlib.metadata' not in sys.modules; print(b.__version__)"
        command = [sys.executable, "-I", "-S", "-c", script]
        assert subprocess.check_output(command, text=True) == "0+unknown\n"


def test_only_the_import_of_auto_patches_and_none_prints() -> None:
    script = """
import pkgutil, botocore_redirect
for module in pkgutil.walk_packages(botocore_redirect.__path__, "botocore_redirect."):
    try:
        if module.name != "botocore_redirect.auto":
            __import__(module.name)
    except ModuleNotFoundError as error:  # without aiobotocore nobody needs these modules
        if error.name not in ("aiobotocore", "anyio"):
            raise
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
