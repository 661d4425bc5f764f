"""How a subject is named, and what is said of one that cannot be installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from botocore_redirect.testing.guards import subject
from botocore_redirect.testing.quadrants import quadrant


def test_a_patched_quadrant_without_a_subject_says_how_to_name_one() -> None:
    with (
        pytest.raises(ValueError, match="no patch is configured"),
        quadrant(patched=True, redirects=True),
    ):
        pass


def test_a_subject_that_takes_too_long_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subject, "_SECONDS", 0)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_subject.py").write_text("", "utf-8")
    with pytest.raises(subject.SubjectError, match=r"slow_subject.* was not installed within 0 s"):
        subject.check("slow_subject")


def test_what_a_subject_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "poor_subject.py").write_text("import a_module_that_is_not_there\n", "utf-8")
    with (
        pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"),
        subject.parse_subject("poor_subject").installed(),
    ):
        pass
