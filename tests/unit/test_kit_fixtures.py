"""The fixtures of the kit, in runs of pytest of their own."""

from __future__ import annotations

import textwrap
from typing import Callable

import pytest

for module in ("boto3", "cryptography", "flask", "moto"):
    pytest.importorskip(module, reason="these tests need what `[testing]` installs")

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run tests, in a process of their own, with the plugin named as docs/testing.md says."""

    def start(text: str, *options: str) -> pytest.RunResult:
        pytester.makeconftest('pytest_plugins = ["botocore_redirect.testing.fixtures"]')
        pytester.makepyfile(textwrap.dedent(text))
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=60)

    return start


def test_each_fixture_says_what_it_gives(run: Run) -> None:
    result = run("", "--fixtures")
    told = result.stdout.str()
    names = ("redirecting_s3", "make_redirecting_s3", "stubbed_client", "moto_s3")
    for name in (*names, "class_moto_s3", "module_moto_s3", "session_moto_s3", "aws_sandbox"):
        _, _, rest = told.partition(f"\n{name} ")
        assert rest
        assert "no docstring available" not in rest.partition("\n\n")[0]


# -- aws_sandbox -----------------------------------------------------------------------------------


def test_a_test_that_tried_to_leave_fails_though_the_error_was_swallowed(run: Run) -> None:
    result = run(
        """
        import socket

        def test_swallows(aws_sandbox):
            try:
                socket.create_connection(("203.0.113.1", 80))
            except BaseException:
                pass

        def test_means_it(aws_sandbox):
            test_swallows(aws_sandbox)
            aws_sandbox.clear()

        def test_stays(aws_sandbox):
            pass
        """
    )
    result.assert_outcomes(failed=1, passed=2)
    result.stdout.fnmatch_lines(["Something in *::test_swallows wanted to reach 203.0.113.1:80*"])


def test_a_refusal_that_nobody_swallowed_is_said_once(run: Run) -> None:
    result = run(
        """
        import boto3

        def test_calls(aws_sandbox):
            boto3.client("s3").list_buckets()

        def test_next(aws_sandbox):
            pass
        """
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*CallRefused: s3.ListBuckets in *::test_calls wanted to reach*"])


def test_a_fixture_that_tried_to_leave_is_an_error_of_the_last_test_that_used_it(run: Run) -> None:
    result = run(
        """
        import socket
        import pytest

        @pytest.fixture(scope="module")
        def leaves_at_its_end(aws_sandbox):
            yield
            try:
                socket.create_connection(("203.0.113.1", 80))
            except BaseException:
                pass

        def test_first(leaves_at_its_end):
            pass

        def test_last():
            pass
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_last*"])


def test_the_sandbox_holds_for_all_tests_where_the_configuration_says_so(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "real")
    pytester.makeini("[pytest]\nusefixtures = aws_sandbox")
    run(
        """
        import os

        def test_unaware():
            assert "AWS_PROFILE" not in os.environ
        """
    ).assert_outcomes(passed=1)


def test_without_the_sandbox_all_is_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "real")
    run(
        """
        import os

        def test_alone():
            assert os.environ["AWS_PROFILE"] == "real"
        """
    ).assert_outcomes(passed=1)


# -- redirecting_s3 --------------------------------------------------------------------------------


def test_each_test_has_an_empty_store_that_redirects(run: Run) -> None:
    run(
        """
        import sys
        import pytest
        from botocore_redirect import follow

        @pytest.mark.parametrize("_", range(2))
        def test_stores(redirecting_s3, _):
            assert redirecting_s3.peek.snapshot() == {}
            follow(redirecting_s3.client()).create_bucket(Bucket="same-name")
            assert [each.status for each in redirecting_s3.gateway.received] == [307]

        def test_nothing_of_moto_is_in_this_process():
            assert "moto" not in sys.modules
        """
    ).assert_outcomes(passed=3)


def test_several_stores_are_made_in_a_test_and_end_with_it(run: Run) -> None:
    run(
        """
        import pytest
        from botocore_redirect import follow

        made = []

        def test_makes(make_redirecting_s3):
            one, other = make_redirecting_s3(targets=3), make_redirecting_s3(tls=True)
            assert (len(one.targets), other.url[:5]) == (3, "https")
            follow(one.client()).create_bucket(Bucket="of-one")
            assert follow(other.client()).list_buckets()["Buckets"] == []
            made.extend([one, other])

        def test_both_have_ended():
            for each in made:
                with pytest.raises(OSError):
                    import socket
                    port = int(each.url.rpartition(":")[2])
                    socket.create_connection(("127.0.0.1", port))
        """
    ).assert_outcomes(passed=2)


def test_the_store_does_not_patch(run: Run) -> None:
    run(
        """
        import pytest
        import botocore_redirect

        def test_stock(redirecting_s3):
            redirecting_s3.peek.create_bucket("bkt")
            assert not botocore_redirect.is_installed()
            with pytest.raises(Exception):
                redirecting_s3.client().put_object(Bucket="bkt", Key="k", Body=b"x")
            assert redirecting_s3.peek.snapshot() == {"bkt": {}}
        """
    ).assert_outcomes(passed=1)


# -- the other clients -----------------------------------------------------------------------------


def test_written_answers_that_were_not_asked_for_are_an_error_of_their_test(run: Run) -> None:
    result = run(
        """
        def test_asks(stubbed_client):
            s3, stub = stubbed_client()
            stub.add_response("list_buckets", {"Buckets": []})
            assert s3.list_buckets()["Buckets"] == []

        def test_forgets(stubbed_client):
            stubbed_client("s3")[1].add_response("list_buckets", {})
            stubbed_client("ec2")
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_forgets*"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("moto_s3", [0, 0, 0, 0]),
        ("class_moto_s3", [0, 1, 0, 1]),
        ("module_moto_s3", [0, 1, 2, 3]),
        ("session_moto_s3", [0, 1, 2, 3]),
    ],
)
def test_the_mock_keeps_what_is_stored_for_as_long_as_its_scope(
    run: Run, name: str, kept: list[int]
) -> None:
    run(
        f"""
        kept = []

        def put(s3):
            kept.append(len(s3.list_buckets()["Buckets"]))
            s3.create_bucket(Bucket=f"bucket-{{len(kept)}}")

        class TestOne:
            def test_1(self, {name}):
                put({name})

            def test_2(self, {name}):
                put({name})

        class TestOther:
            def test_1(self, {name}):
                put({name})

            def test_2(self, {name}):
                put({name})
                assert kept == {kept}
        """
    ).assert_outcomes(passed=4)


@pytest.mark.parametrize(("name", "kept"), [("module_moto_s3", 0), ("session_moto_s3", 1)])
def test_the_mock_of_a_session_outlives_a_module(
    run: Run, pytester: pytest.Pytester, name: str, kept: int
) -> None:
    pytester.makepyfile(
        test_a=f"def test_a({name}): {name}.create_bucket(Bucket='kept')",
        test_b=f"def test_b({name}): assert len({name}.list_buckets()['Buckets']) == {kept}",
    )
    run("").assert_outcomes(passed=2)


def test_a_client_from_before_the_mock_is_caught_with_an_explanation(run: Run) -> None:
    result = run(
        """
        import boto3

        s3 = boto3.client("s3", aws_access_key_id="real", aws_secret_access_key="real")

        def test_trap(aws_sandbox, moto_s3):
            s3.list_buckets()
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*is older than the import of moto*"])
