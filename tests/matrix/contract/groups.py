"""The groups of the contract: all of it, or the core that the peer's own suite asserts as well.

The peer is the patch in the package `aistore`; its suite runs eight tests in four quadrants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FULL, CORE = "full", "core"

#: Its tests, and the behaviour of ours that does the same.
PEERS: Mapping[str, str] = {
    "test_bucket_create": "create_bucket",
    "test_bucket_list": "list_buckets",
    "test_object_create": "upload_fileobj_small",
    "test_object_list": "list_objects",
    "test_object_get": "download_fileobj_small",
    "test_caching": "get_object_twice",
    "test_object_delete": "delete_object",
    "test_bucket_delete": "delete_bucket",
}

#: Its gateway lets these through, so it says nothing of them where the store redirects.
NEVER_REDIRECTED = frozenset({"list_buckets", "list_objects", "delete_bucket"})

#: What it asserts in each quadrant; its gateway knows no other status than this.
_TESTS = frozenset(
    {
        "test_stock_botocore_does_it",
        "test_results_storage_and_wire_are_those_of_stock_botocore",
        "test_results_storage_and_requests_are_those_of_stock_botocore_without_redirects",
        "test_the_region_redirector_of_stock_botocore_runs_into_itself",
    }
)
_STATUS = 307


def is_core(test: str, parameters: Mapping[str, Any], *, redirects: bool) -> bool:
    """Tell whether a test of a quadrant, with these parameters, asserts what the peer's does."""
    behaviour = str(parameters.get("behaviour", ""))
    return (
        test in _TESTS
        and behaviour in PEERS.values()
        and parameters.get("status", _STATUS) == _STATUS
        and not (redirects and behaviour in NEVER_REDIRECTED)
    )
