"""What uv says becomes one of two errors: no versions fit, or there was no answer."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tools.environments import resolver
from tools.environments.resolver import NoFitError, ResolverError

NO_FIT = """\
  error: No solution found when resolving dependencies:
  cause: Because boto3==1.26.24 depends on botocore>=1.29.24,<1.30.0 and you require
         botocore==1.40.0, we can conclude that your requirements are unsatisfiable.
"""


def compile_with(monkeypatch: pytest.MonkeyPatch, folder: Path, stderr: str) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", stderr)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(resolver, "find_uv", lambda: "uv")
    resolver.compile_lock(folder / "lock.txt", ["botocore==1.40.0", "boto3==1.26.24"])


def test_versions_that_exclude_each_other_are_named_with_those_that_would_fit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(NoFitError) as refused:
        compile_with(monkeypatch, tmp_path, NO_FIT)
    assert str(refused.value) == (
        "These versions do not fit together: Because boto3==1.26.24 depends on"
        " botocore>=1.29.24,<1.30.0 and you require botocore==1.40.0, we can conclude that your"
        " requirements are unsatisfiable."
    )


@pytest.mark.parametrize("reason", ["was not found in the registry", "network was disabled"])
def test_an_index_that_gives_no_answer_is_not_a_version_that_does_not_fit(
    reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = f"No solution found when resolving dependencies: Because botocore {reason}"
    for stderr in (said, "could not connect"):
        with pytest.raises(ResolverError, match="The package index gave no answer") as refused:
            compile_with(monkeypatch, tmp_path, stderr)
        assert not isinstance(refused.value, NoFitError)
