"""A program whose workers, which are processes of Dask, use S3.

`PRELOAD` says what they import. With `IMPORT_AT=top`, the script imports the patch at its top; else
it does so in its main function, as the cell of a notebook does.
"""

from __future__ import annotations

import os

import fsspec
from dask.distributed import Client, LocalCluster

from programs.steps import Steps

if os.environ.get("IMPORT_AT") == "top":
    import botocore_redirect.auto  # noqa: F401 - importing it patches


def store(number: int) -> int:
    with fsspec.open(f"s3://data/part/{number}", "wb") as file:
        file.write(str(number).encode() * 1000)
    return os.getpid()


def load(number: int) -> int:
    with fsspec.open(f"s3://data/part/{number}", "rb") as file:
        return len(file.read())


def use_workers(client: Client) -> list[object]:
    workers = set(client.gather(client.map(store, range(20))))
    lengths = client.gather(client.map(load, range(20)))
    return [os.getpid() in workers, lengths]


def main() -> None:
    import botocore_redirect.auto  # noqa: F401, PLC0415 - importing it patches, here alone

    preload = os.environ.get("PRELOAD")
    options = {"preload": preload} if preload else {}
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None, **options) as made,
        Client(made) as client,
    ):
        steps = Steps()
        steps.run("workers", lambda: use_workers(client))
    steps.print()


if __name__ == "__main__":
    main()
