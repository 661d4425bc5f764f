"""The machine of a job: what it is, and what it does from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workloads.job_name import JobName

SUBMISSION = "job-manager/submission"  # the tag that says who asked for it

# cloud-init runs user data once, and what is in the directory at every later start. A machine that
# finds no script was not meant to be, and ends.
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
    """What a job runs on: an image with a shell and the AWS CLI; `profile` opens the bucket.

    The image has cloud-init, as those of Amazon and most others do.
    """

    image: str
    instance_type: str = "t3.small"
    profile: str | None = None

    def request(self, name: JobName, submission: str) -> dict[str, Any]:
        """Return what EC2 is asked for; asked twice for one submission, it makes one machine."""
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
