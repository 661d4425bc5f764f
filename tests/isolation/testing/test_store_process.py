"""moto's server in a process of its own: how it starts and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from botocore_redirect.testing import Inspector, StoreProcess
from botocore_redirect.testing.stores import store_process

pytest.importorskip("moto.server", reason="these tests need moto with its server")

COMMAND = [sys.executable, "-m", "botocore_redirect.testing.stores.serve"]


def test_it_serves_until_the_context_ends_and_imports_nothing_from_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("moto", "queue", "select", "werkzeug", "botocore_redirect"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the project')")
    monkeypatch.chdir(tmp_path)
    with StoreProcess() as process:
        inspector = Inspector(process.url)
        inspector.create_bucket("created")
        assert inspector.buckets() == ["created"]
    with pytest.raises(ConnectionRefusedError):
        inspector.buckets()


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


def test_a_process_without_moto_is_an_error_with_the_message_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "moto.py").write_text("")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    process = StoreProcess(env={**os.environ, "PYTHONPATH": path})
    with pytest.raises(
        RuntimeError, match=r"(?s)printed ''.*stderr: A MotoStore.*pip install 'moto"
    ):
        process.__enter__()


@pytest.mark.skipif(sys.platform == "win32", reason="the mute interpreter is a shell script")
def test_a_process_that_prints_nothing_is_killed_after_the_timeout(tmp_path: Path) -> None:
    mute = tmp_path / "python"
    mute.write_text("#!/bin/sh\nexec sleep 600\n")
    mute.chmod(0o755)
    process = StoreProcess(mute, timeout=0.2)
    with pytest.raises(RuntimeError, match=r"printed '' within 0\.2 s"):
        process.__enter__()
    assert process._child.returncode is not None


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter is a shell script")
def test_a_process_that_does_not_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = tmp_path / "python"
    deaf.write_text("#!/bin/sh\necho http://127.0.0.1:1\nexec sleep 600\n")
    deaf.chmod(0o755)
    monkeypatch.setattr(store_process, "_END_TIMEOUT", 0.1)
    with StoreProcess(deaf) as process:
        child = process._child
    assert child.returncode == -9


def test_an_interpreter_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-python"):
        StoreProcess(tmp_path / "no-python").__enter__()
