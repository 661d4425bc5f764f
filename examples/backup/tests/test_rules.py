"""The rules of the backup, on a store that does not redirect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from files import FILES
from folder_backup import Backup, BackupError


@pytest.fixture
def backup(moto_s3: Any) -> Backup:
    """Give an empty backup in moto's mock."""
    moto_s3.create_bucket(Bucket="backups")
    return Backup(moto_s3, "backups")


def test_differences_are_told_apart(backup: Backup, folder: Path) -> None:
    backup.save(folder)
    (folder / "new").write_bytes(b"1")
    (folder / "notes.txt").write_bytes(b"2")
    (folder / "empty").unlink()
    differences = backup.verify(folder)
    assert vars(differences) == {"missing": ["new"], "changed": ["notes.txt"], "extra": ["empty"]}


def test_backups_under_other_prefixes_are_apart(moto_s3: Any, backup: Backup, folder: Path) -> None:
    backup.save(folder)
    assert Backup(moto_s3, "backups", "photos").names() == [
        name[len("photos/") :] for name in sorted(FILES) if name.startswith("photos/")
    ]


def test_a_missing_folder_is_not_an_empty_one(backup: Backup, folder: Path, tmp_path: Path) -> None:
    backup.save(folder)
    for path in (tmp_path / "missing", folder / "notes.txt"):
        for action in (backup.save, backup.verify):
            with pytest.raises(BackupError, match=f"{path.name} is not a folder"):
                action(path)


def test_keys_that_mark_a_folder_are_not_files(moto_s3: Any, folder: Path, tmp_path: Path) -> None:
    moto_s3.create_bucket(Bucket="backups")
    for key in ("laptop/", "laptop/photos/"):  # as consoles and other programs make them
        moto_s3.put_object(Bucket="backups", Key=key)
    backup = Backup(moto_s3, "backups", "laptop")
    assert backup.restore(tmp_path / "empty") == []
    assert not backup.verify(tmp_path / "empty")
    backup.save(folder)
    assert backup.restore(tmp_path / "again") == sorted(FILES)
    assert not backup.verify(tmp_path / "again")


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights that not everybody has")
def test_nothing_is_restored_through_a_link(backup: Backup, folder: Path, tmp_path: Path) -> None:
    backup.save(folder)
    outside, again = tmp_path / "outside", tmp_path / "again"
    for path in (outside, again):
        path.mkdir()
    (again / "photos").symlink_to(outside)
    with pytest.raises(BackupError, match="outside of the folder"):
        backup.restore(again)
    assert not [*outside.iterdir()]


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/outside", "."])
def test_nothing_is_restored_outside_of_the_folder(
    moto_s3: Any, backup: Backup, tmp_path: Path, name: str
) -> None:
    moto_s3.put_object(Bucket="backups", Key=name, Body=b"1")
    with pytest.raises(BackupError, match="outside of the folder"):
        backup.restore(tmp_path / "folder")
    assert not (tmp_path / "outside").exists()


def test_a_denial_is_passed_on(stubbed_client: Any, folder: Path) -> None:
    s3, stub = stubbed_client("s3")
    stub.add_client_error(
        "list_objects_v2",
        "AccessDenied",
        http_status_code=403,
        expected_params={"Bucket": "backups", "Prefix": ""},
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        Backup(s3, "backups").save(folder)
