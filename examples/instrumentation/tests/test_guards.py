"""The guards work here: a quadrant that is contaminated on purpose fails."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest


def test_an_import_of_the_patch_at_the_top_of_an_unpatched_file_is_an_error(
    pytester: pytest.Pytester,
) -> None:
    spec = find_spec("counting")
    assert spec is not None
    source = Path(str(spec.origin)).parents[1]
    pytester.makeini(f"[pytest]\npythonpath = {source}\nsubject = counting:install\n")
    pytester.makepyfile(
        test_it="""
        import counting
        import pytest
        pytestmark = pytest.mark.quadrant(patched=False, redirects=False)
        def test_it(): pass
        """
    )
    done = pytester.runpytest_subprocess("-p", "botocore_redirect.testing.plugin")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(
        ["*before test_it.py (unpatched, no redirects), counting had been imported (*test_it.py:1*"]
    )
