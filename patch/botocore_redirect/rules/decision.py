"""The decision on a redirect: follow it, refuse it, or leave it to botocore."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore_redirect.rules.canonical import without_echo
from botocore_redirect.rules.endpoint_element import location_from_endpoint
from botocore_redirect.rules.hop import Answer, Decision, Discover, Follow
from botocore_redirect.rules.hosts.aws import aws_partition, is_aws_s3
from botocore_redirect.rules.location import LocationError, Reference, resolve
from botocore_redirect.rules.operation import (
    AllowedForms,
    OtherOperation,
    SameOperation,
    compare,
    same_address,
)
from botocore_redirect.rules.presigned import is_presigned
from botocore_redirect.rules.refusals import (
    PossibleHop,
    find_refusal,
    refuse_malformed_location,
    refuse_region_of_aws,
    refuse_without_location,
)
from botocore_redirect.rules.target_host import TargetHost, describe_host, gateway_of, host_of

if TYPE_CHECKING:
    from botocore_redirect.policy import RedirectPolicy

_REGION = re.compile(r"[A-Za-z0-9._-]{1,63}")


def decide(answer: Answer, policy: RedirectPolicy) -> Decision:
    """Return what to do with a redirect; None leaves it to botocore."""
    if answer.status not in policy.statuses:
        return None
    gateway = gateway_of(answer.call)
    if is_aws_s3(host_of(gateway)):
        return _decide_at_aws(answer, gateway, policy)
    if not answer.locations:  # else the body is not read, but for what has arrived by chance
        answer = answer._replace(region=answer.region or answer.region_in_body)
    try:
        references = _references(answer, gateway, policy)
    except LocationError as problem:
        return refuse_malformed_location(answer, problem)
    if not references:
        return _find_region(answer)
    if answer.region and is_aws_s3(host_of(references[0].origin)):
        # A proxy in front of AWS, or a client of the wrong region: botocore stays at the endpoint.
        if answer.botocore_can_find_region:
            return None
        return refuse_region_of_aws(answer, references[0])
    return _decide(answer, gateway, references, policy)


def _decide_at_aws(answer: Answer, gateway: str, policy: RedirectPolicy) -> Decision:
    """Leave to botocore what names a region, or leads away from S3 of the same partition."""
    if answer.region or answer.region_in_body or len(answer.locations) != 1:
        return None
    try:
        references = _references(answer, gateway, policy)
    except LocationError:
        return None
    if aws_partition(host_of(references[0].origin)) != aws_partition(host_of(gateway)):
        return None
    return _decide(answer, gateway, references, policy)


def _find_region(answer: Answer) -> Decision:
    """Have botocore go to the region of the bucket: the answer names it, or HEAD may tell it."""
    if not answer.botocore_can_find_region:
        return refuse_without_location(answer)
    if answer.region:
        return None
    if answer.call.is_head_bucket:  # to ask by HEAD what HEAD was just asked would never end
        return refuse_without_location(answer)
    return Discover(refuse_without_location(answer))


def _references(answer: Answer, gateway: str, policy: RedirectPolicy) -> list[Reference]:
    """Return the URLs that an answer can mean; none if it does not say where to go."""
    call = answer.call
    if len(answer.locations) > 1:
        raise LocationError("it has more than one Location header")
    location = answer.locations[0] if answer.locations else None
    if location is None and answer.endpoint:
        location = location_from_endpoint(answer.endpoint, call, gateway, policy)
    if location is None:
        return []
    ends = (f"{call.label}/{call.key}", call.key) if call.key else ()
    hops = answer.chain.hops
    # A presigned target was sent the store's signature, and none of the client's.
    sent = "" if hops and hops[-1].sent == "presigned" else urlsplit(answer.sent_url).query
    return [
        each._replace(query=without_echo(each.query, sent))
        for each in resolve(location, answer.sent_url, ends)
    ]


def _decide(
    answer: Answer, gateway: str, references: list[Reference], policy: RedirectPolicy
) -> Decision:
    """Decide on the first reading of a Location that means the call, else on the likeliest."""
    target_host = describe_host(answer.call, gateway, references[0].origin, policy)
    hops = [_possible_hop(answer, gateway, target_host, each, policy) for each in references]
    hop = next((each for each in hops if isinstance(each.comparison, SameOperation)), hops[0])
    return find_refusal(hop, policy) or _follow(hop)


def _possible_hop(
    answer: Answer,
    gateway: str,
    target_host: TargetHost,
    reference: Reference,
    policy: RedirectPolicy,
) -> PossibleHop:
    call, path, query = answer.call, reference.path, reference.query
    presigned = is_presigned(query)
    allowed = AllowedForms(
        elsewhere=not any(same_address(reference.origin, url) for url in (call.url, gateway)),
        bucket_in_host=target_host.bucket_in_host,
        other_bucket_in_host=target_host.other_bucket_in_host,
        presigned=presigned,
        rewrites=policy.rewrites,
    )
    comparison = compare(call, path, query, allowed)
    needs_trust = False
    if not (presigned or target_host.trusted or isinstance(comparison, OtherOperation)):
        strict = compare(call, path, query, allowed._replace(new_prefix=False))
        needs_trust = isinstance(strict, OtherOperation)
    if presigned:
        url = reference.url
    elif isinstance(comparison, SameOperation) and comparison.path is not None:
        url = reference.with_path(comparison.path)
    else:
        url = reference.url_as_signed
    return PossibleHop(answer, gateway, target_host, url, presigned, comparison, needs_trust)


def _follow(hop: PossibleHop) -> Follow:
    """Say how the request goes to its target: presigned, signed anew, or unsigned."""
    host, region = hop.target_host, hop.answer.region
    if hop.presigned:
        return Follow(hop.url, "presigned", host.trusted, host.bucket_in_host)
    if host.trusted and not hop.answer.chain.anonymous:
        named = region if region and _REGION.fullmatch(region) else None
        return Follow(hop.url, "signed", host.trusted, host.bucket_in_host, named)
    return Follow(hop.url, "anonymous", host.trusted, host.bucket_in_host)
