"""The groups of the contract: all of it, all but the programs that use EC2, EKS and IAM, the core.

Those programs cost the most, and show the same on each release. The core is what the suite of the
package `aistore`, which patches botocore too, asserts as well: eight tests in four quadrants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matrix.contract import needs

FULL, COMMON, CORE = "full", "common", "core"

#: The tests of aistore's suite, and the behaviour of the contract that does the same.
AISTORE_TESTS: Mapping[str, str] = {
    "test_bucket_create": "create_bucket",
    "test_bucket_list": "list_buckets",
    "test_object_create": "upload_fileobj_small",
    "test_object_list": "list_objects",
    "test_object_get": "download_fileobj_small",
    "test_caching": "get_object_twice",
    "test_object_delete": "delete_object",
    "test_bucket_delete": "delete_bucket",
}

#: The gateway of that suite redirects none of these, so it does not test them with redirects.
NEVER_REDIRECTED = frozenset({"list_buckets", "list_objects", "delete_bucket"})

#: The tests of ours that assert the same; the gateway of that suite sends no other status.
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
    """Whether aistore's suite asserts what a test of a quadrant, with these parameters, does."""
    behaviour = str(parameters.get("behaviour", ""))
    return (
        test in _TESTS
        and behaviour in AISTORE_TESTS.values()
        and parameters.get("status", _STATUS) == _STATUS
        and not (redirects and behaviour in NEVER_REDIRECTED)
    )


def is_common(parameters: Mapping[str, Any]) -> bool:
    """Whether a test with these parameters runs no program that uses EC2, EKS or IAM."""
    return not any(needs.MACHINES in getattr(each, "needs", ()) for each in parameters.values())
