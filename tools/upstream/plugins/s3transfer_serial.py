"""Has s3transfer make its calls one after the other, where its tests are asked to expect that.

They ask its executor for it in a hook of nose, which pytest does not call.
"""

from __future__ import annotations

import os

from s3transfer import futures

if os.environ.get("USE_SERIAL_EXECUTOR"):
    futures.BoundedExecutor.EXECUTOR_CLS = futures.NonThreadedExecutor
