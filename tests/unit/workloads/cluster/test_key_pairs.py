"""Key pairs: imported, left alone, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.workloads.cluster.gateway_steps import OWNED, TAGS, born
from workloads.cluster import errors
from workloads.cluster.key_pairs import KeyPairs

if TYPE_CHECKING:
    from unit.workloads.stub import Stub
    from workloads.cluster.calls import Calls
    from workloads.cluster.undo import Undo

NAMED = {"Name": "key-name", "Values": ["pair"]}
ONE = {"KeyName": "pair", "KeyPairId": "key-1"}
PAIR = {"KeyName": "pair", "PublicKeyMaterial": b"ssh-rsa AAAA", **born("key-pair")}


@pytest.fixture
def pairs(ec2: Stub, call: Calls) -> KeyPairs:
    return KeyPairs(ec2.client, call)


def there(*pairs: dict[str, str]) -> dict[str, Any]:
    return {"KeyPairs": [*pairs]}


def test_a_key_pair_is_imported_as_bytes_and_undone(ec2: Stub, pairs: KeyPairs, undo: Undo) -> None:
    ec2.answers("describe_key_pairs", {"Filters": [NAMED]}, there())
    ec2.answers("import_key_pair", PAIR, ONE)
    pairs.ensure("c", "pair", "ssh-rsa AAAA", undo)
    ec2.answers("delete_key_pair", {"KeyName": "pair"})
    undo.run()


def test_a_key_pair_that_is_there_stays(ec2: Stub, pairs: KeyPairs, undo: Undo) -> None:
    ec2.answers("describe_key_pairs", {"Filters": [NAMED]}, there(ONE))
    pairs.ensure("c", "pair", "ssh-rsa AAAA", undo)
    undo.run()


def test_a_key_pair_whose_answer_was_lost_is_found_by_its_name_and_its_cluster(
    ec2: Stub, pairs: KeyPairs, undo: Undo
) -> None:
    ec2.answers("describe_key_pairs", {"Filters": [NAMED]}, there())
    ec2.refuses("import_key_pair", PAIR, "InternalError", status=500)
    ec2.answers("describe_key_pairs", {"Filters": [NAMED, *OWNED["Filters"]]}, there(ONE))
    pairs.ensure("c", "pair", "ssh-rsa AAAA", undo)


def test_a_key_pair_that_ec2_cannot_tag_when_it_is_made_is_tagged_by_its_id(
    ec2: Stub, pairs: KeyPairs, undo: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs._births, "_at_birth", lambda *_: {})
    plain = {key: value for key, value in PAIR.items() if key != "TagSpecifications"}
    ec2.answers("describe_key_pairs", {"Filters": [NAMED]}, there())
    ec2.answers("import_key_pair", plain, {"KeyName": "pair"})
    ec2.answers("describe_key_pairs", {"KeyNames": ["pair"]}, there(ONE))
    ec2.answers("create_tags", {"Resources": ["key-1"], "Tags": TAGS})
    pairs.ensure("c", "pair", "ssh-rsa AAAA", undo)


def test_a_key_pair_is_forgotten_by_the_tag_of_its_cluster(ec2: Stub, pairs: KeyPairs) -> None:
    ec2.answers("describe_key_pairs", OWNED, there(ONE))
    ec2.answers("delete_key_pair", {"KeyName": "pair"})
    pairs.delete("c")


def test_a_key_pair_that_was_not_made_for_the_cluster_is_left_alone(
    ec2: Stub, pairs: KeyPairs
) -> None:
    ec2.answers("describe_key_pairs", OWNED, there())
    pairs.delete("c")


def test_expired_credentials_are_called_so(ec2: Stub, pairs: KeyPairs, undo: Undo) -> None:
    ec2.answers("describe_key_pairs", {"Filters": [NAMED]}, there())
    ec2.refuses("import_key_pair", PAIR, "RequestExpired")
    with pytest.raises(errors.CredentialsExpired, match="Get new credentials"), undo:
        pairs.ensure("c", "pair", "ssh-rsa AAAA", undo)
