"""Clusters on EKS, created and removed together with all they need of EC2 and IAM.

    provider = ClusterProvider(boto3.session.Session(), region="eu-central-1")
    provider.create(ClusterSpec("training"))
    provider.submit("training", JobSpec("night-1", script, image))
    provider.job("training", "night-1")
    provider.delete("training")

Repeating a call is safe: it creates what is missing, changes what may be changed, and refuses other
changes. A creation that fails removes what it created, the newest first. All state is in AWS: the
resources of a cluster are found by their tags, names and paths, and no others are touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from workloads.cluster.access import Access
from workloads.cluster.calls import Calls
from workloads.cluster.clusters import Clusters
from workloads.cluster.ec2.instances import Instances
from workloads.cluster.ec2.key_pairs import KeyPairs
from workloads.cluster.ec2.network import Network, Networks
from workloads.cluster.ec2.tagging import OWNER
from workloads.cluster.iam.documents import Document, allowed, trust_in_roles, trust_in_services
from workloads.cluster.iam.identity import Identity
from workloads.cluster.iam.service_accounts import ServiceAccounts
from workloads.cluster.jobs import Jobs, JobSpec
from workloads.cluster.spec import ClusterSpec
from workloads.cluster.undo import Undo

_PATIENT = Calls()
_JOBS = "jobs"  # the purpose of the role of a cluster's jobs, and of their instance profile


@dataclass(frozen=True)
class Cluster:
    """The description of a cluster by EKS."""

    name: str
    status: str
    endpoint: str
    issuer: str
    node_groups: tuple[str, ...]


class ClusterProvider:
    """Create, change and remove clusters, and run jobs in them.

    `session` is a session of boto3. A `region` takes precedence over its region. With the ARN of a
    `role` the provider assumes that role, for an hour. `calls` defines retries and waits. Errors
    that a caller can act upon are `ProviderError`s.
    """

    def __init__(
        self,
        session: Any,
        endpoint_url: str | None = None,
        *,
        region: str | None = None,
        role: str | None = None,
        calls: Calls = _PATIENT,
    ) -> None:
        access = Access(session, endpoint_url, region)
        if role is not None:
            access = access.assume(role, "cluster-provider", calls)
        self._call = calls
        self._iam = access.client("iam", calls)
        self._ec2 = access.client("ec2", calls)
        self._networks = Networks(self._ec2, calls)
        self._pairs = KeyPairs(self._ec2, calls)
        self._clusters = Clusters(access.client("eks", calls), calls)
        self.instances = Instances(self._ec2, calls)

    def create(self, spec: ClusterSpec) -> Cluster:
        """Create a cluster, or change the one of that name to the spec.

        Roles, logs and the size of the node group follow the spec. Another version and other
        instance types are refused; an existing key pair is kept.
        """
        # A cluster of somebody else is refused before anything is created.
        self._clusters.own(spec.name)
        roles = self._identity(spec.name)
        with Undo() as undo:
            trust_eks, trust_ec2 = map(
                trust_in_services, ("eks.amazonaws.com", "ec2.amazonaws.com")
            )
            control = roles.ensure_role(
                roles.name("control"), trust_eks, spec.cluster_policies, undo
            )
            nodes = roles.ensure_role(roles.name("nodes"), trust_ec2, spec.node_policies, undo)
            self._ensure_jobs_role(spec.name, roles, trust_ec2, undo)
            network = self._networks.ensure(spec, undo)
            if spec.public_key is not None:
                self._pairs.ensure(spec.name, spec.key_pair, spec.public_key, undo)
            self._clusters.ensure(spec, control, network, undo)
            self._clusters.ensure_nodes(spec, nodes, network, undo)
        return self.describe(spec.name)

    def describe(self, name: str) -> Cluster:
        """Describe a cluster."""
        found = self._clusters.describe(name)
        issuer = found.get("identity", {}).get("oidc", {}).get("issuer", "")
        groups = tuple(sorted(self._clusters.node_groups(name)))
        return Cluster(name, found["status"], found.get("endpoint", ""), issuer, groups)

    def names(self) -> list[str]:
        """Return the names of all clusters in the region."""
        return sorted(self._clusters.names())

    def network(self, name: str) -> Network:
        """Return the network of a cluster."""
        return self._networks.find(name)

    def scale(self, spec: ClusterSpec, nodes: int) -> None:
        """Scale the node group of a cluster, within the bounds of its spec."""
        scaling = replace(spec.nodes, nodes=nodes).scaling
        self._clusters.own(spec.name)
        self._clusters.scale(spec.name, spec.nodes.name, scaling)

    def ensure_policy(self, cluster: str, name: str, policy: Document) -> str:
        """Create a policy for roles of a cluster, removed with it, and return its ARN."""
        with Undo() as undo:
            return self._identity(cluster).ensure_policy(name, policy, undo)

    def service_account(self, cluster: str, namespace: str, account: str, policy: Document) -> str:
        """Give a service account of Kubernetes a role with a policy; return the role's ARN."""
        self._clusters.own(cluster)
        role = self._identity(cluster).name(f"{namespace}-{account}")
        with Undo() as undo:
            return self._accounts(cluster).ensure(role, namespace, account, policy, undo)

    def operators(self, cluster: str, *trusted: str) -> str:
        """Let others (roles or accounts, by ARN) operate a cluster; return the role to assume."""
        roles = self._identity(cluster)
        role = roles.name("operators")
        with Undo() as undo:
            arn = roles.ensure_role(role, trust_in_roles(*trusted), (), undo)
            roles.allow(role, "operate", allowed("eks:*", "ec2:*", "iam:Get*", "iam:List*"))
            # Submitting a job passes a role to its instance.
            own = f"{arn.rpartition('/')[0]}/*"
            roles.allow(role, "submit", allowed("iam:PassRole", on=own))
        return arn

    def submit(self, cluster: str, job: JobSpec) -> str:
        """Run a script on a new instance in the network of a cluster; return the instance's id."""
        profile = self._identity(cluster).name(_JOBS)
        return self._jobs(cluster).submit(job, self.network(cluster), profile)

    def job(self, cluster: str, name: str) -> str:
        """Return the status of a job: waiting, running, succeeded, failed, ..."""
        return self._jobs(cluster).status(name)

    def jobs(self, cluster: str) -> dict[str, str]:
        """Return the status of all jobs of a cluster, by name."""
        return self._jobs(cluster).all()

    def wait_for(self, cluster: str, name: str) -> str:
        """Wait until a job has ended, and return its status."""
        return self._jobs(cluster).wait(name)

    def cancel(self, cluster: str, name: str) -> None:
        """End a job."""
        self._jobs(cluster).cancel(name)

    def delete(self, name: str) -> None:
        """Remove a cluster and all that was created for it, or what is left of it.

        If a job or the cluster itself cannot be ended, an error is raised and what they use is
        kept; deleting again continues. Resources of others in the network are kept, and with them
        the VPC.
        """
        ours = self._clusters.own(name)
        self._jobs(name).end_all()
        if ours:
            # Before the cluster is gone: only it knows its issuer.
            self._accounts(name).delete_provider()
            self._clusters.delete(name)
        roles = self._identity(name)
        undo = Undo()
        for policy in roles.policies():
            undo.add(f"policy {policy}", partial(roles.delete_policy, policy))
        for role in roles.roles():
            undo.add(f"role {role}", partial(roles.delete_role, role))
        profile = roles.name(_JOBS)
        undo.add(f"instance profile {profile}", lambda: roles.delete_profile(profile))
        undo.add(f"network of {name}", lambda: self._networks.delete(name))
        undo.add(f"key pair of {name}", lambda: self._pairs.delete(name))
        undo.run()

    def _ensure_jobs_role(self, cluster: str, roles: Identity, trust: Document, undo: Undo) -> None:
        role = roles.name(_JOBS)
        roles.ensure_role(role, trust, (), undo)
        # The instance of a job tags itself with the outcome: see `jobs`.
        own = {f"ec2:ResourceTag/{OWNER}": cluster}
        roles.allow(role, "say-how-it-ended", allowed("ec2:CreateTags", StringEquals=own))
        roles.ensure_profile(role, role, undo)

    def _identity(self, cluster: str) -> Identity:
        return Identity(self._iam, self._call, cluster, self._ec2.meta.region_name)

    def _jobs(self, cluster: str) -> Jobs:
        return Jobs(self._ec2, self._call, cluster)

    def _accounts(self, cluster: str) -> ServiceAccounts:
        issuer = self.describe(cluster).issuer
        return ServiceAccounts(self._iam, self._call, self._identity(cluster), issuer)
