"""A redirected call does what the direct call does, or ends in an error and changes nothing.

The store carries out the requests that it gets, and knows nothing of the rules of the patch.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.testing import Gateway
from wire.botocore_versions import VERSION
from wire.conftest import NOWHERE
from wire.same_operation.calls import Call, list_calls
from wire.same_operation.mutations import list_mutations
from wire.same_operation.site import Site
from wire.servers.names import resolve_everything
from wire.servers.s3_routes import load_model

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS = list_calls()
#: All of them take a minute of CPU. An older botocore makes the same requests of the same calls, so
#: that a part of them shows that the rule is at work there.
STEP = 1 if VERSION >= (1, 44) else 7
KINDS = {
    "faithful": 4000,
    "query lost": 500,
    "parameter lost": 250,
    "value changed": 300,
    "given twice": 100,
    "name in another spelling": 450,
    "other separators": 200,
    "parameter added": 500,
    "parameter added, odd spelling": 500,
    "header added in the query": 120,
    "key lost or cut": 500,
    "key changed": 800,
    "bucket lost or changed": 700,
    "dot segments and slashes": 900,
    "virtual hosts": 500,
    "prefixes": 300,
    "a login page": 200,
    "303 for a write": 100,
}

pytestmark = pytest.mark.usefixtures("patched", "every_name_is_this_machine")


@pytest.fixture(scope="module")
def every_name_is_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        resolve_everything(patch)
        yield


@pytest.fixture(scope="module")
def site(module_session: Any) -> Iterator[Site]:
    with Gateway(NOWHERE, expect="late") as gateway, Gateway(NOWHERE, expect="late") as node:
        yield Site(module_session, gateway, node)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_redirected_call_does_what_the_direct_call_does_or_nothing(
    site: Site, call: Call
) -> None:
    asked, direct = site.ask(call)
    mutations = list_mutations(asked)[::STEP]
    outcomes = ((each, site.run(call, each)) for each in mutations)
    problems = [outcome.problem(direct, site.before, each) for each, outcome in outcomes]
    found = [each for each in problems if each]
    shown = "\n".join(found[:10])
    assert not found, f"{len(found)} of {len(mutations)} redirects of {call}:\n{shown}"


def test_there_are_redirects_of_every_kind_for_every_operation(site: Site) -> None:
    counts: Counter[str] = Counter()
    for call in CALLS:
        asked, _ = site.ask(call)
        counts.update(each.kind for each in list_mutations(asked))
    assert {call.operation for call in CALLS} == set(load_model().operation_names)
    assert set(counts) == set(KINDS)
    assert {kind: count for kind, count in counts.items() if count < KINDS[kind]} == {}
