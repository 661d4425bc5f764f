"""Imports and reads, before workers are forked, what each of them would read again.

Neither the patch nor moto, which registers itself with botocore: only what moto imports.
"""

from __future__ import annotations

import contextlib
import gc
import importlib

from matrix.contract import models

_OF_MOTO = ("cryptography.x509", "requests", "responses", "werkzeug.http", "xmltodict", "yaml")
_SERVICES = ("ec2", "eks", "iam", "s3", "sts", "transcribe")


def _read_models() -> None:
    """Make clients, of which nothing stays but the models that were read."""
    url = "http://127.0.0.1:1"
    session = models.session(
        region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any"
    )
    clients = {service: session.client(service, endpoint_url=url) for service in _SERVICES}
    session.resource("s3", endpoint_url=url)
    clients["s3"].get_paginator("list_objects_v2")
    clients["s3"].get_waiter("object_exists")
    clients["s3"].generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})


# A worker ends before there is much to collect, and its guards collect by themselves.
gc.set_threshold(1_000_000, 20, 20)
for _name in _OF_MOTO:
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)
_read_models()
