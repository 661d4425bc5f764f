"""Stand in for an interpreter in which the patch is installed before botocore is imported.

python -m botocore_redirect.testing.quadrants.patched_interpreter SUBJECT [OPTION ...] -c CODE
"""

from __future__ import annotations

import sys

from botocore_redirect.testing.quadrants.code_runner import run_code
from botocore_redirect.testing.quadrants.quadrant import patch_first


def main(subject: str, *arguments: str) -> None:
    """Install the subject, and run what the other arguments say."""
    with patch_first(subject):
        run_code(arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
