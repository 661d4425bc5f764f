"""aiobotocore is imported before the patch is installed, after that, or never."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from botocore_redirect.children import ACTIVATION

_WATCH = """
import sys

def state():
    from aiobotocore.endpoint import AioEndpoint
    from aiobotocore.httpsession import AIOHTTPSession
    from aiobotocore.retries.bucket import AsyncTokenBucket
    from aiobotocore.utils import AioS3RegionRedirectorv2
    functions = [
        AioEndpoint.create_request, AioEndpoint._get_response, AIOHTTPSession.send,
        AsyncTokenBucket.acquire, AioS3RegionRedirectorv2.get_bucket_region,
    ]
    ours = ["botocore_redirect" in each.__code__.co_filename for each in functions]
    assert len(set(ours)) == 1, ours
    return "patched" if ours[0] else "stock"

def finders():
    ours = [each for each in sys.meta_path if "botocore_redirect" in type(each).__module__]
    return [each for each in ours if each.waits_for == "aiobotocore.session"]
"""


def python(script: str, *options: str) -> list[str]:
    """Run a script in a process of its own, and return the words that it prints."""
    done = subprocess.run(
        [sys.executable, *options, "-c", _WATCH + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("module", ["session", "endpoint", "httpsession", "config", "utils"])
def test_it_is_patched_as_soon_as_it_is_imported(module: str) -> None:
    script = f"""
        import botocore_redirect.auto
        print(len(finders()), "aiobotocore" in sys.modules, "aiohttp" in sys.modules)
        import aiobotocore.{module}
        import aiobotocore.session
        print(state(), len(finders()), type(sys.modules["aiobotocore.session"].__loader__).__name__)
        import botocore_redirect
        botocore_redirect.uninstall()
        print(state())
        """
    expected = ["1", "False", "False", "patched", "0", "SourceFileLoader", "stock"]
    assert python(script) == expected


def test_what_was_imported_before_is_patched() -> None:
    script = """
        import aiobotocore.session
        import botocore_redirect
        print(state())
        with botocore_redirect.install():
            print(state(), botocore_redirect.is_installed(), len(finders()))
        print(state())
        """
    assert python(script) == ["stock", "patched", "True", "0", "stock"]


def test_what_is_imported_after_uninstall_stays_stock() -> None:
    script = """
        import botocore_redirect
        botocore_redirect.install()
        botocore_redirect.uninstall()
        print(len(finders()))
        import aiobotocore.session
        print(state())
        botocore_redirect.install()
        print(state())
        """
    assert python(script) == ["0", "stock", "patched"]


def test_a_client_that_is_followed_needs_no_patch_of_the_process() -> None:
    script = """
        import asyncio
        import boto3
        import botocore_redirect
        sync = boto3.client("s3", "us-east-1", endpoint_url="http://127.0.0.1:9")
        botocore_redirect.follow(sync)
        from aiobotocore.session import get_session

        async def main():
            context = get_session().create_client("s3", "us-east-1")
            async with context as client:
                botocore_redirect.follow(client)
                own = vars(client._endpoint)
                print("create_request" in own, "_get_response" in own)
                from aiobotocore.httpsession import AIOHTTPSession
                print("botocore_redirect" in AIOHTTPSession.send.__code__.co_filename)
                botocore_redirect.unfollow(client)
                botocore_redirect.unfollow(sync)
                print(state())

        asyncio.run(main())
        """
    assert python(script) == ["True", "True", "True", "stock"]


def test_another_thread_may_be_importing_it() -> None:
    script = """
        import threading
        import botocore_redirect
        threads = [threading.Thread(target=__import__, args=("aiobotocore.session",))]
        threads += [threading.Thread(target=botocore_redirect.install) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        import aiobotocore.session
        print(state(), len(finders()))
        """
    assert python(script) == ["patched", "0"]


def test_a_release_that_is_too_old_is_an_error() -> None:
    script = """
        import aiobotocore.session
        import aiobotocore.utils
        del aiobotocore.utils.AioS3RegionRedirectorv2
        import botocore_redirect
        try:
            botocore_redirect.install()
        except botocore_redirect.UnsupportedBotocore as error:
            print(str(error).replace(" ", "_"))
        print(botocore_redirect.is_installed())
        """
    said, installed = python(script)
    assert "older_than_2.5" in said
    assert installed == "False"


def test_a_release_that_is_too_old_is_a_warning_if_it_comes_later() -> None:
    script = """
        import warnings
        import botocore_redirect
        botocore_redirect.install()
        import aiobotocore.utils
        kept = aiobotocore.utils.AioS3RegionRedirectorv2
        import aiobotocore.client
        del aiobotocore.utils.AioS3RegionRedirectorv2
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import aiobotocore.session
        print(*[each.category.__name__ for each in caught if "2.5" in str(each.message)])
        aiobotocore.utils.AioS3RegionRedirectorv2 = kept
        print(state(), botocore_redirect.is_installed())
        """
    assert python(script) == ["RuntimeWarning", "stock", "True"]


@pytest.mark.parametrize(
    "first",
    [
        *(f"aiobotocore.{name}" for name in ("session", "config", "endpoint", "utils", "args")),
        *("aiobotocore.httpsession", "boto3", "botocore.endpoint"),
    ],
)
def test_an_activated_interpreter_patches_both_whichever_comes_first(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ACTIVATION)
    script = f"""
        import {first}
        import botocore_redirect, aiobotocore.session
        print(botocore_redirect.is_installed(), state(), len(finders()))
        botocore_redirect.uninstall()
        print(state())
        """
    assert python(script, "-W", "error::RuntimeWarning") == ["True", "patched", "0", "stock"]
