"""Calls that the sandbox refuses: who made the call, where it would have gone, what to do."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class RefusedCall:
    """A connection or a look-up of a name that the sandbox refused."""

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
    """Raised in the main thread. `except Exception` does not catch it.

    botocore takes an Exception for a failed connection: in standard and adaptive mode it tries
    again, and code that catches BotoCoreError would hide the call.
    """

    def __init__(self, call: RefusedCall) -> None:
        super().__init__(call)
        self.call = call


class CallRefusedInThread(Exception):
    """Raised in every other thread.

    Thread pools pass on an Exception only: after any other error s3transfer reports success, and
    a ThreadPool waits for ever.
    """

    def __init__(self, call: RefusedCall) -> None:
        super().__init__(call)
        self.call = call


def error(call: RefusedCall) -> BaseException:
    """Make the kind of error that this thread can pass on."""
    if threading.current_thread() is threading.main_thread():
        return CallRefused(call)
    return CallRefusedInThread(call)


def describe(address: str) -> RefusedCall:
    """Describe the call that is running now, which tried to reach this address."""
    client, operation = _botocore_call(sys._getframe(1))  # noqa: SLF001 - there is no other hook at this level
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return RefusedCall(address, operation, test or None, _advice(client))


def _botocore_call(frame: FrameType | None) -> tuple[Any, str | None]:
    """Find the client and the operation of botocore on the stack, if there is one."""
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
        return "Use a server on 127.0.0.1, or replace the call."
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    if stubber is not None and not _has_handler(client, stubber):
        state = "is on" if stubber.enabled else "is not on either"
        return (
            "This client, or the session that made it, is older than the import of moto, so moto"
            f" cannot mock it and its calls go to the real AWS (a mock {state}). Make the client"
            " and its session inside mock_aws, or register it with moto.core.patch_client(client),"
            " a resource with moto.core.patch_resource(resource)."
        )
    if stubber is not None and stubber.enabled:
        return (
            "moto's mock is on, but it does not answer for this host, or its configuration has a"
            " passthrough for it. Use the default endpoint, or name the host in"
            " MOTO_S3_CUSTOM_ENDPOINTS before moto is imported."
        )
    return (
        "Give the client the endpoint_url of a store on 127.0.0.1, such as a RedirectingStore, or"
        " make the client and the call while moto's mock_aws is on."
    )


def _has_handler(client: Any, stubber: Any) -> bool:
    """Tell whether moto's handler is registered with this client."""
    events = client.meta.events
    handlers = getattr(getattr(events, "_emitter", events), "_handlers", None)
    if handlers is None:  # a botocore that hides its handlers
        return True
    name = f"before-send.{client.meta.service_model.service_name}"
    return stubber in handlers.prefix_search(name)
