"""See that a redirect was followed as it should be, where it should be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from email.parser import Parser

from botocore_redirect.testing.sandbox.environment import FAKES
from botocore_redirect.testing.server.exchange import Received
from inert.answers import AFTER_EARLY, AGAIN, OK, RETRIED
from inert.clock import MOMENT
from inert.diff import diff
from inert.endpoint import HOST, NODE
from inert.outcome import Outcome
from wire.signatures import sigv4

# Where it goes, for whom it is signed, and its number.
_OF_A_HOP = ("host", "authorization", "amz-sdk-request")

# Operations of S3 that are signed for another service.
_SERVICE = re.compile("/(s3express|s3-object-lambda)/aws4_request")


class Following:
    """Sees to the redirects of one service, call by call in the order in which they were made."""

    def __init__(self) -> None:
        self._kept: dict[str, set[str]] = {}  # the hosts that each client has a connection to

    def unlike(self, answer: str, came: Mapping[str, Outcome]) -> str:
        """Say what is wrong with a redirect that had to be followed; nothing if it was.

        What came of a call that was redirected is compared with what comes of it, in the same
        process, where the answers are given at once.
        """
        redirected = came[answer]
        retries = answer.partition(f"{AGAIN}, ")[2]
        expected = self._connections(retries, [*map(_host, redirected.requests)])
        if how := _unlike(came[f"{RETRIED}, {retries}" if retries else OK], redirected):
            return how
        if redirected.connections != expected:
            return diff(f"On connections {expected}", f"On connections {redirected.connections}")
        return next(filter(None, map(_wrongly_signed, redirected.requests)), "")

    def _connections(self, client: str, hosts: list[str]) -> tuple[int, ...]:
        """Number the connections of a call, each host of a client having one."""
        kept = self._kept.setdefault(client, set())
        numbers = dict.fromkeys(kept, 0)
        for host in hosts:
            numbers.setdefault(host, len(numbers) - len(kept) + 1)
        kept.update(hosts)
        return tuple(numbers[host] for host in hosts)


def unlike_anew(came: Mapping[str, Outcome]) -> str:
    """Say what is wrong with the call after one that was answered instead of `100 Continue`.

    A patch that follows closes that connection, where stock botocore would use it again. It is
    compared with the same call on a new connection.
    """
    return diff(str(replace(came[OK], connections=(1,))), str(came[AFTER_EARLY]))


def _unlike(direct: Outcome, redirected: Outcome) -> str:
    if not direct.requests:  # what cannot be sent cannot be redirected
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
        return "What followed went to the gateway, not to where its redirect points."
    if how := diff("\n".join(direct.notes), "\n".join(redirected.notes)):
        return how
    return diff(direct.result, _without_redirects(redirected.result))


def _wrongly_signed(request: str) -> str:
    """Say what S3 would find wrong with the signature of a request; nothing if it is right."""
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
    """Leave of a request what must be the same wherever it goes."""
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
