"""Answers of gateways, and what becomes of them by a policy."""

from __future__ import annotations

from typing import Any

from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.call import Call
from botocore_redirect.rules.decision import decide
from botocore_redirect.rules.hop import Answer, Chain, Follow, Hop, Refusal

PUBLIC = "https://s3.store.com"
PRIVATE = "http://10.0.0.1:8080"
SIBLING = "https://node1.store.com/bkt/key"
STRANGER = "https://cdn.net/bkt/key"
SIGNED_URL = "https://cdn.net/bkt/key?X-Amz-Signature=secret"


def answer(
    location: str | None,
    gateway: str = PUBLIC,
    method: str = "GET",
    asked: str | None = None,
    bucket: str | None = "bkt",
    **facts: Any,
) -> Answer:
    asked = asked or f"{gateway}/bkt/key"
    facts.setdefault("status", 307)
    facts.setdefault("chain", Chain((asked,)))
    locations = () if location is None else (location,)
    call = Call(method, asked, gateway, bucket)
    facts.setdefault("sent_url", facts["chain"].visited[-1])
    return Answer(call=call, locations=locations, **facts)


def refusal(*args: Any, policy: RedirectPolicy | None = None, **facts: Any) -> Refusal:
    decision = decide(answer(*args, **facts), policy or RedirectPolicy())
    assert isinstance(decision, Refusal)
    return decision


def followed(*args: Any, policy: RedirectPolicy | None = None, **facts: Any) -> Follow:
    decision = decide(answer(*args, **facts), policy or RedirectPolicy())
    assert isinstance(decision, Follow)
    return decision


def after(*urls: str, anonymous: bool = False) -> Chain:
    hops = tuple(Hop(307, "GET", a, b, "signed") for a, b in zip(urls, urls[1:]))
    return Chain(urls, hops, anonymous)
