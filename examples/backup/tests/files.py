"""The files of the folder that the tests back up."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "notes.txt": b"buy milk\n",
    "empty": b"",
    "photos/summer 2026/sea & sky;+.jpg": bytes(range(256)) * 64,
    "photos/日本.jpg": b"a name that has to be escaped",
}


def contents(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, temporary ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
