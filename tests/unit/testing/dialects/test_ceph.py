"""Ceph RGW: a zone redirects for what it does not have."""

from __future__ import annotations

import pytest

from botocore_redirect.testing import Response
from botocore_redirect.testing.dialects import Rules
from unit.testing.dialects.exchanges import TARGET, location_of, request, response_to, rules_of

COPY = {"x-amz-copy-source": "bkt/key"}


@pytest.fixture
def rules() -> Rules:
    return rules_of("ceph-rgw")


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/bkt/na%C3%AFve%3B", {}),
        ("HEAD", "/bkt/key", {}),
        ("GET", "/bkt/key?tagging", {}),
        ("PUT", "/bkt/key?tagging", {}),
        ("DELETE", "/bkt/key?tagging", {}),
        ("POST", "/bkt/key?select&select-type=2", {}),
        ("PUT", "/bkt/copy", COPY),
    ],
)
def test_what_needs_a_missing_object_goes_to_the_other_zone(
    rules: Rules, method: str, target: str, headers: dict[str, str]
) -> None:
    received = request(method, target, headers)
    response = response_to(rules.answer(received), received)
    assert (response.status, response.body) == (301, b"")
    path, _, query = target.partition("?")
    assert location_of(rules, received) == f"{TARGET}{path}?{query}"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/bkt?list-type=2"),
        ("HEAD", "/bkt"),
        ("PUT", "/bkt/key"),
        ("POST", "/bkt/key?uploads"),
        ("PUT", "/bkt/key?uploadId=u&partNumber=1"),
        ("DELETE", "/bkt/key?uploadId=u"),
    ],
)
def test_buckets_uploads_and_new_objects_are_of_the_zone_itself(
    rules: Rules, method: str, target: str
) -> None:
    assert rules.answer(request(method, target)) is None


@pytest.mark.parametrize("written_by", [("PUT", "/bkt/key"), ("POST", "/bkt/key?uploadId=u")])
def test_what_was_written_here_is_read_here_until_it_is_deleted(
    rules: Rules, written_by: tuple[str, str]
) -> None:
    assert rules.answer(request(*written_by)) is None
    assert rules.answer(request("GET", "/bkt/%6Bey")) is None
    assert rules.answer(request("DELETE", "/bkt/key?tagging")) is None
    assert rules.answer(request("PUT", "/bkt/copy", COPY)) is None
    assert rules.answer(request("GET", "/bkt/copy")) is None
    assert rules.answer(request("DELETE", "/bkt/key")) is None
    assert rules.answer(request("GET", "/bkt/key")) is not None


def test_deleting_what_only_the_other_zone_has_deletes_nothing_and_says_that_it_did(
    rules: Rules,
) -> None:
    assert rules.answer(request("DELETE", "/bkt/key")) == Response(204)
