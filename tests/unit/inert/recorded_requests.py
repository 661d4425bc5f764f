"""Requests as the endpoint of `inert` records them, signed by botocore."""

from __future__ import annotations

from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from botocore_redirect.testing.sandbox.environment import FAKES
from inert.calls.clock import Clock
from inert.calls.endpoint import HOST, NODE


def signed(host: str) -> str:
    """Return the record of a PUT to that host."""
    credentials = botocore.credentials.Credentials(
        FAKES["AWS_ACCESS_KEY_ID"], FAKES["AWS_SECRET_ACCESS_KEY"]
    )
    request: Any = botocore.awsrequest.AWSRequest(
        "PUT", f"https://{host}/a", headers={"X": "y"}, data=b"body"
    )
    botocore.auth.S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    fields = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"PUT /a HTTP/1.1\nHost: {host}\n{fields}\n\nbody"


with Clock().stopped():
    DIRECT, HOP = signed(HOST), signed(NODE)
