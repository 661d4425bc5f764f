"""The report of `probe`: a table, what it means, and what to set."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from botocore_redirect.commands.probe.notes import notes
from botocore_redirect.commands.probe.records import Observation, Outcome, RedirectFacts, Report
from botocore_redirect.commands.probe.report import as_json, as_text

FACTS = RedirectFacts("absolute", None, "http://10.0.0.2:9000", "by default", "signed")
PUT = Observation("PutObject", "PUT", 307, "early", "closed", FACTS, Outcome(200, 1))
GET = Observation("GetObject", "GET", 200, None, "kept", None, Outcome(200))
REPORT = Report("http://gw", "data", "1.2.3", None, (PUT, GET), (), "RedirectPolicy()", works=True)


def lines(**fields: Any) -> list[str]:
    return as_text(replace(REPORT, **fields)).splitlines()


def cells(observation: Observation) -> list[str]:
    return lines(observations=(observation,))[3].split()


def test_the_table_has_a_row_for_each_call_and_lists_the_targets() -> None:
    assert lines() == [
        "http://gw, asked with botocore 1.2.3",
        "",
        "call       answer  Location  to   goes on  Expect  connection  result",
        "PutObject  307     absolute  [1]  signed   early   closed      200",
        "GetObject  200     -         -    -        -       kept        200",
        "",
        "[1] http://10.0.0.2:9000: trusted by default",
        "",
        "With the patch, there is nothing to set.",
    ]


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"outcome": None}, "PutObject 307 absolute [1] signed early closed -"),
        ({"expect": "late"}, "PutObject 307 absolute [1] signed 100 first closed 200"),
        (
            {"redirect": replace(FACTS, location="none", endpoint_in_body="n")},
            "PutObject 307 Endpoint [1] signed early closed 200",
        ),
        (
            {"redirect": RedirectFacts("none", None, None, None, "botocore")},
            "PutObject 307 none - by botocore early closed 200",
        ),
        (
            {
                "redirect": replace(FACTS, goes_on="refused"),
                "outcome": Outcome(307, 0, "RedirectRefused", "untrusted"),
            },
            "PutObject 307 absolute [1] refused early closed untrusted",
        ),
        (
            {"outcome": Outcome(404, 1, "NoSuchKey")},
            "PutObject 307 absolute [1] signed early closed 404 NoSuchKey",
        ),
        ({"outcome": Outcome(403, 1, "403")}, "PutObject 307 absolute [1] signed early closed 403"),
        (
            {"outcome": Outcome(None, code="TimeLimit")},
            "PutObject 307 absolute [1] signed early closed TimeLimit",
        ),
    ],
)
def test_a_row_says_how_the_call_went(changes: dict[str, Any], row: str) -> None:
    assert cells(replace(PUT, **changes)) == row.split()


def test_the_server_the_dialects_and_the_policy_in_force_are_named() -> None:
    shown = lines(
        server="nginx",
        dialects=("Ceph RGW", "Alluxio"),
        policy_in_force="RedirectPolicy(max_hops=7)",
    )
    assert shown[0] == "http://gw (Server: nginx), asked with botocore 1.2.3"
    assert "Redirects like: Ceph RGW; Alluxio." in shown
    assert (
        "With the patch, there is nothing to set. The policy in force: RedirectPolicy(max_hops=7)."
        in shown
    )


def test_a_policy_to_set_is_written_to_be_copied() -> None:
    shown = lines(
        works=False,
        set_policy="RedirectPolicy(trust=('n',))",
        set_environment={"BOTOCORE_REDIRECT_TRUST": "n"},
    )
    assert shown[-2:] == [
        "  export BOTOCORE_REDIRECT_TRUST='n'",
        "  botocore_redirect.install(botocore_redirect.RedirectPolicy(trust=('n',)))",
    ]
    assert not any("nothing to set" in line for line in shown)


@pytest.mark.parametrize(
    ("variable", "is_trust"),
    [("BOTOCORE_REDIRECT_TRUST", True), ("BOTOCORE_REDIRECT_MAX_HOPS", False)],
)
def test_hosts_are_spoken_of_where_trust_is_proposed(variable: str, is_trust: bool) -> None:
    shown = " ".join(
        lines(works=False, set_policy="RedirectPolicy()", set_environment={variable: "value"})
    )
    assert ("if the hosts in it are yours" in shown) is is_trust
    assert f"export {variable}='value'" in shown


def test_problems_notes_and_what_is_left_are_shown() -> None:
    shown = "\n".join(
        lines(works=False, problems=("lost",), notes=("noted",), left_behind=("s3://data/k: 403",))
    )
    assert "\n\nnoted\n\nNo setting helps lost\n\nTHIS MAY BE LEFT IN THE STORE" in shown
    assert shown.endswith("s3://data/k: 403")


def test_the_json_has_all_of_it() -> None:
    found = json.loads(as_json(REPORT))
    assert found["works"] is True
    assert found["observations"][0]["redirect"]["target"] == "http://10.0.0.2:9000"


def said(*observations: Observation, bucket: str | None = "data", writes: bool = True) -> str:
    return " ".join(notes(observations, bucket, writes=writes))


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (GET, "Nothing was redirected"),
        (PUT, "each body is sent once"),
        (replace(PUT, expect="late"), "`100 Continue` before it redirects"),
        (replace(PUT, expect="ignored"), "ignores `Expect: 100-continue`"),
        (replace(PUT, connection="stuck"), "stock botocore keeps them"),
        (replace(PUT, redirect=replace(FACTS, goes_on="anonymous")), "without a signature"),
        (replace(PUT, redirect=replace(FACTS, goes_on="botocore")), "left to botocore"),
        (
            replace(GET, outcome=Outcome(403, 0, "AccessDenied")),
            "GetObject, not redirected: 403",
        ),
    ],
)
def test_a_note_says_what_an_observation_means(observation: Observation, words: str) -> None:
    assert words in said(observation)


def test_a_redirected_call_and_a_key_that_does_not_exist_are_no_errors_of_the_store() -> None:
    missing = replace(GET, outcome=Outcome(404, 0, "NoSuchKey"))
    failed = replace(PUT, outcome=Outcome(403, 1, "AccessDenied"))
    assert "not redirected" not in said(missing, failed, replace(GET, outcome=None))


def test_a_note_says_what_was_not_asked() -> None:
    assert "--bucket" in said(PUT, bucket=None, writes=False)
    assert "--write" in said(PUT, writes=False)
    assert "--" not in said(PUT)
