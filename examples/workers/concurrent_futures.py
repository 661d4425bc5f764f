"""Workers of `concurrent.futures`: python concurrent_futures.py"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import boto3

import botocore_redirect


def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the first worker
    context = multiprocessing.get_context("spawn")  # safe with threads, as boto3 has
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(store, range(4)))
