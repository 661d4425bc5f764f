"""The environment variables that sessions, and all that they start, run with."""

from __future__ import annotations

import os
import ssl

# Credentials, a checkout on the path, switches of the patch. PYTHON... includes
# PYTHONDONTWRITEBYTECODE: without byte code every import takes five times as long.
_REMOVED = (
    "AWS_",
    "BOTOCORE_EXPERIMENTAL",
    "BOTOCORE_REDIRECT",
    "BOTO_CONFIG",
    "COVERAGE_",
    "PYTEST_",
    "PYTHON",
)
#: botocore reads it once, when it is imported. Runs with it say nothing of the cell as it is.
NEW_RETRIES = "AWS_NEW_RETRIES_2026"


def prepare() -> None:
    """Remove the caller's settings from this process, and keep it away from AWS."""
    removed = [name for name in os.environ if name.startswith(_REMOVED) and name != NEW_RETRIES]
    for name in removed:
        del os.environ[name]
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "localhost"
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        no_proxy=f"{direct},127.0.0.1",
        NO_PROXY=f"{direct},127.0.0.1",
        NOX_ENABLE_STALENESS_CHECK="1",  # never reuse an environment of another Python
    )
    # uv alone would not trust what this machine trusts; pip does.
    if any(ssl.get_default_verify_paths()[:2]):
        os.environ.setdefault("UV_SYSTEM_CERTS", "true")
