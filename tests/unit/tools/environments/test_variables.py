"""Settings of the caller do not reach the sessions."""

from __future__ import annotations

import os

import pytest
from tools.environments import variables


def test_credentials_paths_and_switches_are_removed_and_aws_is_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    removed = {"AWS_PROFILE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "BOTOCORE_REDIRECT_TRUST"}
    kept = {"HOME": "/home/me", "BOTOCORE_VERSION": "1.38.0", "NO_PROXY": "store.test"}
    kept["AWS_NEW_RETRIES_2026"] = "true"
    monkeypatch.setattr(os, "environ", {**dict.fromkeys(removed, "1"), **kept})
    variables.prepare()
    assert not removed & {*os.environ}
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "store.test,127.0.0.1"
    assert os.environ["AWS_CONFIG_FILE"] == os.devnull
    assert {*kept} <= {*os.environ}
