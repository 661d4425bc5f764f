"""A program that reads and writes tables in S3 with pandas.

Without `storage_options`, pandas reads and writes Parquet with the S3 of pyarrow, which is C++.
"""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

import botocore_redirect.auto  # noqa: F401 - importing it patches
from programs.steps import Steps

S3FS: Any = {} if os.environ.get("THROUGH") == "pyarrow" else {"storage_options": {"anon": False}}
TABLE = pd.DataFrame({"n": range(10_000), "name": [f"row {n}" for n in range(10_000)]})


def read_parts() -> list[int]:
    TABLE.assign(part=TABLE.n % 3).to_parquet(
        "s3://data/parts", partition_cols=["part"], basename_template="{i}.parquet", **S3FS
    )
    read = pd.read_parquet("s3://data/parts", filters=[("part", "=", 1)], **S3FS)
    return [len(read), int(read.n.sum())]


steps = Steps()
steps.run("to_csv", lambda: TABLE.to_csv("s3://data/table.csv", index=False))
steps.run("read_csv", lambda: pd.read_csv("s3://data/table.csv").equals(TABLE))
steps.run("to_parquet", lambda: TABLE.to_parquet("s3://data/table.parquet", **S3FS))
steps.run("read_parquet", lambda: pd.read_parquet("s3://data/table.parquet", **S3FS).equals(TABLE))
steps.run("partitions", read_parts)
steps.print()
