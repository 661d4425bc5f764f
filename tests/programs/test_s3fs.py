"""s3fs against a store that redirects does what it does against the store itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from programs.conftest import Programs

PROGRAM = "files.py"
SHOWN = 18  # the first steps of refusals.py


def test_files_are_those_of_the_direct_store(programs: Programs) -> None:
    direct = programs.run_direct(PROGRAM)
    assert direct.results["write 24 MiB in parts"] == 24 * 2**20
    assert direct.results["isfile"] == [True, False, False]
    assert direct.results["invalidate_cache"] == [6, 6, 7]
    errors = [name for name, result in direct.results.items() if "Error: " in str(result)]
    assert errors == ["a missing file"]
    for last in ("s3fs", "patch"):
        programs.store.gateway.expect = "early" if last == "s3fs" else "late"
        redirected = programs.run_redirected(PROGRAM, IMPORT_LAST=last)
        assert redirected.results == direct.results
        assert redirected.stored == direct.stored
        assert {request.status for request in redirected.requests} == {307}
        sent = [each.body_bytes for each in redirected.requests if "partNumber" in each.query]
        assert len(sent) == 3
        assert any(sent) == (programs.store.gateway.expect == "late")


def test_without_the_patch_nothing_works(programs: Programs) -> None:
    outcome = programs.run_unpatched(PROGRAM)
    assert outcome.stored == {"data": {}}
    assert outcome.results["write 24 MiB in parts"].startswith("PermissionError: ")
    quiet = {name: found for name, found in outcome.results.items() if "Error" not in str(found)}
    assert quiet == {
        "read ranges": ["The signature is wrong."] * 2,
        "isfile": [False, False, False],
        "walk": [["data", [], []]],
    }


@pytest.mark.parametrize("last", ["s3fs", "patch"])
def test_a_refused_redirect_is_never_taken_for_a_missing_file(
    programs: Programs, last: str
) -> None:
    results = programs.run_refused("refusals.py", IMPORT_LAST=last).results
    shown = [*results.items()][:SHOWN]
    assert {str(result).partition(": ")[0] for _, result in shown} == {"S3fsRedirectError"}
    assert all(": InvalidLocation: " in result for _, result in shown)
    assert dict([*results.items()][SHOWN:]) == {
        "code": ["InvalidLocation", "InvalidLocation", True],
        "is a ClientError": False,
        "cause": "InvalidLocation",
        "errors that the caller omits": {},
        "left in the table": ["dict", False],
        "added by others": "KeyError",
        "isfile, without the patch": False,
        "isfile, installed again": shown[5][1],
        "isfile, uninstalled again": False,
    }
