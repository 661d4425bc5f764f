"""Workers of joblib, which are processes of loky: python joblib_loky.py"""

import os

import boto3
from joblib import Parallel, delayed

import botocore_redirect


def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the first worker
    Parallel(n_jobs=2)(delayed(store)(number) for number in range(4))
