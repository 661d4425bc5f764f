"""What this process has used so far.

It imports next to nothing: what it brought in would be measured, or hide what a subject brings.
"""

from __future__ import annotations

import os
import resource
import sys


def used() -> list[float]:
    """Return the CPU milliseconds and the resident MB of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    if os.path.exists("/proc/self/statm"):  # noqa: PTH110  # see above
        with open("/proc/self/statm") as pages:  # noqa: PTH123  # as above
            size = int(pages.read().split()[1]) * resource.getpagesize() / 2**20
    else:  # the peak instead, in bytes on macOS and in kB elsewhere
        size = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return [(usage.ru_utime + usage.ru_stime) * 1000, size]
