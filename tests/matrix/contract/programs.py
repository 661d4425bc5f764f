"""The workloads on S3 as behaviours of the contract: what whole programs make of redirects."""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch

from matrix.contract import needs
from matrix.contract.behaviour import BUCKET, Behaviour, ClientFactory, Store, collected_in
from workloads import run_store
from workloads.dataset_reader import SMALLEST_PART, Dataset, ShardChanged

PROGRAMS: list[Behaviour] = []
_behaviour = collected_in(PROGRAMS, needs=frozenset({needs.SESSIONS}))

_EMPTY: Store = {BUCKET: {}}
_RUN_1 = (
    b'{"organisation_id": "acme", "parameters": {"rate": 0.1}, "run_id": "1", "status": "done"}'
)
_SHARD = bytes(range(256)) * 40
_SHARDS: Store = {BUCKET: {"train/0": b"content", "train/1": _SHARD, "train/2": _SHARD}}


def _runs(clients: ClientFactory) -> run_store.RunStore:
    store = run_store.RunStore(run_store.configuration(clients, clients.url))
    store.bucket = clients.bucket
    return store


@_behaviour(
    before=_EMPTY,
    returns=[
        ["acme has no run '1': BUCKET has no runs/acme/1/metadata.json."],
        [True, False],
        "data/",
        "done",
        ["1"],
        [BUCKET],
    ],
    after={BUCKET: {"data/": b"", "runs/acme/1/metadata.json": _RUN_1}},
)
def run_store_in_development_and_production(clients: ClientFactory) -> list[Any]:
    with patch.dict(os.environ, {run_store.DEVELOPMENT: "1"}):
        missing = _missing(_runs(clients))
    runs = _runs(clients)
    there = [runs.bucket_exists(), runs.object_exists("data/")]
    made = runs.make_prefix("data")
    runs.save(run_store.Run("acme", "1", "started", {"rate": 0.1}))
    runs.save(run_store.Run("acme", "2", "started"))
    status = runs.finish("acme", "1", "done").status
    runs.delete("acme", "2")
    return [missing, there, made, status, runs.runs("acme"), runs.buckets()]


def _missing(runs: run_store.RunStore) -> list[str]:
    try:
        return [runs.load("acme", "1").status]
    except run_store.RunNotFound as error:
        return [str(error)]


@_behaviour(
    before=_SHARDS,
    returns=[["train/0", "train/1", "train/2"], [7, 10240, 10240], "train/0 changed"],
    after={BUCKET: {**_SHARDS[BUCKET], "train/0": b"other"}},
    in_any_order=True,
)
def dataset_read_by_threads_until_it_changes(clients: ClientFactory) -> list[Any]:
    with Dataset(clients, clients.bucket, clients.url, part=6000, page=2, workers=3) as dataset:
        shards = [*dataset.shards("train/")]
        if [dataset.read(shard) for shard in shards[1:]] != [_SHARD] * 2:
            raise AssertionError("the ranges were not put together as they are stored")
        clients.s3.put_object(Bucket=clients.bucket, Key="train/0", Body=b"other")
        try:
            found = f"{len(dataset.read(shards[0]))} bytes"
        except ShardChanged:
            found = "train/0 changed"
    return [[shard.key for shard in shards], [shard.size for shard in shards], found]


@_behaviour(
    before=_EMPTY,
    returns=[5242890],
    after={BUCKET: {"train/new": b"x" * SMALLEST_PART + b"0123456789"}},
)
def dataset_written_in_parts(clients: ClientFactory) -> list[int]:
    with Dataset(clients, clients.bucket, clients.url, part=SMALLEST_PART) as dataset:
        dataset.write("train/new", [b"x" * (SMALLEST_PART - 1), b"x0123456789"])
        return [shard.size for shard in dataset.shards()]
