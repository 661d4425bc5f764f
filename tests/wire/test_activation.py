"""An activated interpreter patches this botocore, whichever of its modules comes first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from botocore_redirect.children import ACTIVATION

CHECK = """
import sys
{first}
import boto3, botocore.endpoint, botocore_redirect
methods = botocore.endpoint.Endpoint.create_request, botocore.endpoint.Endpoint._get_response
ours = ["botocore_redirect" in each.__code__.co_filename for each in methods]
waiting = [each for each in sys.meta_path if getattr(each, "waits_for", "") == "botocore.endpoint"]
print(botocore_redirect.is_installed(), ours, waiting)
"""


@pytest.mark.boto3_alone("tests/asynchronous has the same for aiobotocore")
@pytest.mark.parametrize(
    "first",
    [
        "import boto3",
        "import botocore.session",
        "from botocore.endpoint import Endpoint",
        "from botocore.client import BaseClient",
        "import botocore.utils",
        "import botocore.args",
        "import s3transfer",
    ],
)
def test_the_patch_is_installed_in_the_middle_of_the_import(first: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", CHECK.format(first=first)],
        env={**os.environ, "PYTHONPATH": ACTIVATION},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "True [True, True] []\n", done.stderr
