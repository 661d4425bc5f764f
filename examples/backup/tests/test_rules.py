"""What the backup does whether or not the store redirects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from files import FILES
from folder_backup import Backup, BackupError


@pytest.fixture
def backup(moto_s3: Any) -> Backup:
    """Have an empty backup, in moto's mock."""
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


@pytest.mark.parametrize("name", ["../outside", "a/../../outside"])
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
