"""The stores: moto's S3 behind a redirecting gateway or in this process, and their inspector."""

from botocore_redirect.testing.stores.clients import stubbed_client
from botocore_redirect.testing.stores.in_process import InProcessStore
from botocore_redirect.testing.stores.inspector import Inspector
from botocore_redirect.testing.stores.moto_mock import moto_s3
from botocore_redirect.testing.stores.moto_store import MotoStore
from botocore_redirect.testing.stores.redirecting_store import RedirectingStore
from botocore_redirect.testing.stores.store_process import StoreProcess

__all__ = [
    "InProcessStore",
    "Inspector",
    "MotoStore",
    "RedirectingStore",
    "StoreProcess",
    "moto_s3",
    "stubbed_client",
]
