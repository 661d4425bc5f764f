"""The program as its user runs it, with the patch and without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import folder_backup
import pytest
from files import FILES, contents

from botocore_redirect.testing import Redirect, RedirectingStore

PROGRAM = folder_backup.__file__


@pytest.fixture
def store(redirecting_s3: RedirectingStore) -> RedirectingStore:
    """Give a store with a bucket for the backup."""
    redirecting_s3.inspector.create_bucket("backups")
    return redirecting_s3


def run(
    store: RedirectingStore, action: str, folder: Path, patch: str = "on"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROGRAM, action, folder, "s3://backups/x", "--endpoint-url", store.url],
        env={**os.environ, "BOTOCORE_REDIRECT": patch},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_with_the_patch_it_saves_and_restores(
    store: RedirectingStore, folder: Path, tmp_path: Path
) -> None:
    saved = run(store, "save", folder)
    assert (saved.returncode, saved.stderr) == (0, "")
    assert len(saved.stdout.splitlines()) == len(FILES)
    assert run(store, "restore", tmp_path / "again").returncode == 0
    assert contents(tmp_path / "again") == FILES
    (folder / "notes.txt").unlink()
    verified = run(store, "verify", folder)
    assert (verified.returncode, verified.stdout) == (1, "extra notes.txt\n")


def test_without_the_patch_it_fails_and_nothing_is_saved(
    store: RedirectingStore, folder: Path
) -> None:
    assert run(store, "save", folder, patch="off").returncode != 0
    assert store.inspector.snapshot() == {"backups": {}}
    assert store.targets[0].received == []


def test_a_loop_is_one_sentence(store: RedirectingStore, folder: Path) -> None:
    store.redirect(Redirect.to(store.url))
    done = run(store, "save", folder)
    assert done.returncode == 2
    assert done.stderr.startswith("save: An error occurred (RedirectLoop)")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("action", "name", "words"),
    [("save", "missing", "is not a folder"), ("restore", "notes.txt", "notes.txt")],
)
def test_a_wrong_folder_is_one_sentence(
    store: RedirectingStore, folder: Path, action: str, name: str, words: str
) -> None:
    done = run(store, action, folder / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{action}: ")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
