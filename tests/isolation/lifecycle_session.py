"""A boto3 session that has read its models, for the processes that are forked after its import."""

from __future__ import annotations

import boto3

SESSION = boto3.session.Session(
    region_name="us-east-1", aws_access_key_id="user", aws_secret_access_key="secret"
)
SESSION.client("s3")
