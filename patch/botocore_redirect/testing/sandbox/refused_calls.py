"""What a sandbox says of a call that wanted to leave this machine: who made it, and the way out."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """A connection, or the look-up of a name, that did not happen."""

    address: str
    operation: str | None  # such as "s3.ListBuckets", where botocore made the call
    test: str | None  # as pytest names it
    advice: str

    def __str__(self) -> str:
        caller = self.operation or "Something"
        where = f" in {self.test}" if self.test else ""
        return (
            f"{caller}{where} wanted to reach {self.address}, which is not this machine, while"
            f" aws_sandbox is on. {self.advice}"
        )


class CallRefused(BaseException):
    """Raised in the main thread, out of every `except Exception`.

    botocore takes an Exception for a failed connection: in standard and adaptive mode it would
    try again, and whoever catches BotoCoreError would never know.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class CallRefusedInThread(Exception):
    """Raised in every other thread, whose pools cannot carry anything but an Exception.

    Of others s3transfer loses track and reports success, and a ThreadPool waits for ever.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def error(refusal: Refusal) -> BaseException:
    """Make the kind of error that this thread can carry to where it is seen."""
    if threading.current_thread() is threading.main_thread():
        return CallRefused(refusal)
    return CallRefusedInThread(refusal)


def of(address: str) -> Refusal:
    """Describe the refusal of this address, from what is running now."""
    client, operation = _botocore_call(sys._getframe(1))  # noqa: SLF001 - the stack has no other door
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return Refusal(address, operation, test or None, _advice(client))


def _botocore_call(frame: FrameType | None) -> tuple[Any, str | None]:
    """Return the client and the operation that led here, if botocore did."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        # The AWS CLI has a botocore of its own, awscli.botocore.
        if frame.f_code.co_name == "_make_api_call" and module.endswith("botocore.client"):
            client = frame.f_locals.get("self")
            service = getattr(getattr(client, "meta", None), "service_model", None)
            name = getattr(service, "service_name", "AWS")
            return client, f"{name}.{frame.f_locals.get('operation_name')}"
        frame = frame.f_back
    return None, None


def _advice(client: Any) -> str:
    if client is None:
        return "Talk to a server on 127.0.0.1, or replace the call."
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    if stubber is None:
        return (
            "Give the client the endpoint_url of a store on 127.0.0.1, such as RedirectingStore's,"
            " or start moto's mock_aws before the client is made."
        )
    knows = _knows(client, stubber)
    if not knows:
        state = "is on" if stubber.enabled else "is not on either"
        return (
            "This client, or the session that made it, is older than the import of moto, so no mock"
            f" knows of it and its calls go to the real AWS (a mock {state}). Make the client (and"
            " its session) inside mock_aws, or hand it over with moto.core.patch_client(client),"
            " a resource with moto.core.patch_resource(resource)."
        )
    if not stubber.enabled:
        return (
            "No mock of moto is on: the call came before mock_aws started, or after it ended."
            " Make the call inside of it."
        )
    return (
        "moto's mock is on and saw the call, but let it pass: this host is none that moto answers"
        " for, or its configuration has a passthrough for it. Use the default endpoint, or name the"
        " host in MOTO_S3_CUSTOM_ENDPOINTS before moto is imported."
    )


def _knows(client: Any, stubber: Any) -> bool:
    """Whether moto's handler is among this client's; yes where botocore does not show them."""
    events = client.meta.events
    handlers = getattr(getattr(events, "_emitter", events), "_handlers", None)
    if handlers is None:
        return True
    name = f"before-send.{client.meta.service_model.service_name}"
    return stubber in handlers.prefix_search(name)
