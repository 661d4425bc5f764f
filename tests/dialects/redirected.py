"""What each dialect redirects of the contract, as docs/stores.md says it."""

from __future__ import annotations

from botocore_redirect.testing.dialects import DIALECTS
from matrix.contract.all_behaviours import ONLINE
from matrix.contract.behaviour import Behaviour, Store

#: Clients of other services than S3 would need an endpoint of their own.
BEHAVIOURS = [behaviour for behaviour in ONLINE if not behaviour.uses_other_services]
CASES = [(name, behaviour) for name in DIALECTS for behaviour in BEHAVIOURS]

#: These stores redirect what stores objects, so that a client which does not follow stores nothing.
REDIRECTING_WRITES = ("aistore", "aistore-signed", "ecs", "s3proxy")

_OF_AN_EXISTING_OBJECT = {
    "get_object",
    "get_object_twice",
    "get_a_range",
    "get_object_that_is_not_there",
    "download_fileobj_small",
    "download_fileobj_in_three_ranges",
    "run_store_in_development_and_production",
    "dataset_read_by_threads_until_it_changes",
}
_GET = {*_OF_AN_EXISTING_OBJECT, "put_and_get_a_key_of_many_characters", "resource"}
_GET_AND_HEAD = {
    *_GET,
    "head_object",
    "waiter",
    "put_object_from_a_file_that_is_not_at_its_start",
    "put_object_with_metadata",
}
_GET_HEAD_AND_PUT = {*_GET_AND_HEAD, "put_object", "upload_fileobj_small"}
_OBJECTS = {
    *_GET_HEAD_AND_PUT,
    "delete_object",
    "copy_object",
    "tagging",
    "multipart_upload",
    "multipart_abort",
    "upload_fileobj_in_three_parts",
    "dataset_written_in_parts",
}
_BUCKETS = {
    "create_bucket",
    "delete_bucket",
    "delete_objects",
    "list_objects",
    "list_objects_v2",
    "paginator",
    "select_object_content",
}
_REDIRECTED = {
    "aistore": _OBJECTS,
    "aistore-signed": _OBJECTS,
    "ceph-rgw": {
        *_OF_AN_EXISTING_OBJECT,
        "head_object",
        "waiter",
        "copy_object",
        "tagging",
        "select_object_content",
    },
    "huggingface": _GET,
    "lakefs": _GET,
    "alluxio": _GET,
    "ecs": (_OBJECTS | _BUCKETS) - {"head_object", "waiter"},
    "s3proxy": _GET_HEAD_AND_PUT,
    "seaweedfs": _GET_AND_HEAD,
}


def is_redirected(dialect: str, behaviour: Behaviour) -> bool:
    """Whether the dialect redirects a request of this behaviour."""
    return behaviour.name in _REDIRECTED[dialect]


def stored_by(dialect: str, behaviour: Behaviour) -> Store:
    """Return what the store holds after a behaviour that was done."""
    if (dialect, behaviour.name) == ("ceph-rgw", "delete_object"):
        return behaviour.before  # the zone says that it deleted what only the other zone has
    return behaviour.stored
