"""A program that stores arrays in S3 with zarr."""

from __future__ import annotations

import numpy as np
import zarr

import botocore_redirect.auto  # noqa: F401 - importing it patches
from programs.steps import Steps

VALUES = np.arange(100 * 100).reshape(100, 100)


def write() -> list[str]:
    root = zarr.open_group("s3://data/arrays", mode="w")
    root.create_array("a", data=VALUES, chunks=(30, 30))
    root.create_array("b", data=VALUES * 2, chunks=(100, 100))
    root["a"][10:20, 5] = 0
    return sorted(root.array_keys())


def read() -> list[int]:
    root = zarr.open_group("s3://data/arrays", mode="r")
    return [int(root["a"][:].sum()), int(root["b"][50, 20:40].sum())]


def delete() -> list[str]:
    root = zarr.open_group("s3://data/arrays", mode="a")
    del root["b"]
    return sorted(root.array_keys())


steps = Steps()
steps.run("write", write)
steps.run("read", read)
steps.run("delete", delete)
steps.print()
