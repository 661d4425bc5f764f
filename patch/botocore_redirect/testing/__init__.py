"""Stores that redirect, for tests, and what else keeps tests of AWS on this machine.

    with RedirectingStore() as store:
        client = store.client()

As fixtures of pytest: `botocore_redirect.testing.fixtures`. Nothing here patches botocore.
"""

from .clients import stubbed_client
from .exchange import SAME, Answer, Received, Redirect
from .faults import HANG_UP, SILENCE, Fault
from .gateway import Gateway
from .in_process import InProcessStore
from .moto_mock import moto_s3
from .moto_store import MotoStore
from .peek import Peek
from .redirecting_store import RedirectingStore
from .sandbox import CallRefused, CallRefusedInThread, Refusal, aws_sandbox
from .store_process import StoreProcess

__all__ = [
    "HANG_UP",
    "SAME",
    "SILENCE",
    "Answer",
    "CallRefused",
    "CallRefusedInThread",
    "Fault",
    "Gateway",
    "InProcessStore",
    "MotoStore",
    "Peek",
    "Received",
    "Redirect",
    "RedirectingStore",
    "Refusal",
    "StoreProcess",
    "aws_sandbox",
    "moto_s3",
    "stubbed_client",
]
