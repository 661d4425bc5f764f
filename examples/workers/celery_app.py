"""Workers of Celery, which are forks: celery -A celery_app worker --pool prefork

`python celery_app.py` gives them something to do. A folder is the broker here.
"""

import os
from pathlib import Path

import boto3
from celery import Celery

import botocore_redirect.auto  # noqa: F401  # the worker imports this module before it forks

FOLDER = str(Path(os.environ.get("QUEUE", "queue")).absolute())

app = Celery("celery_app", broker="filesystem://", backend=f"file://{FOLDER}")
app.conf.broker_transport_options = {
    "data_folder_in": FOLDER,
    "data_folder_out": FOLDER,
    "control_folder": FOLDER,
}


@app.task
def store(number: int) -> None:
    body = str(os.getpid()).encode()
    boto3.client("s3").put_object(Bucket="data", Key=str(number), Body=body)


if __name__ == "__main__":
    for result in [store.delay(number) for number in range(4)]:
        result.get(timeout=60)
