"""The fixture of the kit, and a folder to back up."""

from __future__ import annotations

from pathlib import Path

import pytest
from files import FILES

pytest_plugins = ["botocore_redirect.testing.fixtures"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with some files."""
    root = tmp_path / "folder"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root
