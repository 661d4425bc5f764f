"""Libraries on top of aiobotocore and s3fs, against a store that redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from programs.conftest import Programs

PRELOAD = "botocore_redirect.auto"


@pytest.mark.parametrize(
    ("program", "objects"), [("tables.py", 5), ("objects.py", 18), ("arrays.py", 18)]
)
def test_results_are_those_of_the_direct_store(
    programs: Programs, program: str, objects: int
) -> None:
    direct = programs.run_direct(program)
    assert "Error" not in str(direct.results)
    assert len(direct.stored["data"]) == objects
    redirected = programs.run_redirected(program)
    assert redirected.results == direct.results
    assert {*redirected.stored["data"]} == {*direct.stored["data"]}
    assert redirected.stored == direct.stored
    unpatched = programs.run_unpatched(program)
    assert unpatched.stored == {"data": {}}
    assert all("Error" in result for result in unpatched.results.values())


def test_parquet_without_storage_options_goes_past_the_patch(programs: Programs) -> None:
    outcome = programs.run_refused("tables.py", THROUGH="pyarrow")
    by_s3fs, by_pyarrow = ("to_csv", "read_csv"), ("to_parquet", "read_parquet", "partitions")
    assert all("S3fsRedirectError" in outcome.results[step] for step in by_s3fs)
    assert all(outcome.results[step].startswith("OSError: When ") for step in by_pyarrow)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PRELOAD", PRELOAD),
        ("DASK_DISTRIBUTED__WORKER__PRELOAD", PRELOAD),
        ("IMPORT_AT", "top"),
    ],
)
def test_workers_of_dask_follow_if_they_import_the_patch(
    programs: Programs, variable: str, value: str
) -> None:
    outcome = programs.run_redirected("cluster.py", **{variable: value})
    assert outcome.results == {"workers": [False, [1000] * 10 + [2000] * 10]}
    assert len(outcome.stored["data"]) == 20


def test_workers_of_dask_do_not_follow_because_their_parent_does(programs: Programs) -> None:
    outcome = programs.run_unpatched("cluster.py", BOTOCORE_REDIRECT="on")
    assert outcome.results["workers"].startswith("PermissionError: ")
    assert outcome.stored == {"data": {}}
