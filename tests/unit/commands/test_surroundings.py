"""`check` tells what else matters in an environment: patches, aiobotocore, CRT."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import site
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.endpoint import Endpoint

import botocore_redirect
from botocore_redirect.aio import compatibility as aio_compatibility
from botocore_redirect.commands import surroundings
from botocore_redirect.commands.records import Records
from botocore_redirect.errors import UnsupportedBotocore

RAN = [("3.1.0", True), ("3.2.0", True), ("3.2.0", False)]
KNOWN = Records(proof={"aiobotocore": [{"aiobotocore": v, "passed": p} for v, p in RAN]})


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No files of this environment that its Pythons run first."""
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "user"))
    ours = ("botocore_redirect.auto", "botocore_redirect.deferred")
    for name in ("sitecustomize", "usercustomize", *ours):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_process_without_the_patch_says_how_to_install_it() -> None:
    said = surroundings.describe_installation()
    assert said.startswith("not in this process; import botocore_redirect.auto or call install()")
    assert (
        surroundings.describe_policy() == "RedirectPolicy(), if botocore_redirect.auto is imported"
    )


def test_the_policy_of_install_is_the_one_in_force() -> None:
    with botocore_redirect.install(botocore_redirect.RedirectPolicy(max_hops=3)):
        assert surroundings.describe_installation() == "yes, by install()"
        assert surroundings.describe_policy() == "RedirectPolicy(max_hops=3)"


def test_auto_is_named_as_the_one_that_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore_redirect.auto", ModuleType("auto"))
    with botocore_redirect.install():
        assert surroundings.describe_installation() == "yes, by botocore_redirect.auto"
        monkeypatch.setitem(sys.modules, "botocore_redirect.deferred", ModuleType("deferred"))
        assert surroundings.describe_installation().startswith("yes, by the variables of `boto")


def test_a_switch_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT", "off")
    assert surroundings.describe_installation().startswith("no: BOTOCORE_REDIRECT in the env")
    monkeypatch.setenv("BOTOCORE_REDIRECT", "perhaps")
    assert surroundings.describe_installation().startswith("not in this process")


def test_a_policy_that_auto_would_refuse_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTOCORE_REDIRECT_MAX_HOPS", "many")
    said = surroundings.describe_policy()
    assert said.startswith("none: botocore_redirect.auto would fail, as BOTOCORE_REDIRECT_MAX_HOPS")


def test_files_that_each_python_runs_first_are_named_if_they_import_the_patch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customize = tmp_path / "sitecustomize.py"
    customize.write_text("from botocore_redirect import install\n")
    module: Any = ModuleType("sitecustomize")
    module.__file__ = str(customize)
    monkeypatch.setitem(sys.modules, "sitecustomize", module)
    elsewhere: Any = ModuleType("usercustomize")
    elsewhere.__file__ = str(tmp_path / "archive.zip" / "usercustomize.py")
    monkeypatch.setitem(sys.modules, "usercustomize", elsewhere)
    (tmp_path / "redirect.pth").write_text("import botocore_redirect.auto\n")
    (tmp_path / "checkout.pth").write_text(f"{tmp_path}/botocore_redirect\n")
    files = f"{customize}, {tmp_path / 'redirect.pth'}"
    assert surroundings.describe_installation().endswith(f"; each Python here runs {files}")


def test_clients_of_follow_are_counted() -> None:
    client = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    botocore_redirect.follow(client)
    assert surroundings.describe_installation().endswith("; clients of follow(): 1")
    botocore_redirect.unfollow(client)
    assert "follow()" not in surroundings.describe_installation()


def test_another_librarys_wrapper_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Endpoint._get_response

    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    monkeypatch.setattr(Endpoint, "_get_response", wrapper)
    monkeypatch.setattr(Endpoint, "create_request", functools.partial(Endpoint.create_request))
    assert [*surroundings.find_other_patches()] == [
        "endpoint.Endpoint.create_request (a functools object)",
        f"endpoint.Endpoint._get_response (by {__file__})",
    ]


def test_functions_of_modules_that_nobody_imported_are_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(surroundings, "RELIED_ON", ("missing.module.function", "endpoint.missing"))
    assert [*surroundings.find_other_patches()] == []


class Installed:
    """What an environment holds beside botocore, by name and version."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.versions: dict[str, str] = {}
        monkeypatch.setattr(importlib.util, "find_spec", self.versions.get)
        monkeypatch.setattr(metadata, "version", self.versions.__getitem__)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installed:
    monkeypatch.setattr(
        surroundings,
        "importlib",
        SimpleNamespace(util=importlib.util, import_module=lambda _: None),
    )
    monkeypatch.setattr(aio_compatibility, "check", lambda: None)
    return Installed(monkeypatch)


def test_aiobotocore_is_covered_and_was_run_or_not(installed: Installed) -> None:
    assert surroundings.describe_aiobotocore(KNOWN) == "not installed"
    installed.versions["aiobotocore"] = "3.1.0"
    assert surroundings.describe_aiobotocore(KNOWN) == "3.1.0, covered; the contract passed on it"
    installed.versions["aiobotocore"] = "3.1.1"
    said = surroundings.describe_aiobotocore(KNOWN)
    assert said == "3.1.1, covered, but this release of it was not run"
    installed.versions["aiobotocore"] = "3.2.0"
    assert surroundings.describe_aiobotocore(KNOWN) == "3.2.0, covered; the contract failed on it"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            UnsupportedBotocore("aiobotocore 2.4 is too old."),
            "not covered: aiobotocore 2.4 is too old.",
        ),
        (
            ImportError("no aiohttp"),
            "installed, but cannot be imported: ImportError('no aiohttp')",
        ),
    ],
)
def test_an_aiobotocore_that_is_not_covered_is_named_with_the_reason(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, problem: Exception, said: str
) -> None:
    def fail() -> None:
        raise problem

    installed.versions["aiobotocore"] = "3.1.0"
    monkeypatch.setattr(aio_compatibility, "check", fail)
    assert surroundings.describe_aiobotocore(KNOWN) == said


def test_a_copy_without_metadata_has_an_unknown_version(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> str:
        raise metadata.PackageNotFoundError

    installed.versions["awscrt"] = "0.38.1"
    monkeypatch.setattr(metadata, "version", fail)
    assert surroundings.describe_crt().startswith("awscrt of an unknown version is installed.")


def test_the_answer_says_what_awscrt_means(installed: Installed) -> None:
    assert surroundings.describe_crt().startswith("awscrt is not installed, so all transfers")
    installed.versions["awscrt"] = "0.38.1"
    said = surroundings.describe_crt()
    assert said.startswith("awscrt 0.38.1 is installed.")
    assert "boto3 uses it for AWS's own S3 alone" in said


def test_the_answer_says_which_botocore_the_aws_cli_uses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", {"awscli": package}.get)
    monkeypatch.setattr(metadata, "version", {"awscli": "1.46.0"}.__getitem__)
    assert surroundings.describe_aws_cli() == "1.46.0, with the botocore of this environment"
    (tmp_path / "botocore").mkdir()
    said = surroundings.describe_aws_cli()
    assert said == "1.46.0, with a botocore of its own, which is not the one that is judged here"


def test_an_environment_without_the_aws_cli_says_nothing_of_it() -> None:
    assert surroundings.describe_aws_cli() == ""
