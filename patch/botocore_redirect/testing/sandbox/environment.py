"""The environment of the sandbox: fake credentials and a region, nothing real in reach."""

from __future__ import annotations

import os
import site
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore_redirect.testing.sandbox.loopback import loopback_only
from botocore_redirect.testing.sandbox.refused_calls import RefusedCall

# BOTOCORE_EXPERIMENTAL__PLUGINS names modules that botocore imports into every client.
PREFIXES = ("AWS_", "BOTO_", "BOTOCORE_EXPERIMENTAL_", "ECS_CONTAINER_METADATA_URI")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY")
_OTHERS = ("HOME", "USERPROFILE", "PYTHONUSERBASE")

FAKES = {
    # botocore looks here first, so it asks no other provider.
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    # If one proxy variable is set, Python does not read the proxy settings of macOS and Windows.
    "NO_PROXY": "aws-sandbox.invalid",
    # A path below a file cannot exist, so there is no ~/.aws.
    "HOME": os.devnull,
    "USERPROFILE": os.devnull,
}

_saved: dict[object, dict[str, str]] = {}  # the variables before each use, the newest use last


@contextmanager
def aws_sandbox() -> Iterator[list[RefusedCall]]:
    """Keep this process off AWS and off every host but this machine; also usable as a decorator.

        with aws_sandbox() as refused:
            ...

    A connection to another host, or the look-up of its name, fails at once with `CallRefused` (in
    other threads `CallRefusedInThread`). The error names the address, botocore's operation and
    pytest's test. The list holds all refused calls, also those whose error was swallowed.

    The environment, which child processes inherit, has fake credentials and a region. Real
    credentials, profiles, configuration, plugins of botocore, instance and container metadata,
    proxies and the home folder are out of reach. Uses may overlap and end in any order: the last
    one to end restores everything.

    Limits: connections of child processes are not refused, and a proxy on loopback that was
    configured in code is not noticed. A mock of moto restores, when it ends, the keys that it found
    when it began: begin it inside the sandbox.
    """
    with fake_environment(), loopback_only() as refused:
        yield refused


@contextmanager
def fake_environment() -> Iterator[None]:
    """Put fake credentials and a region into the environment, and take everything real out of it.

    Uses may end in any order: the last one to end restores what was there before the first.
    """
    use = object()
    _saved[use] = saved = {name: value for name, value in os.environ.items() if _is_replaced(name)}
    # Children must still find what was installed with `pip install --user`.
    packages = {"PYTHONUSERBASE": saved.get("PYTHONUSERBASE") or site.getuserbase()}
    _replace({**FAKES, **packages})
    try:
        yield
    finally:
        later = [*_saved][[*_saved].index(use) + 1 :]
        saved = _saved.pop(use)
        if later:  # the next use is still on: it restores these
            _saved[later[0]] = saved
        else:
            _replace(saved)


def _replace(values: Mapping[str, str]) -> None:
    for name in [*filter(_is_replaced, os.environ)]:
        if name not in values:
            del os.environ[name]
    os.environ.update(values)


def _is_replaced(name: str) -> bool:
    upper = name.upper()  # proxies are written in either case
    return upper.startswith(PREFIXES) or upper in PROXIES or name in _OTHERS
