"""The region and the credentials of all clients of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.config import Config

from workloads.cluster.calls import Calls
from workloads.cluster.errors import PermissionDenied

# `Calls` retries. With the retries of botocore on top, the numbers would multiply.
_NO_RETRIES = Config(retries={"max_attempts": 0})


@dataclass(frozen=True)
class Access:
    """Create clients of a session, in one region, with one set of credentials.

    Without `region` and `credentials`, those of the session apply.
    """

    session: Any
    endpoint_url: str | None = None
    region: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def client(self, service: str, call: Calls) -> Any:
        """Create a client of a service."""
        return call(
            lambda: self.session.client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                config=_NO_RETRIES,
                **self.credentials,
            )
        )

    def assume(self, role: str, name: str, call: Calls, *, seconds: int = 3600) -> Access:
        """Assume a role by its ARN; `name` appears in the audit log.

        The credentials expire after `seconds` and are not renewed. AWS refuses a new or changed
        role for some seconds, so only a refusal that persists is raised.
        """
        sts = self.client("sts", call)
        answer = call.retry_on(
            (PermissionDenied,),
            sts.assume_role,
            RoleArn=role,
            RoleSessionName=name,
            DurationSeconds=seconds,
        )
        credentials = answer["Credentials"]
        return replace(
            self,
            credentials={
                "aws_access_key_id": credentials["AccessKeyId"],
                "aws_secret_access_key": credentials["SecretAccessKey"],
                "aws_session_token": credentials["SessionToken"],
            },
        )
