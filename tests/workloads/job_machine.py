"""The instance of a job: its type, and its user data from start to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workloads.job_name import JobName

SUBMISSION = "job-manager/submission"  # the tag that names the submission

# cloud-init runs user data once, and the scripts in per-boot at every later start. An instance that
# finds no script belongs to a submission that failed, and shuts down.
_USER_DATA = """\
#!/bin/sh
cp "$0" /var/lib/cloud/scripts/per-boot/
export JOB={home}
aws s3 cp "$JOB/script" /tmp/script || {{ shutdown -h now; exit; }}
chmod 700 /tmp/script
log="$JOB/logs/$(date -u +%Y%m%dT%H%M%SZ)"
/tmp/script > /tmp/log 2>&1 &
while sleep 10 && kill -0 $!; do aws s3 cp /tmp/log "$log"; done
wait $!
status=$?
aws s3 cp /tmp/log "$log"
echo "{{\\"status\\": $status}}" | aws s3 cp - "$JOB/result.json"
shutdown -h now
"""


@dataclass(frozen=True)
class Machine:
    """What a job runs on. `profile` is an instance profile that may use the bucket.

    The image has cloud-init, a shell and the AWS CLI.
    """

    image: str
    instance_type: str = "t3.small"
    profile: str | None = None

    def request(self, name: JobName, submission: str) -> dict[str, Any]:
        """Return the parameters of RunInstances; EC2 starts one instance for each submission."""
        tags = {**name.tags, SUBMISSION: submission}
        request: dict[str, Any] = {
            "ImageId": self.image,
            "InstanceType": self.instance_type,
            "MinCount": 1,
            "MaxCount": 1,
            "InstanceInitiatedShutdownBehavior": "terminate",
            "UserData": _USER_DATA.format(home=name.url),
            "ClientToken": submission,
            "TagSpecifications": [
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                }
            ],
        }
        if self.profile is not None:
            request["IamInstanceProfile"] = {"Name": self.profile}
        return request
