from __future__ import annotations

import pytest

from botocore_redirect.rules.addressing import Addressed

PATH_STYLE = ("http://gw:8080", "http://gw:8080/bkt/dir/key?uploads")
VIRTUAL_HOST = ("http://gw:8080", "http://bkt.gw:8080/dir/key?uploads")
BELOW_A_PREFIX = ("http://gw:8080/s3/", "http://gw:8080/s3/bkt/dir/key")


@pytest.mark.parametrize("call", [PATH_STYLE, VIRTUAL_HOST, BELOW_A_PREFIX])
@pytest.mark.parametrize(
    ("target", "held"),
    [
        ("http://bkt.node/dir/key", "bkt"),
        ("http://bkt.node:9/s3/dir/key?uploads", "bkt"),
        ("http://node/bkt/dir/key", None),
        ("http://node/s3/bkt/dir/key", None),
        ("http://bkt.node/bkt/dir/key", None),
        ("http://bkt/dir/key", None),
        ("http://bktnode/dir/key", None),
    ],
)
def test_the_bucket_is_in_the_host_of_a_target_or_in_its_path(
    call: tuple[str, str], target: str, held: str | None
) -> None:
    assert Addressed.by("bkt", *call).bucket_in_host(target) == held


def test_a_key_that_begins_like_its_bucket_is_not_taken_for_it() -> None:
    addressed = Addressed.by("bkt", "http://gw", "http://gw/bkt/bkt/key")
    assert addressed.bucket_in_host("http://bkt.node/bkt/key") == "bkt"


def test_a_bucket_alone_may_be_in_the_host() -> None:
    addressed = Addressed.by("bkt", "http://gw", "http://gw/bkt?list-type=2")
    assert addressed.bucket_in_host("http://bkt.node/?list-type=2") == "bkt"
    assert addressed.bucket_in_host("http://bkt.node/bkt?list-type=2") is None


def test_a_call_without_a_bucket_has_it_nowhere() -> None:
    assert Addressed.by(None, "http://gw", "http://gw/").bucket_in_host("http://bkt.node/") is None
