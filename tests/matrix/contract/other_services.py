"""Workloads that use services other than S3. Redirects of those services must not be followed."""

from __future__ import annotations

from typing import Any

from matrix.contract import needs
from matrix.contract.behaviour import BUCKET, Behaviour, ClientFactory, Store, collected_in
from workloads.cluster.errors import NotFound
from workloads.cluster.jobs import JobSpec
from workloads.cluster.spec import ClusterSpec
from workloads.cluster_provider import ClusterProvider
from workloads.job_machine import Machine
from workloads.job_manager import JobManager
from workloads.transcription import Job, Transcriber

_IMAGE = "ami-12c6146b"  # one that moto knows

#: Workloads that also use S3.
BEYOND_S3: list[Behaviour] = []
#: Workloads that do not use S3.
CLUSTERS: list[Behaviour] = []

_NEEDS = frozenset({needs.SESSIONS, needs.OTHER_SERVICES})
_NEEDS_MACHINES = _NEEDS | {needs.MACHINES}

_beyond_s3 = collected_in(BEYOND_S3, needs=_NEEDS)
_cluster = collected_in(CLUSTERS, needs=_NEEDS_MACHINES)

_TRANSCRIPT: Store = {
    BUCKET: {"call-17.json": b'{"results": {"transcripts": [{"transcript": "Hello."}]}}'}
}


@_beyond_s3(before=_TRANSCRIPT, returns="Hello.")
def transcription(clients: ClientFactory) -> str:
    job = Job("call-17", "s3://calls/17.wav", clients.bucket)
    return Transcriber(clients, clients.url, sleep=lambda _: None).transcribe(job)


@_beyond_s3(
    needs=_NEEDS_MACHINES,
    before={BUCKET: {}},
    returns=["running", ["epoch 1", "epoch 2"], "succeeded"],
)
def job_manager(clients: ClientFactory) -> list[Any]:
    jobs = JobManager(clients, clients.bucket, clients.url, delay=0.1)
    jobs.submit("one", b"exec train", Machine(_IMAGE))
    try:
        seen: list[Any] = [jobs.status("one").state]
        # What the machine would write.
        for name, content in {
            "logs/1": b"epoch 1\nepoch 2\n",
            "result.json": b'{"status": 0}',
        }.items():
            clients.s3.put_object(Bucket=clients.bucket, Key=f"jobs/one/{name}", Body=content)
        seen += [[*jobs.logs("one")], jobs.status("one").state]
    finally:
        jobs.delete("one")
    return seen


@_cluster(
    returns=[["workers"], "running", "cancelled", "NotFound"],
    in_any_order=True,  # moto lists roles by their ids, which are random
)
def cluster_provider(clients: ClientFactory) -> list[Any]:
    name = clients.bucket
    provider = ClusterProvider(clients, clients.url, region="us-east-1")
    try:
        nodes = provider.create(
            ClusterSpec(name, cluster_policies=(), node_policies=())
        ).node_groups
        provider.submit(name, JobSpec("one", "exec train", _IMAGE))
        role = provider.operators(name, "arn:aws:iam::123456789012:root")
        operator = ClusterProvider(clients, clients.url, region="us-east-1", role=role)
        seen = [[*nodes], operator.job(name, "one")]
        operator.cancel(name, "one")
        seen.append(operator.job(name, "one"))
    finally:
        provider.delete(name)
    try:
        return [*seen, provider.describe(name).status]
    except NotFound as error:
        return [*seen, type(error).__name__]
