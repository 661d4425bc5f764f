"""Python workers of Spark in local mode: python pyspark_job.py"""

import os

import boto3
from pyspark.sql import SparkSession

import botocore_redirect


def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the session
    with SparkSession.builder.master("local[2]").getOrCreate() as spark:
        spark.sparkContext.parallelize(range(4), 2).foreach(store)
