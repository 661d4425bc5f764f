"""A program that asks boto3 for CRT transfers; it prints what became of each task as JSON."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import sys
from typing import Any

import botocore_redirect

CONTENT = bytes(range(256)) * 4096 * 20
LOG: list[str] = []


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        LOG.append(f"{record.levelname} {record.getMessage()}")


def main(url: str, patch: str, *tasks: str) -> dict[str, Any]:
    logging.getLogger("botocore_redirect").addHandler(_Listener())
    if patch == "install, then boto3":
        botocore_redirect.install()
    import boto3  # noqa: PLC0415  # it is imported before the patch, or after it
    from boto3.s3.transfer import TransferConfig, create_transfer_manager  # noqa: PLC0415  # as above

    session = boto3.session.Session("testing", "testing", region_name="us-east-1")
    config = TransferConfig(preferred_transfer_client="crt")
    own = session.client("s3", endpoint_url=url)
    if patch in ("boto3, then install", "uninstall"):
        botocore_redirect.install()
    if patch == "uninstall":
        botocore_redirect.uninstall()
    if patch == "follow":
        botocore_redirect.follow(own)

    def choose(client: Any) -> str:
        return type(create_transfer_manager(client, config)).__module__

    def transfer() -> str:
        own.upload_fileobj(io.BytesIO(CONTENT), "data", "large", Config=config)
        got = io.BytesIO()
        own.download_fileobj("data", "large", got, Config=config)
        return hashlib.sha256(got.getvalue()).hexdigest()

    does = {
        "own": lambda: choose(own),
        "another client": lambda: choose(session.client("s3", endpoint_url=url)),
        "AWS": lambda: choose(session.client("s3")),
        "AWS dualstack": lambda: choose(
            session.client("s3", endpoint_url="https://s3.dualstack.us-east-1.amazonaws.com")
        ),
        "transfer": transfer,
    }
    return {**{task: does[task]() for task in tasks}, "log": LOG}


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
