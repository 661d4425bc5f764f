"""The groups of the contract: all of it, what is common to all cells, and the core.

The core is what the suite of the package `aistore`, which patches botocore too, asserts as well:
eight tests in four quadrants. Common are the core on both stores and, over sockets, all but the
programs that use EC2, EKS and IAM. Of how stock botocore fails at redirects, one operation of each
method is common beside the core. The rest costs much and shows the same on each release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore_redirect.testing.quadrants.quadrant import Quadrant
from matrix.contract import needs
from matrix.harness.settings import IN_PROCESS

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

#: One operation of each method, and the one without a bucket.
OF_EACH_METHOD = frozenset(
    {"get_object", "head_object", "put_object", "delete_object", "delete_objects", "list_buckets"}
)


def is_core(test: str, parameters: Mapping[str, Any], quadrant: Quadrant) -> bool:
    """Whether aistore's suite asserts what a test of a quadrant, with these parameters, does."""
    behaviour = str(parameters.get("behaviour", ""))
    return (
        test in _TESTS
        and behaviour in AISTORE_TESTS.values()
        and parameters.get("status", _STATUS) == _STATUS
        and not (quadrant.redirects and behaviour in NEVER_REDIRECTED)
    )


def is_common(test: str, parameters: Mapping[str, Any], quadrant: Quadrant) -> bool:
    """Whether a test of a quadrant, with these parameters, runs in each cell."""
    if is_core(test, parameters, quadrant):
        return True
    if parameters.get("kind") == IN_PROCESS:
        return False
    if quadrant.redirects and not quadrant.patched and "workload" not in parameters:
        return str(parameters.get("behaviour")) in OF_EACH_METHOD
    return not any(needs.MACHINES in getattr(each, "needs", ()) for each in parameters.values())
