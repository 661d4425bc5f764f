"""How the fingerprints of a fresh interpreter are made, which the guards compare with."""

from __future__ import annotations

import io
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from botocore_redirect.testing.guards import baseline, fingerprint, importers


def test_the_script_prints_the_places_and_handlers_of_botocore(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(sys.path)))
    runpy.run_path(fingerprint.__file__, run_name="__main__")
    printed = json.loads(capsys.readouterr().out)
    assert "Endpoint._get_response" in printed["places"]["botocore.endpoint"]
    assert {"botocore.endpoint", "boto3.session", "s3transfer.manager"} <= {*printed["places"]}
    assert any(event.startswith("before-parameter-build.s3") for event, _ in printed["handlers"])


def test_the_fresh_interpreter_writes_bytecode_only_where_this_one_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "{}", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    baseline.write(tmp_path / "baseline.json")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    baseline.write(tmp_path / "baseline.json")
    prefix = f"pycache_prefix={tmp_path}"
    assert [("-B" in command, prefix in command) for command in commands] == [
        (True, True),
        (False, False),
    ]


def test_a_file_that_cannot_be_read_imports_nothing(tmp_path: Path) -> None:
    assert [*importers._imports(tmp_path / "missing.py", "missing")] == []


def test_a_chain_of_importers_ends_though_modules_import_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    importer = importers.Importer("one.py", 1, "one")
    monkeypatch.setitem(importers._recorder.seen, "one", importer)
    assert [*importers._chain("one")] == [importer] * importers._DEPTH
