"""Workers of a local Dask cluster: python dask_cluster.py"""

import os

import boto3
from dask.distributed import Client, LocalCluster

import botocore_redirect


def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    botocore_redirect.install(children=True)  # before the cluster
    with LocalCluster(n_workers=2, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather(client.map(store, range(4)))
