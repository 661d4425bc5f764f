"""A testing kit: stores that redirect, and a sandbox that keeps tests off the real AWS.

    with RedirectingStore() as store:
        client = store.client()

`botocore_redirect.testing.fixtures` has the same as pytest fixtures. Nothing here patches botocore.
"""

from botocore_redirect.testing.sandbox.environment import aws_sandbox
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    RefusedCall,
)
from botocore_redirect.testing.server.exchange import SAME, Received, Redirect, Response
from botocore_redirect.testing.server.faults import HANG_UP, SILENCE, Fault
from botocore_redirect.testing.server.gateway import Gateway
from botocore_redirect.testing.stores.clients import stubbed_client
from botocore_redirect.testing.stores.in_process import InProcessStore
from botocore_redirect.testing.stores.inspector import Inspector
from botocore_redirect.testing.stores.moto_mock import moto_s3
from botocore_redirect.testing.stores.moto_store import MotoStore
from botocore_redirect.testing.stores.redirecting_store import RedirectingStore
from botocore_redirect.testing.stores.store_process import StoreProcess

__all__ = [
    "HANG_UP",
    "SAME",
    "SILENCE",
    "CallRefused",
    "CallRefusedInThread",
    "Fault",
    "Gateway",
    "InProcessStore",
    "Inspector",
    "MotoStore",
    "Received",
    "Redirect",
    "RedirectingStore",
    "RefusedCall",
    "Response",
    "StoreProcess",
    "aws_sandbox",
    "moto_s3",
    "stubbed_client",
]
