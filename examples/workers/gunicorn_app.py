"""Workers of gunicorn, which are forks: gunicorn --preload --workers 2 gunicorn_app:app"""

import os
from collections.abc import Callable, Iterable
from typing import Any

import boto3

import botocore_redirect.auto  # noqa: F401  # with and without --preload


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = str(os.getpid()).encode()
    key = environ["PATH_INFO"].strip("/")
    boto3.client("s3").put_object(Bucket="data", Key=key, Body=body)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]
