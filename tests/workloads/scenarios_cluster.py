"""Whole runs of the cluster provider and of the job manager, with the same result each time.

Each takes a session and the URL of moto's server, cleans up, and returns its observations as plain
data without ids, with `NAME` for the name of the cluster or job.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.errors import NotFound
from workloads.cluster.iam.documents import allowed
from workloads.cluster.jobs import JobSpec
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec
from workloads.cluster_provider import ClusterProvider
from workloads.job_machine import Machine
from workloads.job_manager import JobManager, NoSuchJob

PUBLIC_KEY = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCzjVpK/O3pha8gwJezq0/QUipcoRXtOf0f8DX/31FPkUecUQWlMEi28G"
    "eTAJFkGTFOZlFs08flIndKP4XXnRFMK17PafvM/GqQImBL0j5lHkIAuQYVnYZHoSbJfaqRSuJUBDLNrhwRbDrwhGysCXSo"
    "JR2Uu1kNNuShHKbCwEko2BYouqrcSBQhs7EGWcI4wX/qefdCHqwpQEJKxTYX5F9kaIfqyuAH10UcGVx4SE/a3VfrionYzl"
    "BYOR1e9cSCvIMkvH7b5M+ybf7XEu7nRHKbzLPXRLPYm36pCndlvsgDCCUcYPHN04rzkfxQeJzjOPACV0R7y5CIiLpoXX/G"
    "13c/ workloads"
)
IMAGE = "ami-12c6146b"  # one that moto knows
SCRIPT = "#!/bin/sh\nexec train --epochs 3\n"
_REGION = "us-east-1"
_IMPATIENT = Calls(first=0.01, longest=0.01, delay=0.1, checks=50)


def run_cluster_provider(
    session: Any, endpoint_url: str | None = None, *, name: str | None = None
) -> Any:
    """Create a cluster twice, change it, run jobs in it, and delete it twice."""
    name = name or f"c{uuid.uuid4().hex[:12]}"
    provider = ClusterProvider(session, endpoint_url, region=_REGION, calls=_IMPATIENT)
    try:
        seen = _seen_of_a_cluster(provider, session, endpoint_url, name)
    finally:
        provider.delete(name)
    provider.delete(name)
    seen["after"] = [name in provider.names(), _outcome(lambda: provider.network(name), NotFound)]
    return _without_name(seen, name)


def _seen_of_a_cluster(
    provider: ClusterProvider, session: Any, endpoint_url: str | None, name: str
) -> dict[str, Any]:
    policy = provider.ensure_policy(name, f"{name}-data", allowed("s3:GetObject"))
    spec = ClusterSpec(
        name,
        nodes=NodeGroupSpec(labels={"for": "training"}),
        public_key=PUBLIC_KEY,
        logs=("api", "audit"),
        cluster_policies=(),
        node_policies=(policy,),
    )
    first = provider.create(spec)
    network = provider.network(name)
    seen: dict[str, Any] = {
        "created": [first.status, first.node_groups],
        "same again": provider.create(spec) == first and provider.network(name) == network,
        "subnets": len(network.subnets),
        "listed": name in provider.names(),
    }
    provider.scale(spec, 3)
    account = ("default", "loader", allowed("s3:ListBucket"))
    roles = {provider.service_account(name, *account) for _ in range(2)}
    seen["roles of the service account"] = [role.rpartition("/")[2] for role in roles]

    ids = {provider.submit(name, JobSpec("one", SCRIPT, IMAGE)) for _ in range(2)}
    other = provider.submit(name, JobSpec("two", SCRIPT, IMAGE))
    provider.instances.stop(other)
    seen["jobs"] = [len(ids), sorted(provider.jobs(name).items())]
    provider.instances.start(other)

    role = provider.operators(name, "arn:aws:iam::123456789012:root")
    operator = ClusterProvider(session, endpoint_url, region=_REGION, role=role, calls=_IMPATIENT)
    operator.cancel(name, "one")
    seen["cancelled"] = [operator.wait_for(name, "one"), operator.job(name, "two")]
    seen["a job that is not"] = _outcome(lambda: operator.job(name, "three"), NotFound)
    return seen


def run_job_manager(
    session: Any, endpoint_url: str | None = None, *, name: str | None = None
) -> Any:
    """Submit a job, stop and start it, store its result, read its logs, and delete it."""
    name = name or f"j{uuid.uuid4().hex[:12]}"
    s3 = session.client("s3", endpoint_url=endpoint_url)
    jobs = JobManager(session, name, endpoint_url, delay=0.1, checks=50)
    s3.create_bucket(Bucket=name)
    try:
        try:
            return _without_name(_seen_of_a_job(jobs, s3, name), name)
        finally:
            jobs.delete(name)
    finally:
        s3.delete_bucket(Bucket=name)


def _seen_of_a_job(jobs: JobManager, s3: Any, name: str) -> dict[str, Any]:
    home = f"jobs/{name}/"
    seen: dict[str, Any] = {"before": [jobs.has_prefix(home), jobs.exists(f"{home}script")]}
    jobs.submit(name, SCRIPT.encode(), Machine(IMAGE))
    seen["submitted"] = [jobs.has_prefix(home), jobs.exists(f"{home}script")]
    states = [jobs.status(name).state]
    jobs.stop(name)
    states.append(jobs.status(name).state)
    jobs.start(name)
    states.append(jobs.status(name).state)
    seen["states"] = states

    # What the instance would write.
    s3.put_object(Bucket=name, Key=f"{home}logs/0001", Body=b"epoch 1\nepoch 2\n")
    s3.put_object(Bucket=name, Key=f"{home}logs/0002", Body="epoch 3 \u2713".encode())
    s3.put_object(Bucket=name, Key=f"{home}result.json", Body=json.dumps({"status": 3}).encode())
    ended = jobs.status(name)
    seen["ended"] = [ended.state, ended.exit_status]
    seen["logs"] = list(jobs.logs(name))
    jobs.delete(name)
    seen["deleted"] = [jobs.has_prefix(home), _outcome(lambda: jobs.status(name), NoSuchJob)]
    return seen


def _outcome(act: Callable[[], Any], expected: type[Exception]) -> str:
    try:
        return f"returned {act()}"
    except expected as error:
        return type(error).__name__


def _without_name(seen: Any, name: str) -> Any:
    """Return plain data with a placeholder for the name."""
    return json.loads(json.dumps(seen).replace(name, "NAME"))
