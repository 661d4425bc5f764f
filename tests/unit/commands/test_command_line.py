"""What the program itself answers, before any command."""

from __future__ import annotations

import pytest

import botocore_redirect
from botocore_redirect import __main__


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"botocore-redirect {botocore_redirect.__version__}\n"
