"""`nox -s pins -- --new`: what the table of cells lacks."""

from __future__ import annotations

from tools.environments.proposals import Proposal, propose

TABLE = ["1.43.127", "1.44.5", "1.29.24"]


def test_a_later_patch_of_the_last_minor_takes_the_place_of_its_row() -> None:
    found = propose(TABLE, ["1.44.5", "1.44.6", "1.44.10", "1.44.9"], "1.44.10")

    assert found == [Proposal("1.44.10", instead_of="1.44.5")]
    assert '"1.44.5" becomes "1.44.10"' in str(found[0])


def test_each_new_minor_gets_a_row_at_its_last_patch() -> None:
    found = propose(TABLE, ["1.45.0", "1.45.1", "1.46.0"], "1.46.0")

    assert found == [Proposal("1.45.1"), Proposal("1.46.0")]
    assert str(found[0]).startswith('{ botocore = "1.45.1" }')


def test_a_release_that_is_still_cooling_down_is_left_alone() -> None:
    assert propose(TABLE, ["1.44.6", "1.44.7", "1.45.0"], "1.44.6") == [
        Proposal("1.44.6", instead_of="1.44.5")
    ]


def test_nothing_is_proposed_where_the_table_has_the_newest() -> None:
    assert propose(TABLE, ["1.44.4", "1.44.5", "1.43.200"], "1.44.5") == []
