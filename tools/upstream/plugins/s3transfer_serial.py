"""Makes s3transfer's calls one after the other if USE_SERIAL_EXECUTOR is set.

Its tests do so in `setup_package`, a hook of nose that pytest does not call.
"""

from __future__ import annotations

import os

if os.environ.get("USE_SERIAL_EXECUTOR"):
    from s3transfer import futures

    futures.BoundedExecutor.EXECUTOR_CLS = futures.NonThreadedExecutor
