"""The backup on a store that redirects every request, with the patch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from files import FILES, contents
from folder_backup import Backup, BackupError

import botocore_redirect
from botocore_redirect.testing import HANG_UP, Fault, Redirect, RedirectingStore, Response

BUCKET = "backups"


@pytest.fixture(autouse=True)
def patched() -> Iterator[None]:
    """Follow redirects, as the program does."""
    with botocore_redirect.install():
        yield


@pytest.fixture
def store(redirecting_s3: RedirectingStore) -> RedirectingStore:
    """Give a store with a bucket for the backup."""
    redirecting_s3.inspector.create_bucket(BUCKET)
    return redirecting_s3


def backup_in(store: RedirectingStore, **config: Any) -> Backup:
    return Backup(store.client(**config), BUCKET, "laptop")


def stored(store: RedirectingStore) -> dict[str, bytes]:
    return store.inspector.snapshot()[BUCKET]


def test_what_was_saved_is_stored_and_restored(
    store: RedirectingStore, folder: Path, tmp_path: Path
) -> None:
    backup = backup_in(store)
    assert backup.save(folder) == sorted(FILES)
    assert stored(store) == {f"laptop/{name}": content for name, content in FILES.items()}
    assert backup.restore(tmp_path / "again") == sorted(FILES)
    assert contents(tmp_path / "again") == FILES
    assert not backup.verify(tmp_path / "again")


def test_every_request_is_redirected_once_and_no_body_is_sent_twice(
    store: RedirectingStore, folder: Path
) -> None:
    backup_in(store).save(folder)
    at_gateway, at_target = store.gateway.received, store.targets[0].received
    assert {each.status for each in at_gateway} == {307}
    assert [each.path for each in at_gateway] == [each.path for each in at_target]
    assert sum(each.body_bytes for each in at_gateway) == 0


def test_what_did_not_change_is_not_sent_again(store: RedirectingStore, folder: Path) -> None:
    backup = backup_in(store)
    backup.save(folder)
    store.clear()
    (folder / "notes.txt").write_bytes(b"buy bread\n")
    assert backup.save(folder) == ["notes.txt"]
    puts = [each.path for each in store.targets[0].received if each.method == "PUT"]
    assert puts == [f"/{BUCKET}/laptop/notes.txt"]


def test_a_large_file_goes_in_parts(store: RedirectingStore, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "disk.img").write_bytes(bytes(range(256)) * 40_000)  # 10 MB: two parts
    backup_in(store).save(folder)
    assert stored(store) == {"laptop/disk.img": (folder / "disk.img").read_bytes()}
    assert store.inspector.uploads(BUCKET) == []


def test_errors_of_the_store_are_retried(store: RedirectingStore, folder: Path) -> None:
    store.script(Fault(), HANG_UP)
    store.targets[0].script(None, Fault(500, "InternalError"))
    backup = backup_in(store, retries={"max_attempts": 5})
    backup.save(folder)
    assert not backup.verify(folder)


def test_several_targets_over_tls(make_redirecting_s3: Any, folder: Path) -> None:
    store = make_redirecting_s3(targets=3, tls=True)
    store.inspector.create_bucket(BUCKET)
    backup_in(store).save(folder)
    assert len(stored(store)) == len(FILES)
    assert all(target.received for target in store.targets)


def test_nothing_is_sent_to_an_untrusted_host(store: RedirectingStore, folder: Path) -> None:
    backup = backup_in(store)
    store.redirect(
        lambda request: (
            Redirect.to("http://other.example") if request.method == "PUT" else Redirect()
        )
    )
    with pytest.raises(Exception, match=r"other\.example"):
        backup.save(folder)
    assert stored(store) == {}


def test_a_damaged_file_is_not_restored(
    store: RedirectingStore, folder: Path, tmp_path: Path
) -> None:
    backup = backup_in(store)
    backup.save(folder)

    def damage(request: Any) -> Response | None:
        is_read = request.method == "GET" and request.path.endswith("notes.txt")
        return Response(200, body=b"buy MILK\n") if is_read else None

    store.targets[0].rule = damage
    with pytest.raises(BackupError, match=r"notes\.txt is damaged"):
        backup.restore(tmp_path / "again")
    assert "notes.txt" not in contents(tmp_path / "again")
