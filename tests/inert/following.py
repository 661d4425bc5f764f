"""Check that redirects were followed, where a patch has to follow them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from email.parser import Parser

from botocore_redirect.testing.sandbox.environment import FAKES
from botocore_redirect.testing.server.exchange import Received
from inert.calls.answers import AFTER_EARLY, AGAIN, OK, RETRIED
from inert.calls.clock import MOMENT
from inert.calls.endpoint import HOST, NODE
from inert.outcome import Outcome, diff
from wire.signatures import sigv4

# Headers that differ between the hops of a call.
_OF_A_HOP = ("host", "authorization", "amz-sdk-request")

# Operations of S3 that are signed for another service.
_SERVICE = re.compile("/(s3express|s3-object-lambda)/aws4_request")


class FollowedCalls:
    """The redirected calls of one service, in the order in which they were made."""

    def __init__(self) -> None:
        self._kept: dict[str, set[str]] = {}  # the hosts to which each client has a connection

    def difference(self, answer: str, outcomes: Mapping[str, Outcome]) -> str:
        """Say what is wrong with a redirected call; nothing if it was followed.

        Its outcome is compared with that of the direct call in the same process.
        """
        redirected = outcomes[answer]
        retries = answer.partition(f"{AGAIN}, ")[2]
        expected = self._connections(retries, [*map(_host, redirected.requests)])
        direct = outcomes[f"{RETRIED}, {retries}" if retries else OK]
        if how := _difference(direct, redirected):
            return how
        if redirected.connections != expected:
            return diff(f"On connections {expected}", f"On connections {redirected.connections}")
        return next(filter(None, map(_wrongly_signed, redirected.requests)), "")

    def _connections(self, client: str, hosts: list[str]) -> tuple[int, ...]:
        """Number the connections of a call: a client has one to each host."""
        kept = self._kept.setdefault(client, set())
        numbers = dict.fromkeys(kept, 0)
        for host in hosts:
            numbers.setdefault(host, len(numbers) - len(kept) + 1)
        kept.update(hosts)
        return tuple(numbers[host] for host in hosts)


def difference_after_early_answer(outcomes: Mapping[str, Outcome]) -> str:
    """Say what is wrong with the call after one that was answered instead of `100 Continue`.

    A patch that follows closes that connection, which stock botocore would use again. So the call
    is compared with the same call on a new connection.
    """
    return diff(str(replace(outcomes[OK], connections=(1,))), str(outcomes[AFTER_EARLY]))


def _difference(direct: Outcome, redirected: Outcome) -> str:
    if not direct.requests:  # a call that is not sent is not redirected
        return diff(str(direct), str(redirected))
    first, attempts = redirected.requests[:1], len(direct.requests)
    hops = len(redirected.requests) - attempts
    if hops != attempts:
        return f"{hops} redirects were followed, not {attempts}\n{redirected.result}"
    if first != direct.requests[:1]:
        return diff(direct.requests[0], *first)
    for each in redirected.requests[1:]:
        if how := diff(_sent(*first), _sent(each)):
            return how
    went = [_host(each).endswith(NODE) for each in redirected.requests]
    if went != [False, True] * attempts:
        return "A redirect was followed to the gateway, not to its target."
    if how := diff("\n".join(direct.notes), "\n".join(redirected.notes)):
        return how
    return diff(direct.result, _without_redirects(redirected.result))


def _wrongly_signed(request: str) -> str:
    """Say why S3 would refuse the signature of a request; nothing if it is right."""
    head, _, body = request.partition("\n\n")
    line, _, fields = head.partition("\n")
    method, target, _ = line.split(" ")
    headers = Parser().parsestr(fields)
    received = Received(method, target, headers, body=body.encode("latin-1"))
    secret, key_id = FAKES["AWS_SECRET_ACCESS_KEY"], FAKES["AWS_ACCESS_KEY_ID"]
    named = _SERVICE.search(headers.get("Authorization", ""))
    service = named[1] if named else "s3"
    why = sigv4.mismatch(received, secret, key_id, service=service, now=MOMENT)
    return f"A signature for {_host(request)} is wrong: {why}." if why else ""


def _host(request: str) -> str:
    return request.partition("\n\n")[0].partition("\nHost: ")[2].partition("\n")[0]


def _sent(request: str) -> str:
    """Return what must be the same in each hop of a call."""
    head, _, body = request.partition("\n\n")
    lines = [line for line in head.split("\n") if line.partition(":")[0].lower() not in _OF_A_HOP]
    return "\n".join([*lines, "", body]).replace(NODE, HOST)


def _without_redirects(result: str) -> str:
    kind, _, written = result.partition(" ")
    if kind != "returned":
        return result
    returned = json.loads(written)
    returned["ResponseMetadata"].pop("Redirects", None)
    return f"{kind} {json.dumps(returned, sort_keys=True, indent=1)}"
