"""What travels: requests, bytes and connections, counted by servers on real sockets.

As a program it is the client: it makes one kind of call in this process, and prints as JSON what
came of it.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from contextlib import ExitStack
from itertools import cycle
from typing import Any

from bench.subjects import MODULES, OURS, PEER, STOCK, ask
from bench.table import Claim, Table, Value
from botocore_redirect.testing import Gateway, Received, Redirect

_BODY_SIZE = 8 * 2**20
_BOUND = 5.0
_CALLS, _TARGETS = 48, 12
_ATTEMPTS = 3
_NOWHERE = "http://127.0.0.1:9"  # a server that answers itself relays nothing


def _answers(*statuses: int) -> Gateway:
    """Make a server that reads requests whole and gives these answers, the last one for ever."""
    left = list(statuses)

    def rule(_: Received) -> Redirect:
        return Redirect(left.pop(0) if len(left) > 1 else left[0], location=None)

    return Gateway(_NOWHERE, rule=rule, expect="late")


def _run(subject: str, operation: str, url: str, seconds: float = 120) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ask("-m", "bench.wire", subject, operation, url, seconds=seconds)
    except subprocess.TimeoutExpired:
        return {"outcome": f"no end: killed after {seconds:g} s", "retries": None}
    return answer


def requests(subjects: list[str]) -> Table:
    """Count what one redirected call puts on the wire."""
    rows: list[tuple[Value, ...]] = []
    claims = []
    for operation in ("get", "put"):
        for subject in subjects:
            with ExitStack() as servers:
                target = servers.enter_context(_answers(200))
                gateway = servers.enter_context(
                    Gateway(_NOWHERE, target=target.url, rule=Redirect())
                )
                outcome = _run(subject, operation, gateway.url)["outcome"]
            counts = [len(gateway.received), len(target.received)]
            sent = [
                sum(each.body_bytes for each in server.received) for server in (gateway, target)
            ]
            rows.append((f"{operation}, {subject}", outcome, *counts, *sent))
            if subject == OURS:
                # A call that failed early would need fewer requests still.
                total, ok = sum(counts), outcome == "200"
                what = f"for one redirected {operation}"
                claims.append(Claim(what, total, 2, "requests", ok and total == 2))  # noqa: PLR2004  # the gateway and the target
                if operation == "put":
                    whole = ok and sent == [0, _BODY_SIZE]
                    claims.append(
                        Claim("of an 8 MiB put, to the gateway", sent[0], 0, "bytes", whole)
                    )
    return Table(
        "One redirected call: requests and body bytes (put: 8 MiB)",
        ("what", "ends in", "gateway", "target", "bytes at gateway", "bytes at target"),
        rows,
        claims=claims,
    )


def loop(subjects: list[str]) -> Table:
    """Let a gateway redirect to itself, and see when a client has had enough."""
    rows: list[tuple[Value, ...]] = []
    for subject in subjects:
        with Gateway(_NOWHERE, rule=Redirect()) as gateway:
            gateway.target = gateway.url
            outcome = _run(subject, "get", gateway.url, _BOUND)["outcome"]
            # Before the server closes: what it then cuts off is not the client's.
            count = len(gateway.received)
        rows.append((subject, outcome, count))
    note = f"A client gets {_BOUND:g} s, its start included."
    return Table("A redirect loop", ("what", "ends in", "requests"), rows, note)


def budget(subjects: list[str]) -> Table:
    """See whether a redirect uses up attempts that are meant for a store in trouble."""
    rows: list[tuple[Value, ...]] = []
    for subject in subjects:
        with ExitStack() as servers:
            target = servers.enter_context(_answers(503, 503, 200))
            gateway = servers.enter_context(Gateway(_NOWHERE, target=target.url, rule=Redirect()))
            direct = subject == STOCK
            seen = _run(subject, "retry", target.url if direct else gateway.url)
            counts = (len(gateway.received), len(target.received))
        name = f"{subject}, without a redirect" if direct else f"{subject}, through a gateway"
        rows.append((name, seen["outcome"], seen["retries"], *counts))
    return Table(
        f"Retries: the store answers 503, 503, 200; at most {_ATTEMPTS} attempts, standard mode",
        ("what", "ends in", "RetryAttempts", "gateway", "target"),
        rows,
    )


def connections(subjects: list[str]) -> Table:
    """Count the connections of a client whose calls go to many targets in turn."""
    rows: list[tuple[Value, ...]] = []
    for subject in subjects:
        with ExitStack() as servers:
            targets = [servers.enter_context(_answers(200)) for _ in range(_TARGETS)]
            turns = cycle([target.url for target in targets])
            gateway = servers.enter_context(
                Gateway(_NOWHERE, target=lambda turns=turns: next(turns), rule=Redirect())
            )
            outcome = _run(subject, "many", gateway.url)["outcome"]
            opened = sum(target.connections for target in targets)
        rows.append((subject, outcome, gateway.connections, opened))
    return Table(
        f"Connections opened for {_CALLS} gets over {_TARGETS} targets",
        ("what", "ends in", "to the gateway", "to the targets"),
        rows,
        "Stock boto3 is left out: it does not follow.",
    )


def measure(subjects: list[str]) -> list[Table]:
    """Run every topic; the peer is among the subjects only where it is installed."""
    following = [subject for subject in (OURS, PEER) if subject in subjects]
    return [requests(subjects), loop(subjects), budget(subjects), connections(following)]


def _call(operation: str, url: str) -> dict[str, Any]:
    import boto3  # noqa: PLC0415  # after the subject's import
    from botocore.config import Config  # noqa: PLC0415  # as above

    retries = {"total_max_attempts": _ATTEMPTS, "mode": "standard"}
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="user",
        aws_secret_access_key="secret",  # noqa: S106  # nobody's
        config=Config(
            s3={"addressing_style": "path"},
            proxies={},
            retries=retries if operation == "retry" else None,
        ),
    )
    key = {"Bucket": "bucket", "Key": "key"}
    if operation == "put":
        response = client.put_object(Body=bytes(_BODY_SIZE), **key)
    else:
        for _ in range(_CALLS if operation == "many" else 1):
            response = client.get_object(**key)
            response["Body"].read()
    metadata = response["ResponseMetadata"]
    return {"outcome": str(metadata["HTTPStatusCode"]), "retries": metadata["RetryAttempts"]}


def main(subject: str, operation: str, url: str) -> None:
    """Make the calls and print what came of them."""
    importlib.import_module(MODULES[subject])
    try:
        seen = _call(operation, url)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the result
        response = getattr(error, "response", {})
        code = response.get("Error", {}).get("Code", "")
        name = type(error).__name__
        retries = response.get("ResponseMetadata", {}).get("RetryAttempts")
        shown = f"{name} {code}" if code not in ("", name) else name
        seen = {"outcome": shown, "retries": retries}
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
