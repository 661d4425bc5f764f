"""moto's server in a process of its own: how it begins, what it says, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from botocore_redirect.testing import Inspector, MotoStore, StoreProcess

pytest.importorskip("moto.server", reason="these tests need moto with its server")

COMMAND = [sys.executable, "-m", "botocore_redirect.testing"]


def test_without_moto_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moto.server", None)
    with pytest.raises(ImportError, match=r"pip install 'botocore-redirect\[testing\]'"):
        MotoStore().__enter__()


def test_a_store_process_serves_until_the_context_ends() -> None:
    with StoreProcess() as process:
        inspector = Inspector(process.url)
        inspector.create_bucket("elsewhere")
        assert inspector.buckets() == ["elsewhere"]
    with pytest.raises(ConnectionRefusedError):
        inspector.buckets()


def test_what_lies_in_the_current_folder_is_not_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("moto", "queue", "select", "werkzeug", "botocore_redirect"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the project')")
    monkeypatch.chdir(tmp_path)
    with StoreProcess() as process:
        assert Inspector(process.url).buckets() == []


def test_the_command_prints_its_url_alone_and_ends_with_its_stdin() -> None:
    done = subprocess.run(COMMAND, input="", capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("http://127.0.0.1:")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to end a process gently")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_command_is_silent_and_ends_well_at_a_signal(sign: signal.Signals) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert Inspector(child.stdout.readline().strip()).buckets() == []
        child.send_signal(sign)
        assert (child.wait(timeout=60), child.stdout.read(), child.stderr.read()) == (0, "", "")


def test_a_process_without_moto_fails_with_the_words_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "moto.py").write_text("")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    process = StoreProcess(env={**os.environ, "PYTHONPATH": path})
    with pytest.raises(
        RuntimeError, match=r"(?s)printed ''.*stderr: A MotoStore.*pip install 'boto"
    ):
        process.__enter__()


@pytest.mark.skipif(sys.platform == "win32", reason="the mute interpreter is a shell script")
def test_a_mute_process_is_ended_after_the_timeout(tmp_path: Path) -> None:
    mute = tmp_path / "python"
    mute.write_text("#!/bin/sh\nexec sleep 600\n")
    mute.chmod(0o755)
    process = StoreProcess(mute, timeout=0.2)
    with pytest.raises(RuntimeError, match=r"printed '' within 0\.2 s"):
        process.__enter__()
    assert process._child.returncode is not None


def test_an_interpreter_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-python"):
        StoreProcess(tmp_path / "no-python").__enter__()
