"""Never the cloud: no connection leaves this machine, no real credential is within reach."""

from __future__ import annotations

import os
import site
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore_redirect.testing.sandbox.loopback import loopback_only
from botocore_redirect.testing.sandbox.refused_calls import (
    CallRefused,
    CallRefusedInThread,
    Refusal,
)

__all__ = ["CallRefused", "CallRefusedInThread", "Refusal", "aws_sandbox"]

# BOTOCORE_EXPERIMENTAL__PLUGINS names modules that botocore imports into every client.
PREFIXES = ("AWS_", "BOTO_", "BOTOCORE_EXPERIMENTAL_", "ECS_CONTAINER_METADATA_URI")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY")
_OTHERS = ("HOME", "USERPROFILE", "PYTHONUSERBASE")

FAKES = {
    # The first that botocore looks for, so that it asks nobody else.
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    # With any of the proxy variables there, macOS and Windows are not asked for their settings.
    "NO_PROXY": "aws-sandbox.invalid",
    # Nothing can be below a file that is no folder: no ~/.aws, whoever expands it.
    "HOME": os.devnull,
    "USERPROFILE": os.devnull,
}

_before: dict[object, dict[str, str]] = {}  # of each use of `fake_environment`, the newest last


@contextmanager
def aws_sandbox() -> Iterator[list[Refusal]]:
    """Keep this process off AWS and off every host but its own; also usable as a decorator.

        with aws_sandbox() as refused:
            ...

    A connection that is not loopback, or the look-up of such a name, fails at once with
    `CallRefused` (in other threads `CallRefusedInThread`), which names the address, botocore's
    operation and pytest's test. All of them are in `refused`, also those that somebody caught.

    The environment, and so that of child processes, has fake credentials and a region; real ones,
    profiles, configuration, plugins of botocore, instance and container metadata, proxies and the
    home folder are out of reach. On exit everything is as it was; of several uses, with the last,
    whichever that is. Only the environment reaches a child process: its connections are not
    refused. A proxy on loopback that was configured in code is not noticed. A mock of moto's own
    that began before puts the keys back that it found when it ends, so begin it inside.
    """
    with fake_environment(), loopback_only() as refused:
        yield refused


@contextmanager
def fake_environment() -> Iterator[None]:
    """Have fake credentials and a region in the environment, and nothing real in reach of it.

    Uses may end in any order: what was there before the first comes back with the last.
    """
    use = object()
    _before[use] = before = {name: value for name, value in os.environ.items() if _is_ours(name)}
    # Children must still find what was installed with `pip install --user`.
    packages = {"PYTHONUSERBASE": before.get("PYTHONUSERBASE") or site.getuserbase()}
    _replace({**FAKES, **packages})
    try:
        yield
    finally:
        later = [*_before][[*_before].index(use) + 1 :]
        before = _before.pop(use)
        if later:  # the next one lasts longer, and puts this back
            _before[later[0]] = before
        else:
            _replace(before)


def _replace(values: Mapping[str, str]) -> None:
    for name in [*filter(_is_ours, os.environ)]:
        if name not in values:
            del os.environ[name]
    os.environ.update(values)


def _is_ours(name: str) -> bool:
    upper = name.upper()  # proxies are written in either case
    return upper.startswith(PREFIXES) or upper in PROXIES or name in _OTHERS
