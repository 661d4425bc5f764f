"""The error that a refused redirect ends the call with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore_redirect import errors
from botocore_redirect.rules.location import redact

if TYPE_CHECKING:
    from botocore_redirect.rules.hop import Chain, Refusal
    from botocore_redirect.state import CallState


def client_error(
    refusal: Refusal,
    operation_model: Any,
    parsed: Any,
    call_state: CallState,
    chain: Chain,
    context: Any,
) -> errors.RedirectError:
    """Return the error for a refusal, with the hops before it and the answer's metadata."""
    metadata = dict(parsed.get("ResponseMetadata", {}))
    fields = dict(metadata.get("HTTPHeaders", {}))
    if "location" in fields:
        fields["location"] = redact(fields["location"])
    metadata["HTTPHeaders"] = fields
    metadata.setdefault("RetryAttempts", context.get("retries", {}).get("attempt", 1) - 1)
    response = {
        "Error": {"Code": refusal.kind, "Message": refusal.why},
        "ResponseMetadata": metadata,
    }
    call_state.add_hops_to_metadata(response)
    kind: type[errors.RedirectError] = getattr(errors, refusal.kind)
    return kind(
        response,
        operation_model.name,
        reason=refusal.reason,
        location=refusal.location,
        chain=chain.hops,
    )
