"""What behaviours need, and the one place that says which stores and clients do not have it."""

from __future__ import annotations

from matrix.harness.settings import AIOBOTOCORE, IN_PROCESS

OTHER_SERVICES = "services other than S3"
MACHINES = "EC2, EKS or IAM"
MANAGED_TRANSFERS = "the transfers of s3transfer"
RESOURCES = "the resources of boto3"
SESSIONS = "a session of boto3, as a program takes it"
EVENT_STREAMS = "answers that are streams of events"

_OF_BOTO3 = frozenset({OTHER_SERVICES, MACHINES, MANAGED_TRANSFERS, RESOURCES, SESSIONS})

#: By the kind of store.
MISSING = {
    IN_PROCESS: frozenset({OTHER_SERVICES, MACHINES}),  # moto's mock is asked for S3 alone
    AIOBOTOCORE["aiohttp"]: _OF_BOTO3,
    # aiobotocore reads such a stream as that of aiohttp is read: ResponseNotRead, AttributeError.
    AIOBOTOCORE["httpx"]: _OF_BOTO3 | {EVENT_STREAMS},
}

#: Where a body goes to the gateway as well: httpx sends `Expect: 100-continue`, and does not wait.
SENDS_BODIES_AT_ONCE = AIOBOTOCORE["httpx"]
