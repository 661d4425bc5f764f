"""AIStore's redirects, byte for byte, and what its targets refuse."""

from __future__ import annotations

import re

import pytest

from botocore_redirect.testing.dialects.aistore import base36
from unit.testing.dialects.exchanges import (
    TARGET,
    follow,
    location_of,
    refusal,
    request,
    response_to,
    rules_of,
)

_PID, _UTM = "pid=p%5Bkit51080%5D", "utm=NOW"


def _location(method: str, target: str) -> str:
    return re.sub(
        "utm=[0-9a-z]{11,13}", _UTM, location_of(rules_of("aistore"), request(method, target))
    )


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/s3/bkt/key", f"/s3/bkt/key?{_PID}&{_UTM}"),
        ("/s3/bkt/key?tagging", f"/s3/bkt/key?tagging&{_PID}&{_UTM}"),
        # The path is sent decoded,
        ("/s3/bkt/semi%3Bcolon%22x%22", f'/s3/bkt/semi;colon"x"?{_PID}&{_UTM}'),
        ("/s3/bkt/na%C3%AFve", f"/s3/bkt/na\xc3\xafve?{_PID}&{_UTM}"),
        ("/s3/bkt/a%0D%0Ab", f"/s3/bkt/a  b?{_PID}&{_UTM}"),
        # unless it holds one of `% # +` or a space: then the query is sorted and encoded anew.
        ("/s3/bkt/a%20b%3Bc%27d", f"/s3/bkt/a%20b;c%27d?{_PID}&{_UTM}"),
        ("/s3/bkt/50%25+?uploads", f"/s3/bkt/50%25+?{_PID}&uploads=&{_UTM}"),
        (
            "/s3/bkt/a%23b?uploadId=u%2Fv&partNumber=1",
            f"/s3/bkt/a%23b?partNumber=1&{_PID}&uploadId=u%2Fv&{_UTM}",
        ),
        # What follows a question mark is taken for a query: this is another object.
        ("/s3/bkt/what%3Fx%3D1", f"/s3/bkt/what?x=1&{_PID}&{_UTM}"),
        ("/s3/bkt/what%3Fx%3D1?b=2", f"/s3/bkt/what?b=2&x=1&{_PID}&{_UTM}"),
    ],
)
def test_the_location_is_that_of_aistore(target: str, location: str) -> None:
    assert _location("PUT", target) == TARGET + location


def test_the_body_holds_the_location_as_xml() -> None:
    received = request("GET", "/s3/bkt/key")
    response = response_to(rules_of("aistore").answer(received), received)
    location = response.header("Location") or ""
    assert (response.status, response.header("Server")) == (307, "AIStore")
    escaped = location.replace("&", "&amp;")
    assert f"<Endpoint>{escaped}</Endpoint><Bucket>bkt</Bucket>" in response.body.decode()


def test_the_connection_is_closed_where_a_client_waits_to_send_a_body() -> None:
    rules = rules_of("aistore")
    for headers, connection in (({}, None), ({"Expect": "100-continue"}, "close")):
        received = request("PUT", "/s3/bkt/key", headers)
        assert response_to(rules.answer(received), received).header("Connection") == connection


@pytest.mark.parametrize(
    ("method", "target", "is_redirected"),
    [
        ("GET", "/s3", False),
        ("GET", "/s3/bkt?list-type=2", False),
        ("PUT", "/s3/bkt", False),
        ("HEAD", "/s3/bkt", False),
        ("POST", "/s3/bkt?delete", False),
        ("POST", "/s3/bkt/key?select&select-type=2", False),
        ("GET", "/s3/bkt?uploads", True),
        ("HEAD", "/s3/bkt/key", True),
        ("DELETE", "/s3/bkt/key", True),
        ("POST", "/s3/bkt/key?uploads", True),
        ("POST", "/s3/bkt/key?uploadId=u", True),
    ],
)
def test_requests_for_objects_are_redirected(method: str, target: str, is_redirected: bool) -> None:
    assert (rules_of("aistore").answer(request(method, target)) is not None) == is_redirected


def test_several_targets_have_objects_of_their_own_and_the_gateway_lists_uploads() -> None:
    rules = rules_of("aistore", ("http://a", "http://b", "http://c"))
    keys = [f"/s3/bkt/{number}" for number in range(30)]
    owners = {key: location_of(rules, request("GET", key))[:8] for key in keys}
    assert {*owners.values()} == {"http://a", "http://b", "http://c"}
    for key, owner in owners.items():
        headers = {"x-amz-copy-source": key[4:]}
        assert location_of(rules, request("PUT", "/s3/bkt/copy", headers))[:8] == owner
    assert rules.answer(request("GET", "/s3/bkt?uploads")) is None


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_target_takes_no_write_that_was_not_redirected(method: str) -> None:
    rules = rules_of("aistore")
    received = request(method, "/s3/bkt/key?uploads")
    status, text = refusal(rules, received)
    assert (status, "expected to be redirected" in text) == (400, True)
    assert rules.check(follow(rules, received)) is None


def test_a_target_is_read_directly() -> None:
    assert rules_of("aistore").check(request("GET", "/s3/bkt/key")) is None


def test_the_store_behind_is_asked_without_the_path_of_the_endpoint() -> None:
    assert rules_of("aistore").upstream("/s3/bkt/key?pid=1") == "/bkt/key?pid=1"


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (35, "z"), (36, "10"), (7 * 36 + 11, "7b")])
def test_numbers_are_written_in_base_36(number: int, text: str) -> None:
    assert base36(number) == text
