"""Run pytest where the patch is installed before botocore, boto3 and pytest's plugins are imported.

python -m matrix.patch_first SUBJECT [ARGUMENT OF PYTEST ...]
"""

from __future__ import annotations

import sys

from botocore_redirect.testing.quadrants.quadrant import patch_first


def main(subject: str, *arguments: str) -> int:
    """Install the subject, then run pytest; return its exit status."""
    with patch_first(subject):
        import pytest  # noqa: PLC0415 - its plugins may import anything

        return int(pytest.main([*arguments]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
