"""The gateway: an HTTP server on this machine that redirects, relays, breaks off and records."""

from botocore_redirect.testing.server.exchange import SAME, Received, Redirect, Response
from botocore_redirect.testing.server.faults import HANG_UP, SILENCE, Fault
from botocore_redirect.testing.server.gateway import Gateway

__all__ = ["HANG_UP", "SAME", "SILENCE", "Fault", "Gateway", "Received", "Redirect", "Response"]
