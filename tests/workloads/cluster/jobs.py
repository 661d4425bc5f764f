"""Jobs of a cluster: each is a script that runs on its own instance.

At its end the instance tags itself with the outcome and shuts down. So the state of a job is in EC2
alone. EC2 forgets a terminated instance within an hour, perhaps its tags sooner: then the job is
lost or not found. To keep a result for longer, the script has to store it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from workloads.cluster.calls import Calls
from workloads.cluster.ec2.instances import Instances
from workloads.cluster.ec2.network import Network
from workloads.cluster.ec2.tagging import OWNER
from workloads.cluster.errors import NotFound, NotReady, NotYet
from workloads.cluster.spec import check_name

JOB = "cluster-provider/job"  # the tag that names the job
OUTCOME = "cluster-provider/outcome"  # the tag that holds how the script ended

WAITING, RUNNING, STOPPED = "waiting", "running", "stopped"
SUCCEEDED, FAILED, CANCELLED, LOST = "succeeded", "failed", "cancelled", "lost"

_STATES = {"pending": WAITING, "running": RUNNING, "stopping": STOPPED, "stopped": STOPPED}
_LIVE = {*_STATES.values()}
_GONE = {"shutting-down", "terminated"}
_MOST_USER_DATA = 16 * 1024
_USER_DATA = """\
#!/bin/sh
metadata=http://169.254.169.254/latest
token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $metadata/api/token)
instance=$(curl -s -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id)
job=$(mktemp)
echo {script} | base64 -d > "$job"
chmod 700 "$job"
if "$job"; then outcome={succeeded}; else outcome={failed}; fi
aws ec2 create-tags --region {region} --resources "$instance" --tags "Key={tag},Value=$outcome"
shutdown -h now
"""


@dataclass(frozen=True)
class JobSpec:
    """A script, with its `#!` line, and the instance that it needs. The name identifies the job.

    `image` is the id of a machine image that has a shell, curl and the AWS CLI.
    """

    name: str
    script: str
    image: str
    instance_type: str = "t3.small"

    def __post_init__(self) -> None:
        check_name("job", self.name)

    def user_data(self, region: str) -> str:
        """Return the user data, which the instance runs when it starts."""
        script = base64.b64encode(self.script.encode()).decode("ascii")
        text = _USER_DATA.format(
            script=script, succeeded=SUCCEEDED, failed=FAILED, region=region, tag=OUTCOME
        )
        if len(text) > _MOST_USER_DATA:
            raise ValueError(
                f"The script of the job {self.name} makes {len(text)} bytes of user data, of which"
                f" EC2 takes {_MOST_USER_DATA}. Let the script download what it needs."
            )
        return text


class Jobs:
    """Run jobs in the network of a cluster."""

    def __init__(self, ec2: Any, call: Calls, cluster: str) -> None:
        check_name("cluster", cluster)
        self._ec2 = ec2
        self._call = call
        self._cluster = cluster
        self._instances = Instances(ec2, call)

    def submit(self, job: JobSpec, network: Network, profile: str) -> str:
        """Start a job, unless one of that name exists, and return the id of its instance."""
        for instance in self._found(job.name):
            return str(instance["InstanceId"])
        tags = [
            {"Key": OWNER, "Value": self._cluster},
            {"Key": JOB, "Value": job.name},
        ]
        answer = self._call.retry_on(
            (NotYet,),
            self._ec2.run_instances,
            ImageId=job.image,
            InstanceType=job.instance_type,
            MinCount=1,
            MaxCount=1,
            SubnetId=network.subnets[0],
            SecurityGroupIds=[network.security_group],
            IamInstanceProfile={"Name": profile},
            InstanceInitiatedShutdownBehavior="terminate",
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
            UserData=job.user_data(self._ec2.meta.region_name),
            ClientToken=_token(network.vpc, self._cluster, job.name),
        )
        return str(answer["Instances"][0]["InstanceId"])

    def status(self, name: str) -> str:
        """Return the status of a job: one of the constants of this module."""
        return _status(self._one(name))

    def all(self) -> dict[str, str]:
        """Return the status of each job that EC2 still knows, by name."""
        found = self._instances.find({OWNER: self._cluster})
        return {_tags(each)[JOB]: _status(each) for each in found if JOB in _tags(each)}

    def wait(self, name: str) -> str:
        """Wait until a job has ended, and return its status."""
        # The waiter of EC2 gives up on an instance that is still pending.
        status = self._call.watch(lambda: self.status(name), lambda seen: seen not in _LIVE)
        if status in _LIVE:
            raise NotReady(f"The job {name} is still {status}. Wait again, or cancel it.")
        return status

    def cancel(self, name: str) -> None:
        """End a job whose instance still runs; an outcome that is known is kept."""
        instance = self._one(name)
        if instance["State"]["Name"] in _GONE:
            return
        if OUTCOME not in _tags(instance):
            self._call(
                self._ec2.create_tags,
                Resources=[instance["InstanceId"]],
                Tags=[{"Key": OUTCOME, "Value": CANCELLED}],
            )
        self._instances.terminate(instance["InstanceId"])

    def end_all(self) -> None:
        """End all jobs and remove their tags, so that a later cluster of this name has none."""
        found = self._instances.find({OWNER: self._cluster})
        if not found:
            return
        # A network that has instances cannot be removed.
        if ids := [each["InstanceId"] for each in found if each["State"]["Name"] != "terminated"]:
            self._instances.terminate(*ids)
        everything = [each["InstanceId"] for each in found]
        self._call(self._ec2.delete_tags, Resources=everything, Tags=[{"Key": OWNER}])

    def _one(self, name: str) -> dict[str, Any]:
        for instance in self._found(name):
            return instance
        raise NotFound(
            f"The cluster {self._cluster} has no job {name}; EC2 forgets one soon after its end."
        )

    def _found(self, name: str) -> list[dict[str, Any]]:
        check_name("job", name)
        return self._instances.find({OWNER: self._cluster, JOB: name})


def _status(instance: dict[str, Any]) -> str:
    outcome, state = _tags(instance).get(OUTCOME), instance["State"]["Name"]
    # The tag precedes the termination: until then the job runs.
    if outcome is None or (outcome == CANCELLED and state not in _GONE):
        return _STATES.get(state, LOST)
    return outcome


def _token(*names: str) -> str:
    """Return the client token, for which EC2 starts one instance however often it is asked.

    EC2 remembers a token for longer than the instance, so another network needs another token.
    """
    return hashlib.sha256("/".join(names).encode()).hexdigest()


def _tags(instance: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
