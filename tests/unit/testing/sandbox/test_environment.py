"""The sandbox's environment: fake values inside, the real ones afterwards."""

from __future__ import annotations

import contextlib
import importlib
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from botocore_redirect.testing import moto_s3
from botocore_redirect.testing.sandbox.environment import aws_sandbox

SECRETS = {
    "AWS_ACCESS_KEY_ID": "real",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_SECURITY_TOKEN": "real",
    "AWS_PROFILE": "real",
    "AWS_DEFAULT_PROFILE": "real",
    "AWS_REGION": "eu-real-1",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/real",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/real/token",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/real",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/real/eks",
    "AWS_ENDPOINT_URL": "https://real.example",
    "AWS_DATA_PATH": "/real/models",
    "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4",
    "BOTO_CONFIG": "/real/boto.cfg",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "real=real_plugin",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "https_proxy": "http://proxy.example:3128",
    "ALL_PROXY": "http://proxy.example:3128",
    "no_proxy": "real.example",
}


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Fill the environment and the home folder with values that must not be used."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[default]\nregion = eu-real-1\n[profile real]\n")
    (folder / "credentials").write_text(
        "[default]\naws_access_key_id = real\naws_secret_access_key = real\n"
    )
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name)
    for name, value in {**SECRETS, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_real_credentials_are_out_of_reach(real: Path) -> None:
    outside = botocore.session.get_session()
    assert outside.get_credentials().access_key == "real"
    with aws_sandbox():
        session = botocore.session.get_session()
        credentials = session.get_credentials()
        assert (credentials.access_key, credentials.token) == ("testing", None)
        assert session.available_profiles == []
        assert session.get_config_variable("region") == "us-east-1"
        assert not set(os.environ.values()) & {*SECRETS.values(), str(real)}
        assert os.environ["BOTO_CONFIG"] == os.devnull
        assert Path("~").expanduser() == Path(os.devnull)


def test_no_plugin_of_botocore_gets_into_a_client(
    real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (real / "real_plugin.py").write_text(
        "def initialize_client_plugin(client): seen.append(client)"
    )
    monkeypatch.syspath_prepend(str(real))
    module = importlib.import_module("real_plugin")
    module.seen = []  # type: ignore[attr-defined]  # made here
    botocore.session.get_session().create_client("s3")
    assert len(module.seen) == 1
    with aws_sandbox():
        botocore.session.get_session().create_client("s3")
    assert len(module.seen) == 1


@pytest.mark.parametrize("provider", ["shared-credentials-file", "config-file", "boto-config"])
def test_no_file_has_credentials(real: Path, provider: str) -> None:  # noqa: ARG001 - `real` is there to be found
    with aws_sandbox():
        chain = botocore.session.get_session().get_component("credential_provider")
        assert chain.get_provider(provider).load() is None


def test_the_environment_is_restored_also_after_an_error(real: Path) -> None:  # noqa: ARG001 - as above
    before = dict(os.environ)
    with contextlib.suppress(ZeroDivisionError), aws_sandbox():
        os.environ["AWS_PROFILE"] = "left behind"
        os.environ["AWS_MAX_ATTEMPTS"] = "7"
        raise ZeroDivisionError
    assert dict(os.environ) == before


@pytest.mark.parametrize("first", [aws_sandbox, moto_s3])
def test_the_fake_values_stay_until_the_last_use_ends_in_any_order(real: Path, first: Any) -> None:
    pytest.importorskip("moto", reason="one of the uses is moto's mock")
    before = dict(os.environ)
    one, two, three = ExitStack(), ExitStack(), ExitStack()
    one.enter_context(first())
    two.enter_context(aws_sandbox())
    three.enter_context(aws_sandbox())
    for ended in (two, one):
        ended.close()
        assert botocore.session.get_session().get_credentials().access_key == "testing"
        assert not set(os.environ.values()) & {*SECRETS.values(), str(real)}
    three.close()
    assert dict(os.environ) == before
