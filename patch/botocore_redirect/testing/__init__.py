"""Stores that redirect, for tests: on real sockets (`RedirectingStore`) or in process.

    with RedirectingStore() as store:
        client = boto3.client("s3", endpoint_url=store.url, ...)

`Gateway` alone redirects in front of any HTTP server. Nothing here patches botocore.
"""

from .exchange import SAME, Received, Redirect, Rule
from .gateway import Gateway
from .in_process import InProcessStore
from .moto_store import MotoStore
from .peek import Peek
from .redirecting_store import RedirectingStore
from .sandbox import CallRefused, CallRefusedInThread, Refusal, aws_sandbox
from .store_process import StoreProcess

__all__ = [
    "SAME",
    "CallRefused",
    "CallRefusedInThread",
    "Gateway",
    "InProcessStore",
    "MotoStore",
    "Peek",
    "Received",
    "Redirect",
    "RedirectingStore",
    "Refusal",
    "Rule",
    "StoreProcess",
    "aws_sandbox",
]
