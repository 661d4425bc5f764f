"""The drawing of requests and answers."""

from __future__ import annotations

from botocore_redirect.commands.sequence import Exchange, draw

PUT = Exchange("gateway", "PUT", "/bkt/key", 0, 307)


def test_a_redirect_is_drawn_to_the_gateway_and_then_to_the_target() -> None:
    assert list(draw([PUT, PUT._replace(to="target", body_bytes=1048576, status=200)])) == [
        " client                                 gateway                             target",
        "   |--- PUT /bkt/key, 0 bytes ----------->|                                   |",
        "   |<-- 307 Temporary Redirect -----------|                                   |",
        "   |--- PUT /bkt/key, 1048576 bytes ----------------------------------------->|",
        "   |<-- 200 OK ---------------------------------------------------------------|",
    ]


def test_the_same_exchange_again_and_again_is_counted() -> None:
    assert list(draw([PUT] * 26))[3:] == [
        "   | ... and the same 25 times more       |                                   |"
    ]


def test_an_exchange_that_comes_twice_comes_once_more() -> None:
    (line,) = list(draw([PUT] * 2))[3:]
    assert "... and the same once more " in line


def test_a_label_that_is_too_long_is_cut_and_an_unknown_status_has_no_reason() -> None:
    request, answer = list(draw([PUT._replace(path=f"/{'k' * 50}", status=299)]))[1:]
    assert "...-->|" in request.replace(" ", "")
    assert len(request) == len(answer)
    assert "|<-- 299 ---" in answer
