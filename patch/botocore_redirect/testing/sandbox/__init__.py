"""The sandbox: no connection leaves this machine, and no real credential is in reach."""

from botocore_redirect.testing.sandbox.environment import aws_sandbox
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    Refusal,
)

__all__ = ["CallRefused", "CallRefusedInThread", "Refusal", "aws_sandbox"]
