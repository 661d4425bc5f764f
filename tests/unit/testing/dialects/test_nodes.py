"""Stores whose nodes name each other: Alluxio, ECS, SeaweedFS."""

from __future__ import annotations

import pytest

from unit.testing.dialects.exchanges import (
    TARGET,
    location_of,
    refusal,
    request,
    response_to,
    rules_of,
)


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/bkt/a%20b", "/bkt/a%20b?redirect"),
        ("/bkt/key?versionId=3", "/bkt/key?versionId=3&redirect"),
    ],
)
def test_alluxio_redirects_reads_with_a_mark(target: str, location: str) -> None:
    rules = rules_of("alluxio")
    assert location_of(rules, request("GET", target)) == TARGET + location
    for method, other in (("PUT", target), ("HEAD", target), ("GET", "/bkt")):
        assert rules.answer(request(method, other)) is None


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/bkt/key"), ("PUT", "/bkt"), ("GET", "/bkt?list-type=2")]
)
def test_ecs_names_the_node_in_the_body_alone(method: str, target: str) -> None:
    received = request(method, target)
    response = response_to(rules_of("ecs").answer(received), received)
    assert (response.status, response.header("Location")) == (307, None)
    node = TARGET.rpartition("/")[2]
    assert f"<Bucket>bkt</Bucket><Endpoint>{node}</Endpoint>" in response.body.decode()


@pytest.mark.parametrize(("method", "target"), [("HEAD", "/bkt/key"), ("GET", "/")])
def test_ecs_answers_what_has_no_bucket_or_no_body(method: str, target: str) -> None:
    assert rules_of("ecs").answer(request(method, target)) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_seaweedfs_names_a_file_of_a_volume(method: str) -> None:
    rules = rules_of("seaweedfs")
    location = location_of(rules, request(method, "/bkt/a%20b?x-id=GetObject"))
    path = location[len(TARGET) :]
    assert path.startswith("/3,")
    for encoded in (path, path.replace(",", "%2C")):
        assert rules.check(request(method, encoded)) is None
        assert rules.upstream(encoded) == "/bkt/a%20b"


def test_a_volume_of_seaweedfs_has_nothing_else() -> None:
    rules = rules_of("seaweedfs")
    assert refusal(rules, request("GET", "/bkt/key"))[0] == 404
    assert rules.upstream("/bkt/key?tagging") == "/bkt/key?tagging"
    assert rules.answer(request("PUT", "/bkt/key")) is None
