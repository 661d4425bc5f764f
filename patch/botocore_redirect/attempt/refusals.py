"""The error that a refusal becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore_redirect import errors
from botocore_redirect.rules.location import redact

if TYPE_CHECKING:
    from botocore_redirect.attempt.call_state import Call
    from botocore_redirect.rules.hop import Chain, Refusal


def make_error(
    refusal: Refusal, operation_model: Any, parsed: Any, call: Call, chain: Chain, context: Any
) -> errors.RedirectError:
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
    call.list_hops(response)
    kind: type[errors.RedirectError] = getattr(errors, refusal.kind)
    return kind(
        response,
        operation_model.name,
        reason=refusal.reason,
        location=refusal.location,
        chain=chain.hops,
    )
