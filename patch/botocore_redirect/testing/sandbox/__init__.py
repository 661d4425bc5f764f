"""The sandbox: no connection leaves this machine, and no real credentials are in reach."""

from botocore_redirect.testing.sandbox.environment import aws_sandbox
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    RefusedCall,
)

__all__ = ["CallRefused", "CallRefusedInThread", "RefusedCall", "aws_sandbox"]
