from __future__ import annotations

import pickle
from typing import Any

import pytest

from botocore_redirect import RedirectPolicy


@pytest.mark.parametrize(
    ("fields", "error", "hint"),
    [
        ({"max_hops": -1}, ValueError, "negative"),
        ({"max_hops": 2.5}, TypeError, "whole number"),
        ({"max_hops": True}, TypeError, "whole number"),
        ({"statuses": {304}}, ValueError, "304 cannot be followed"),
        ({"statuses": ()}, ValueError, "nothing would be followed"),
        ({"statuses": 307}, TypeError, "collection"),
        ({"statuses": "307"}, TypeError, "collection"),
        ({"trust": "http://store.com"}, ValueError, "without scheme"),
        ({"trust": ("store.com", "")}, ValueError, "can match no host"),
        ({"trust": (7,)}, TypeError, "is a string"),
        ({"trust_defaults": False}, ValueError, "trust no host at all"),
        ({"trust_defaults": None}, TypeError, "True or False"),
        ({"allow_downgrade": 1}, TypeError, "True or False"),
        ({"services": "s3"}, TypeError, "collection"),
        ({"services": ()}, ValueError, "names no service"),
        ({"workarounds": {"aspirin"}}, ValueError, "'aspirin' is no workaround"),
        ({"workarounds": "pools"}, TypeError, "collection"),
        ({"trust": 42}, TypeError, "trust is a host pattern"),
        ({"trust": None}, TypeError, "trust is a host pattern"),
        ({"statuses": None}, TypeError, "collection"),
        ({"services": None}, TypeError, "collection"),
        ({"services": [1]}, ValueError, "names no service"),
        ({"workarounds": None}, TypeError, "collection"),
    ],
)
def test_nonsense_is_refused_when_the_policy_is_made(
    fields: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint):
        RedirectPolicy(**fields)


def test_its_repr_shows_what_differs_from_the_defaults() -> None:
    policy = RedirectPolicy(trust="*.store.com", statuses=frozenset({308, 307}))
    assert repr(policy) == "RedirectPolicy(trust=('*.store.com',), statuses=[307, 308])"
    assert repr(RedirectPolicy()) == "RedirectPolicy()"


def test_it_is_frozen_hashable_and_comparable() -> None:
    policy = RedirectPolicy(trust="*.store.com")
    assert policy == RedirectPolicy(trust=["*.store.com"])
    assert hash(policy) == hash(RedirectPolicy(trust=("*.store.com",)))
    with pytest.raises(AttributeError):
        policy.max_hops = 7  # type: ignore[misc]  # that is the point


def test_listed_hosts_come_on_top_of_the_defaults() -> None:
    policy = RedirectPolicy(trust="cdn.net")
    assert policy.trusts("https://s3.store.com", "https://cdn.net")
    assert policy.trusts("https://s3.store.com", "https://node1.store.com")
    assert not policy.trusts("https://s3.store.com", "https://evil.com")


def test_listed_hosts_can_replace_the_defaults() -> None:
    policy = RedirectPolicy(trust="cdn.net", trust_defaults=False)
    assert policy.trusts("https://s3.store.com", "https://cdn.net")
    assert not policy.trusts("https://s3.store.com", "https://node1.store.com")


def test_a_function_decides_from_two_origins() -> None:
    asked = []

    def mine(gateway: str, target: str) -> bool:
        asked.append((gateway, target))
        return target.endswith(":9443")

    policy = RedirectPolicy(trust=mine)
    assert policy.trusts("https://s3.store.com/bkt", "https://evil.com:9443/bkt?secret")
    assert not policy.trusts("https://s3.store.com/bkt", "https://evil.com/bkt")
    assert asked[0] == ("https://s3.store.com", "https://evil.com:9443")


@pytest.mark.parametrize(
    ("environ", "policy"),
    [
        ({}, RedirectPolicy()),
        (
            {"BOTOCORE_REDIRECT_TRUST": "a.com, 10.0.0.0/8,", "BOTOCORE_REDIRECT_MAX_HOPS": "2"},
            RedirectPolicy(trust=("a.com", "10.0.0.0/8"), max_hops=2),
        ),
        ({"BOTOCORE_REDIRECT_TRUST": "", "BOTOCORE_REDIRECT_MAX_HOPS": " "}, RedirectPolicy()),
    ],
)
def test_the_environment_describes_a_policy(
    environ: dict[str, str], policy: RedirectPolicy
) -> None:
    assert RedirectPolicy.from_env(environ) == policy


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({"BOTOCORE_REDIRECT_MAX_HOPS": "many"}, "BOTOCORE_REDIRECT_MAX_HOPS='many'"),
        ({"BOTOCORE_REDIRECT_MAX_HOPS": "-1"}, "BOTOCORE_REDIRECT_MAX_HOPS='-1'"),
        ({"BOTOCORE_REDIRECT_TRUST": "http://a"}, "BOTOCORE_REDIRECT_TRUST: .*without scheme"),
    ],
)
def test_nonsense_in_the_environment_names_the_variable(environ: dict[str, str], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        RedirectPolicy.from_env(environ)


def test_it_can_be_sent_to_another_process() -> None:
    policy = RedirectPolicy(trust=("*.store.com", "10.0.0.0/8"), max_hops=2)
    copy = pickle.loads(pickle.dumps(policy))
    assert copy == policy
    assert copy.trusts("https://gw.net", "https://10.1.1.1")
