"""Workers of `multiprocessing`, by any start method: python multiprocessing_pool.py spawn"""

import multiprocessing
import os
import sys

import boto3

import botocore_redirect


def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the first worker
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(store, range(4))
