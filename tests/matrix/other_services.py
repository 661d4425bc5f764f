"""Workloads that use services other than S3. Redirects of those services must not be followed."""

from __future__ import annotations

from typing import Any

from matrix.behaviour_type import BUCKET, Behaviour, Scene, Store, collected_in
from workloads.cluster.errors import NotFound
from workloads.cluster.jobs import JobSpec
from workloads.cluster.spec import ClusterSpec
from workloads.cluster_provider import ClusterProvider
from workloads.job_machine import Machine
from workloads.job_manager import JobManager
from workloads.scenarios_cluster import IMAGE
from workloads.transcription import Job, Transcriber

#: Workloads that also use S3.
BEYOND_S3: list[Behaviour] = []
#: Workloads that do not use S3.
CLUSTERS: list[Behaviour] = []

_beyond_s3 = collected_in(BEYOND_S3)
_cluster = collected_in(CLUSTERS)

_TRANSCRIPT: Store = {
    BUCKET: {"call-17.json": b'{"results": {"transcripts": [{"transcript": "Hello."}]}}'}
}


@_beyond_s3(before=_TRANSCRIPT, returns="Hello.", elsewhere=True)
def transcription(scene: Scene) -> str:
    job = Job("call-17", "s3://calls/17.wav", scene.bucket)
    return Transcriber(scene, scene.url, sleep=lambda _: None).transcribe(job)


@_beyond_s3(
    before={BUCKET: {}}, returns=["running", ["epoch 1", "epoch 2"], "succeeded"], elsewhere=True
)
def job_manager(scene: Scene) -> list[Any]:
    jobs = JobManager(scene, scene.bucket, scene.url, delay=0.1)
    jobs.submit("one", b"exec train", Machine(IMAGE))
    try:
        seen: list[Any] = [jobs.status("one").state]
        # What the machine would write.
        for name, content in {
            "logs/1": b"epoch 1\nepoch 2\n",
            "result.json": b'{"status": 0}',
        }.items():
            scene.s3.put_object(Bucket=scene.bucket, Key=f"jobs/one/{name}", Body=content)
        seen += [[*jobs.logs("one")], jobs.status("one").state]
    finally:
        jobs.delete("one")
    return seen


@_cluster(
    returns=[["workers"], "running", "cancelled", "NotFound"],
    elsewhere=True,
    in_any_order=True,  # moto lists roles by their ids, which are random
)
def cluster_provider(scene: Scene) -> list[Any]:
    name = scene.bucket
    provider = ClusterProvider(scene, scene.url, region="us-east-1")
    try:
        nodes = provider.create(
            ClusterSpec(name, cluster_policies=(), node_policies=())
        ).node_groups
        provider.submit(name, JobSpec("one", "exec train", IMAGE))
        role = provider.operators(name, "arn:aws:iam::123456789012:root")
        operator = ClusterProvider(scene, scene.url, region="us-east-1", role=role)
        seen = [[*nodes], operator.job(name, "one")]
        operator.cancel(name, "one")
        seen.append(operator.job(name, "one"))
    finally:
        provider.delete(name)
    try:
        return [*seen, provider.describe(name).status]
    except NotFound as error:
        return [*seen, type(error).__name__]
