"""Gateways that send clients to presigned URLs."""

from __future__ import annotations

import pytest

from unit.testing.dialects.exchanges import follow, location_of, refusal, request, rules_of

BOTO3 = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux"


@pytest.mark.parametrize(
    ("name", "user_agent", "is_redirected"),
    [
        ("huggingface", BOTO3, False),
        ("huggingface", "aws-cli/2.9.19 Python/3.11.2", False),
        ("huggingface", "aws-sdk-rust/1.3.3 os/linux", False),
        ("huggingface", "rclone/v1.75.2", True),
        ("lakefs", BOTO3, False),
        ("lakefs", f"{BOTO3} s3RedirectionSupport", True),
    ],
)
def test_the_user_agent_decides(name: str, user_agent: str, is_redirected: bool) -> None:
    received = request("GET", "/my-org/bkt/key", {"User-Agent": user_agent})
    assert (rules_of(name).answer(received) is not None) == is_redirected


HIDDEN = pytest.mark.parametrize(
    ("name", "user_agent", "path", "behind"),
    [
        ("huggingface", "rclone", "/my-org/bkt/a%20b", "/bkt/a%20b"),
        ("lakefs", "s3RedirectionSupport", "/bkt/a%20b", "/bkt/a%20b"),
    ],
)


@HIDDEN
def test_the_url_does_not_name_the_object_and_the_target_serves_it(
    name: str, user_agent: str, path: str, behind: str
) -> None:
    rules = rules_of(name)
    received = request("GET", path, {"User-Agent": user_agent})
    followed = follow(rules, received)
    assert "bkt" not in followed.target
    assert rules.check(followed) is None
    assert rules.upstream(followed.target) == behind
    assert followed.path == follow(rules, received).path
    assert rules.upstream(path) == behind  # what the gateway itself relays


@HIDDEN
def test_only_the_content_of_an_object_is_redirected(
    name: str, user_agent: str, path: str, behind: str
) -> None:
    rules = rules_of(name)
    bucket = path.rpartition("/")[0]
    others = [("PUT", path), ("HEAD", path), ("GET", f"{path}?tagging"), ("GET", bucket)]
    for method, target in others:
        assert rules.answer(request(method, target, {"User-Agent": user_agent})) is None, behind


@pytest.mark.parametrize("name", ["huggingface", "lakefs", "s3proxy"])
def test_a_target_refuses_what_was_not_presigned(name: str) -> None:
    assert refusal(rules_of(name), request("GET", "/bkt/key"))[0] == 403


def test_s3proxy_redirects_whole_objects_and_signs_what_describes_them() -> None:
    rules = rules_of("s3proxy")
    described = {"x-amz-meta-by": "kit", "x-amz-checksum-crc32": "AAAAAA=="}
    own = {"x-amz-date": "20200101T000000Z", "Authorization": "AWS4"}
    put = request("PUT", "/bkt/key", {**described, **own})
    assert "SignedHeaders=host%3Bx-amz-checksum-crc32%3Bx-amz-meta-by" in location_of(rules, put)
    target = follow(rules, request("PUT", "/bkt/key", described))
    assert rules.check(target) is None
    assert rules.upstream(target.target) == "/bkt/key?"
    for method, path in (("PUT", "/bkt/key?tagging"), ("GET", "/bkt"), ("POST", "/bkt/key")):
        assert rules.answer(request(method, path)) is None


def test_s3proxy_keeps_the_query_of_a_read() -> None:
    rules = rules_of("s3proxy")
    followed = follow(rules, request("GET", "/bkt/key?versionId=3", {"x-amz-meta-by": "kit"}))
    assert "SignedHeaders=host&" in followed.target
    assert rules.upstream(followed.target) == "/bkt/key?versionId=3"
    assert rules.upstream("/bkt/key?tagging") == "/bkt/key?tagging"
