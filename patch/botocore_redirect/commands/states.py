"""What can be said of a release of botocore: one of three states."""

from __future__ import annotations

PROVEN = "proven"
COMPATIBLE = "compatible"
UNSUPPORTED = "unsupported"

#: State -> what it means, in the words of `check`, of docs/compatibility.md and of the README.
MEANINGS = {
    PROVEN: (
        "fine to use. An S3 call runs the same code as in a release on which the contract passed."
    ),
    COMPATIBLE: (
        "fine to use, but not run. All functions that the patch relies on are the same as in a"
        " release on which the contract passed; other code of an S3 call has changed."
    ),
    UNSUPPORTED: (
        "do not use it before the contract has passed on it. A function that the patch relies on"
        " has changed, or the contract failed."
    ),
}

#: State -> exit status of `check`.
STATUSES = {PROVEN: 0, COMPATIBLE: 0, UNSUPPORTED: 1}
