"""The command: ask a store, and report how it redirects."""

from __future__ import annotations

import os
import secrets
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

import botocore
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.session import Session
from botocore.utils import get_environ_proxies

import botocore_redirect
from botocore_redirect.commands.probe import plan
from botocore_redirect.commands.probe.advice import advise
from botocore_redirect.commands.probe.calls import Caller, TimeLimit
from botocore_redirect.commands.probe.dialects import recognise
from botocore_redirect.commands.probe.exchange import Server
from botocore_redirect.commands.probe.notes import notes
from botocore_redirect.commands.probe.plan import CannotAsk
from botocore_redirect.commands.probe.records import Report
from botocore_redirect.environment import KILL_SWITCH, read_switch
from botocore_redirect.errors import UnsupportedBotocore
from botocore_redirect.policy import RedirectPolicy
from botocore_redirect.rules.location import redact

__all__ = ["CannotAsk", "Settings", "probe"]

_TIMES = 4  # A call with its hops gets so many times what one answer gets.
_REGION = "us-east-1"


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    endpoint_url: str
    bucket: str | None = None
    write: bool = False
    follow: bool = True
    profile: str | None = None
    region: str | None = None
    sign: bool = True
    ca_bundle: str | None = None
    verify: bool = True
    seconds: float = 10.0


def probe(settings: Settings, warn: Callable[[str], object]) -> Report:
    """Ask the store and report; raises `CannotAsk` if it cannot be asked.

    If that happens after something was written, `warn` is told what could not be removed.
    """
    _check(settings)
    policy = _policy_in_force()
    url = settings.endpoint_url
    try:
        return _probe(settings, policy, warn)
    except NoCredentialsError:
        raise CannotAsk(
            "There are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a"
            " profile with --profile, or ask without them with --no-sign-request."
        ) from None
    except (TimeLimit, TimeoutError, socket.timeout) as problem:
        raise CannotAsk(f"{url} took too long: {_said(problem)}. --timeout allows more.") from None
    except ssl.SSLError as problem:
        raise CannotAsk(
            f"TLS with {url} failed: {_said(problem)}. --ca-bundle names the authority of its"
            " certificate, and --no-verify-ssl skips the check."
        ) from None
    except (OSError, HTTPException) as problem:
        raise CannotAsk(
            f"{url} cannot be asked: {_said(problem)}. Is it that of a store?"
        ) from None
    except (BotoCoreError, ValueError, UnsupportedBotocore) as problem:
        raise CannotAsk(f"botocore {botocore.__version__} cannot ask: {_said(problem)}") from None


def _probe(settings: Settings, policy: RedirectPolicy, warn: Callable[[str], object]) -> Report:
    context = _tls_context(settings) if settings.endpoint_url.startswith("https:") else None
    server = Server(_origin(settings.endpoint_url), context, settings.seconds)
    seconds = settings.seconds * _TIMES

    def open_client() -> Any:
        client = _client(settings)
        return botocore_redirect.follow(client, policy) if settings.follow else client

    caller = Caller(open_client, server, policy, follows=settings.follow, seconds=seconds)
    calls = [*plan.reads(caller, settings.bucket)]
    left: list[str] = []
    if settings.write and settings.bucket:
        written = plan.Written(settings.bucket, f"{plan.PREFIX}{secrets.token_hex(8)}")
        try:
            calls += plan.writes(caller, written)
        except BaseException:
            for each in plan.remove(open_client, written, seconds):
                warn(f"This may be left in the store: {each}")
            raise
        left = plan.remove(open_client, written, seconds)
    advice = advise([call.case for call in calls if call.case is not None], policy)
    observations = tuple(each for each in (call.observation for call in calls) if each is not None)
    server_header = dict(server.greeting().headers).get("Server", "")
    return Report(
        endpoint=settings.endpoint_url,
        bucket=settings.bucket,
        botocore=botocore.__version__,
        server="".join(filter(str.isprintable, server_header)) or None,
        observations=observations,
        dialects=recognise(call.redirected for call in calls if call.redirected is not None),
        policy_in_force=repr(policy),
        works=advice.policy == policy and not advice.problems,
        set_policy=None if advice.policy == policy else repr(advice.policy),
        set_environment={} if advice.policy == policy else advice.environment(policy),
        problems=advice.problems,
        notes=tuple(notes(observations, settings.bucket, writes=settings.write)),
        left_behind=tuple(left),
    )


def _check(settings: Settings) -> None:
    url = settings.endpoint_url
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or parts.query or parts.fragment or parts.username is not None:
        raise CannotAsk(
            f"--endpoint-url {redact(url)!r} is not the URL of a store: write it as"
            " http://HOST:PORT or https://HOST, with a path if the store has one, and without user,"
            " query or fragment."
        )
    proxy = get_environ_proxies(url).get(parts.scheme)
    if proxy:
        raise CannotAsk(
            f"The environment names a proxy for {parts.hostname}, and the probe has to speak to the"
            f" store itself: set NO_PROXY={parts.hostname}."
        )
    if settings.write and not settings.bucket:
        raise CannotAsk("--write needs the bucket to write to: name it with --bucket.")
    if settings.ca_bundle and not Path(settings.ca_bundle).exists():
        raise CannotAsk(f"--ca-bundle {settings.ca_bundle!r} does not exist.")


def _policy_in_force() -> RedirectPolicy:
    try:
        switched_on = read_switch(os.environ, KILL_SWITCH, default=True)
        policy = RedirectPolicy.from_env()
    except ValueError as problem:
        raise CannotAsk(f"{problem}.") from None
    if not switched_on:
        raise CannotAsk(
            "BOTOCORE_REDIRECT switches the patch off here, so nothing would be followed: unset it."
        )
    return policy


def _client(settings: Settings) -> Any:
    session = Session(profile=settings.profile)
    region = settings.region or session.get_config_variable("region") or _REGION
    sign: dict[str, Any] = {} if settings.sign else {"signature_version": UNSIGNED}
    config = Config(
        connect_timeout=settings.seconds,
        read_timeout=settings.seconds,
        retries={"max_attempts": 0},
        **sign,
    )
    return session.create_client(
        "s3",
        region_name=region,
        endpoint_url=settings.endpoint_url,
        verify=settings.ca_bundle if settings.verify else False,
        config=config,
    )


def _tls_context(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    given = Session(profile=settings.profile).get_config_variable("ca_bundle")
    authorities = settings.ca_bundle or given or get_cert_path(True)  # noqa: FBT003 - botocore's
    is_folder = Path(authorities).is_dir()
    context.load_verify_locations(**{"capath" if is_folder else "cafile": authorities})
    return context


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _said(problem: Exception) -> str:
    """Return the text of an error in one line."""
    return " ".join(str(problem).split()) or type(problem).__name__
