from __future__ import annotations

import dataclasses
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import pytest

from botocore_redirect import RedirectPolicy, environment


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
        ({"rewrites": "on"}, TypeError, "rewrites is True or False, not 'on'"),
        ({"services": "s3"}, TypeError, "collection"),
        ({"services": ()}, ValueError, "names no service"),
        ({"services": ["S3"]}, ValueError, "has no service 'S3'; did you mean 's3'"),
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
def test_an_invalid_setting_is_refused_when_the_policy_is_created(
    fields: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint):
        RedirectPolicy(**fields)


@pytest.mark.parametrize(
    ("name", "near"),
    [("S3", "s3"), ("s3-control", "s3control"), ("dynamo", "dynamodb"), ("S3Control", "s3control")],
)
def test_an_unknown_service_is_refused_with_similar_names(name: str, near: str) -> None:
    said = (
        f"the installed botocore, {botocore.__version__}, has no service {name!r};"
        f" did you mean {near!r}?"
    )
    with pytest.raises(ValueError, match=re.escape(said)):
        RedirectPolicy(services=frozenset({"s3", name}))


def test_an_unknown_service_without_similar_names_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="has no service 'frobnicate'; write it as boto3"):
        RedirectPolicy(services=frozenset({"frobnicate"}))


def test_services_of_the_installed_botocore_are_accepted() -> None:
    services = frozenset({"s3", "s3control"})
    assert RedirectPolicy(services=services).services == services


def test_a_service_that_an_older_botocore_lacks_is_refused_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "s3" / "2006-03-01" / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text("{}")
    monkeypatch.setattr("botocore.loaders.Loader.BUILTIN_DATA_PATH", str(tmp_path))
    monkeypatch.setattr("botocore.__version__", "1.13.50")
    with pytest.raises(
        ValueError, match=r"botocore, 1\.13\.50, has no service 's3vectors'; .*newer"
    ):
        RedirectPolicy(services=frozenset({"s3vectors"}))


def test_a_custom_service_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "ourstore" / "2026-01-01" / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text("{}")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    services = frozenset({"ourstore"})
    assert RedirectPolicy(services=services).services == services


def test_a_policy_for_s3_does_not_load_botocore() -> None:
    code = (
        "import sys; from botocore_redirect.policy import RedirectPolicy;"
        " RedirectPolicy(services=['s3'], trust='*.store.com').trusts('http://a.b', 'http://c.d');"
        " print([name for name in sys.modules if name.partition('.')[0] == 'botocore'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_repr_shows_the_settings_that_differ_from_the_defaults() -> None:
    policy = RedirectPolicy(trust="*.store.com", statuses=frozenset({308, 307}))
    assert repr(policy) == "RedirectPolicy(trust=('*.store.com',), statuses=[307, 308])"
    assert repr(RedirectPolicy()) == "RedirectPolicy()"


def test_a_policy_is_frozen_hashable_and_comparable() -> None:
    policy = RedirectPolicy(trust="*.store.com")
    assert policy == RedirectPolicy(trust=["*.store.com"])
    assert hash(policy) == hash(RedirectPolicy(trust=("*.store.com",)))
    with pytest.raises(AttributeError):
        policy.max_hops = 7  # type: ignore[misc]  # that is the point


def test_listed_hosts_are_added_to_the_defaults() -> None:
    policy = RedirectPolicy(trust="cdn.net")
    assert policy.trusts("https://s3.store.com", "https://cdn.net")
    assert policy.trusts("https://s3.store.com", "https://node1.store.com")
    assert not policy.trusts("https://s3.store.com", "https://evil.com")


def test_listed_hosts_can_replace_the_defaults() -> None:
    policy = RedirectPolicy(trust="cdn.net", trust_defaults=False)
    assert policy.trusts("https://s3.store.com", "https://cdn.net")
    assert not policy.trusts("https://s3.store.com", "https://node1.store.com")


def test_hosts_of_trust_are_distinguished_from_the_defaults() -> None:
    gateway, node, inside = "https://s3.store.com", "https://n.store.com", "http://10.1.1.1:9000"
    policy = RedirectPolicy(trust="10.0.0.0/8")
    assert policy.trusts_explicitly(gateway, inside)
    assert policy.trusts(gateway, node)
    assert not policy.trusts_explicitly(gateway, node)
    assert not policy.trusts_explicitly(gateway, gateway)
    assert not RedirectPolicy().trusts_explicitly("http://10.0.0.1", inside)
    assert RedirectPolicy().trusts("http://10.0.0.1", inside)
    assert RedirectPolicy(trust="*").trusts_explicitly(gateway, inside)


def test_a_trust_function_trusts_where_it_returns_true() -> None:
    policy = RedirectPolicy(trust=lambda _gateway, target: target == "http://10.1.1.1:9000")
    assert policy.trusts_explicitly(
        "https://s3.store.com/bkt", "http://10.1.1.1:9000/bkt/key?versionId=1"
    )
    assert not policy.trusts_explicitly("https://s3.store.com/bkt", "http://10.1.1.1/bkt/key")


def test_a_trust_function_gets_two_origins() -> None:
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
        ({"BOTOCORE_REDIRECT_REWRITES": " "}, RedirectPolicy()),
        *(
            ({"BOTOCORE_REDIRECT_REWRITES": word}, RedirectPolicy(rewrites=True))
            for word in ("on", "1", "yes", "true", " On ")
        ),
        *(
            ({"BOTOCORE_REDIRECT_REWRITES": word}, RedirectPolicy(rewrites=False))
            for word in ("off", "0", "no", "false", "OFF")
        ),
        (
            {"BOTOCORE_REDIRECT_STATUSES": "307, 308,"},
            RedirectPolicy(statuses=frozenset({307, 308})),
        ),
        ({"BOTOCORE_REDIRECT_STATUSES": ","}, RedirectPolicy()),
        ({"BOTOCORE_REDIRECT_WORKAROUNDS": "None"}, RedirectPolicy(workarounds=frozenset())),
        (
            {"BOTOCORE_REDIRECT_TRUST": "none", "BOTOCORE_REDIRECT_TRUST_DEFAULTS": "off"},
            RedirectPolicy(trust="none", trust_defaults=False),  # a host of this name
        ),
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
        ({"BOTOCORE_REDIRECT_REWRITES": "maybe"}, "^BOTOCORE_REDIRECT_REWRITES='maybe' is neither"),
        ({"BOTOCORE_REDIRECT_TRUST": "http://a"}, "BOTOCORE_REDIRECT_TRUST: .*without scheme"),
        (
            {"BOTOCORE_REDIRECT_TRUST": "a.com", "BOTOCORE_REDIRECT_STATUSES": "200"},
            "^BOTOCORE_REDIRECT_STATUSES: 200 cannot be followed",
        ),
        ({"BOTOCORE_REDIRECT_STATUSES": "307;308"}, "^BOTOCORE_REDIRECT_STATUSES='307;308' is not"),
        (
            {"BOTOCORE_REDIRECT_TRUST_DEFAULTS": "off"},
            "^BOTOCORE_REDIRECT_TRUST_DEFAULTS: ",
        ),
        ({"BOTOCORE_REDIRECT_ALLOW_DOWNGRADE": "y"}, "^BOTOCORE_REDIRECT_ALLOW_DOWNGRADE='y' is"),
        ({"BOTOCORE_REDIRECT_SERVICES": "s4"}, "^BOTOCORE_REDIRECT_SERVICES: .* no service 's4'"),
        ({"BOTOCORE_REDIRECT_WORKAROUNDS": "all"}, "^BOTOCORE_REDIRECT_WORKAROUNDS: 'all' is no"),
    ],
)
def test_an_invalid_variable_of_the_environment_is_named(
    environ: dict[str, str], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        RedirectPolicy.from_env(environ)


@pytest.mark.parametrize(
    ("policy", "environ"),
    [
        (RedirectPolicy(), {}),
        (RedirectPolicy(trust=" a.com "), {"BOTOCORE_REDIRECT_TRUST": "a.com"}),
        (
            RedirectPolicy(
                trust=("*.b.com", "10.0.0.0/8", "[::1]"),
                trust_defaults=False,
                max_hops=0,
                statuses=frozenset({308, 307}),
                allow_downgrade=True,
                services=frozenset({"sqs", "s3"}),
                workarounds=frozenset(),
                rewrites=True,
            ),
            {
                "BOTOCORE_REDIRECT_TRUST": "*.b.com,10.0.0.0/8,[::1]",
                "BOTOCORE_REDIRECT_TRUST_DEFAULTS": "off",
                "BOTOCORE_REDIRECT_MAX_HOPS": "0",
                "BOTOCORE_REDIRECT_STATUSES": "307,308",
                "BOTOCORE_REDIRECT_ALLOW_DOWNGRADE": "on",
                "BOTOCORE_REDIRECT_SERVICES": "s3,sqs",
                "BOTOCORE_REDIRECT_WORKAROUNDS": "none",
                "BOTOCORE_REDIRECT_REWRITES": "on",
            },
        ),
        (
            RedirectPolicy(workarounds=frozenset({"pools", "expect"})),
            {"BOTOCORE_REDIRECT_WORKAROUNDS": "expect,pools"},
        ),
    ],
)
def test_the_environment_holds_every_field_of_a_policy(
    policy: RedirectPolicy, environ: dict[str, str]
) -> None:
    assert policy.to_env() == environ
    assert RedirectPolicy.from_env(environ).to_env() == environ


def test_every_field_has_a_variable() -> None:
    names = {each.name for each in dataclasses.fields(RedirectPolicy) if each.init}
    assert {*environment.VARIABLES} == names


def test_every_variable_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "programs.md").read_text("utf-8")
    names = [environment.KILL_SWITCH, *(each.name for each in environment.VARIABLES.values())]
    assert re.findall(r"^\| `(BOTOCORE_REDIRECT\w*)` \|", page, re.MULTILINE) == names


def test_a_trust_function_is_refused_by_the_environment() -> None:
    with pytest.raises(ValueError, match=r"trust=<function .* is a function, .*: list the hosts"):
        RedirectPolicy(trust=lambda _gateway, _target: True).to_env()


def test_a_policy_can_be_pickled() -> None:
    policy = RedirectPolicy(trust=("*.store.com", "10.0.0.0/8"), max_hops=2, rewrites=True)
    copy = pickle.loads(pickle.dumps(policy))
    assert copy == policy
    assert copy.trusts("https://gw.net", "https://10.1.1.1")
