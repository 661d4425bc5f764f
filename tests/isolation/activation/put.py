"""A program that stores an object under the name that it is given, and cannot be edited."""

from __future__ import annotations

import sys

import boto3

boto3.client("s3").put_object(Bucket="data", Key=sys.argv[1], Body=b"hello")
