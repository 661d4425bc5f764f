"""Who asks AWS, and where: the region and the credentials of all clients of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.config import Config

from workloads.cluster.calls import Calls
from workloads.cluster.errors import PermissionDenied

# `Calls` tries again. If botocore did so as well, the numbers would be multiplied.
_NO_RETRIES = Config(retries={"max_attempts": 0})


@dataclass(frozen=True)
class Access:
    """Make clients of a session, in one region, with one set of credentials.

    Without a `region` or `credentials` of its own it uses those of the session.
    """

    session: Any
    endpoint_url: str | None = None
    region: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def client(self, service: str, call: Calls) -> Any:
        """Return a client of a service."""
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
        """Return the access that a role has: `role` is its ARN, `name` is for the audit log.

        It ends after `seconds`, and is not renewed. A role that was made or changed just now is
        refused for some seconds, so a refusal is believed only when it stays.
        """
        sts = self.client("sts", call)
        answer = call.despite(
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
