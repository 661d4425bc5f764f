"""Redirects of AWS itself end exactly as without the patch."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import botocore_redirect
from wire.aiobotocore_differences import hook_answers
from wire.regions import aws_calls

if TYPE_CHECKING:
    Recorded = dict[str, dict[str, Any]]

pytestmark = hook_answers


@pytest.fixture(scope="module")
def recorded() -> tuple[Recorded, Recorded]:
    """Play the records in a process without the patch, and here with it."""
    stock = subprocess.Popen(
        [sys.executable, aws_calls.__file__], stdout=subprocess.PIPE, encoding="utf-8"
    )
    with stock, botocore_redirect.install():
        patched = json.loads(json.dumps(aws_calls.record_all()))
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
                aws_calls.VERSION < (1, 28),
                reason="botocore before 1.28 leaves the proxy for AWS, and takes the bucket there",
            ),
        ),
    ],
)
def test_requests_and_results_are_those_of_stock_botocore(
    recorded: tuple[Recorded, Recorded], group: str, at_least: int
) -> None:
    stock, patched = (each[group] for each in recorded)
    assert list(patched) == list(stock)
    assert len(stock) >= at_least
    differing = [name for name in stock if patched[name] != stock[name]]
    assert [(name, stock[name], patched[name]) for name in differing[:1]] == []
    assert differing == []


@pytest.mark.parametrize("method", ["get_object", "put_object"])
@pytest.mark.parametrize("answer", ["301 with a region", "307 to AWS with a region"])
def test_botocore_stays_at_the_proxy_or_the_call_ends(
    recorded: tuple[Recorded, Recorded], answer: str, method: str
) -> None:
    record = recorded[1]["a proxy in front of AWS"][f"{answer}, {method}"]
    asked = [(request[1], request[2]) for request in record["requests"]]
    scope = "{}/s3/aws4_request"
    first, url = asked[0], "https://s3.proxy.example/bkt/key"
    assert first == (url, scope.format("us-east-1"))
    if aws_calls.VERSION >= (1, 28):
        assert asked[1:] == [(url, scope.format("eu-west-1"))]
        assert record["outcome"][0] == "returned"
    else:
        assert asked[1:] == []
        assert record["outcome"][:2] == ["raised", "InvalidLocation"]


@pytest.mark.parametrize("record", ["301 with a region", "400 with a Region"])
def test_stock_botocore_goes_to_the_right_region(
    recorded: tuple[Recorded, Recorded], record: str
) -> None:
    records = recorded[1]["S3"][f"{record}, get_object"]
    assert [request[1:3] for request in records["requests"]] == [
        ["https://bkt.s3.amazonaws.com/key", "us-east-1/s3/aws4_request"],
        ["https://bkt.s3.eu-west-1.amazonaws.com/key", "eu-west-1/s3/aws4_request"],
    ]
    assert records["outcome"][0] == "returned"
