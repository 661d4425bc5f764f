"""AWS is left alone: with the patch, its redirects end as they do without, to the byte."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from wire.regions import aws_stage

if TYPE_CHECKING:
    Played = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def played() -> tuple[Played, Played]:
    """Play the scenes in a process without the patch, and here with it."""
    stock = subprocess.Popen(
        [sys.executable, aws_stage.__file__], stdout=subprocess.PIPE, encoding="utf-8"
    )
    with stock, botocore_redirect.install():
        patched = json.loads(json.dumps(aws_stage.play_all()))
        output, _ = stock.communicate(timeout=120)
    assert stock.returncode == 0
    return json.loads(output), patched


@pytest.mark.parametrize(
    ("group", "at_least"),
    [
        ("S3", 100),
        ("S3 under its other addresses", 40),
        ("other services", 80),
        pytest.param(
            *("a proxy in front of AWS", 6),
            marks=pytest.mark.skipif(
                aws_stage.VERSION < (1, 28),
                reason="botocore before 1.28 leaves the proxy for AWS, and takes the bucket there",
            ),
        ),
    ],
)
def test_requests_and_results_are_those_of_stock_botocore(
    played: tuple[Played, Played], group: str, at_least: int
) -> None:
    stock, patched = (each[group] for each in played)
    assert list(patched) == list(stock)
    assert len(stock) >= at_least
    differing = [name for name in stock if patched[name] != stock[name]]
    assert [(name, stock[name], patched[name]) for name in differing[:1]] == []
    assert differing == []


@pytest.mark.parametrize("method", ["get_object", "put_object"])
@pytest.mark.parametrize("answer", ["301 with a region", "307 to AWS with a region"])
def test_botocore_stays_at_the_proxy_or_the_call_ends(
    played: tuple[Played, Played], answer: str, method: str
) -> None:
    scene = played[1]["a proxy in front of AWS"][f"{answer}, {method}"]
    asked = [(request[1], request[2]) for request in scene["requests"]]
    scope = "{}/s3/aws4_request"
    first, url = asked[0], "https://s3.proxy.example/bkt/key"
    assert first == (url, scope.format("us-east-1"))
    if aws_stage.VERSION >= (1, 28):
        assert asked[1:] == [(url, scope.format("eu-west-1"))]
        assert scene["outcome"][0] == "returned"
    else:
        assert asked[1:] == []
        assert scene["outcome"][:2] == ["raised", "InvalidLocation"]


@pytest.mark.parametrize("scene", ["301 with a region", "400 with a Region"])
def test_the_scenes_are_those_in_which_stock_botocore_goes_to_the_right_region(
    played: tuple[Played, Played], scene: str
) -> None:
    scenes = played[1]["S3"][f"{scene}, get_object"]
    assert [request[1:3] for request in scenes["requests"]] == [
        ["https://bkt.s3.amazonaws.com/key", "us-east-1/s3/aws4_request"],
        ["https://bkt.s3.eu-west-1.amazonaws.com/key", "eu-west-1/s3/aws4_request"],
    ]
    assert scenes["outcome"][0] == "returned"
