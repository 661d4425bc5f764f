"""The tests of aiobotocore alone. Most behaviours are tested by `tests/wire --aiobotocore=...`."""

from __future__ import annotations

import importlib.util

from wire.conftest import follow, patched, serve

__all__ = ["follow", "patched", "serve"]

# The other environments have no aiobotocore: it pins an older botocore.
collect_ignore_glob = [] if importlib.util.find_spec("aiobotocore") else ["test_*.py"]
