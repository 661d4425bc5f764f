"""The limit of connections that redirected clients keep beyond those of stock botocore."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from botocore_redirect.transport import pools
from wire.aiobotocore_differences import about_urllib3
from wire.servers.crowd import STOCK, Crowd, allow_files, ask_each

if TYPE_CHECKING:
    from wire.conftest import Follow, MakeClient

pytest_plugins = ["wire.crowd_fixtures"]
pytestmark = [
    about_urllib3,
    pytest.mark.usefixtures("descriptors", "names"),
]


def test_the_limit_is_for_all_clients_and_each_keeps_its_own_ten(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    clients = [follow(make_client(crowd.url)) for _ in range(3)]
    for client in clients:
        ask_each(client, range(30))
    crowd.settle()
    assert sum(crowd.open.values()) == 3 * STOCK + 15
    before = crowd.opened.copy()
    ask_each(clients[-1], range(7, 30))
    for client in clients[:-1]:
        ask_each(client, range(21, 30))  # and the connection to the gateway
    assert crowd.opened == before


def test_the_least_recently_redirected_client_closes_connections_first(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    first, second, third = (follow(make_client(crowd.url)) for _ in range(3))
    for client in (first, second):
        ask_each(client, range(STOCK + 6))
    ask_each(first, range(1))
    ask_each(third, range(STOCK + 6))
    before = crowd.opened.copy()
    ask_each(first, range(STOCK + 6))
    assert crowd.opened == before
    ask_each(second, range(1))
    assert crowd.opened["t0.test"] == before["t0.test"] + 1


def test_a_closed_client_returns_its_share_of_connections(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    first, second = (follow(make_client(crowd.url)) for _ in range(2))
    ask_each(first, range(25))
    first._endpoint.http_session._manager.clear()  # old clients have no close()
    for _ in range(2):
        ask_each(second, range(24))
    crowd.settle()
    assert sum(crowd.open.values()) == STOCK + 15


def test_connections_in_use_count_as_they_return_to_their_pool(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    client = follow(make_client(crowd.url))
    crowd.store = {f"key-{number}": b"content" for number in range(30)}
    under_way = [client.get_object(Bucket="bkt", Key=f"key-{number}") for number in range(30)]
    while under_way:
        under_way.pop()["Body"].read()
    crowd.settle()
    assert sum(crowd.open.values()) == STOCK + 15


@pytest.mark.parametrize("limit", [None, resource.RLIM_INFINITY])
def test_without_a_known_limit_some_hundred_connections_are_kept(
    crowd: Crowd,
    make_client: MakeClient,
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    limit: Any,
) -> None:
    allow_files(monkeypatch, limit)
    monkeypatch.setattr(pools, "WITHOUT_LIMIT", 8)
    client = follow(make_client(crowd.url))
    ask_each(client, range(30))
    crowd.settle()
    assert sum(crowd.open.values()) == STOCK + 8


def test_a_closed_pool_does_not_count(
    crowd: Crowd, make_client: MakeClient, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_files(monkeypatch, 60)
    client = follow(make_client(crowd.url))
    ask_each(client, range(15))
    container = client._endpoint.http_session._manager.pools._container
    for pool in list(container.values())[:5]:
        pool.close()
    ask_each(client, range(15, 30))
    crowd.settle()
    assert sum(crowd.open.values()) == STOCK + 15


# A program with the default limit of most systems.
PROGRAM = """
import resource, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
import boto3
from botocore.config import Config
import botocore_redirect

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *args, **kwargs: resolve("127.0.0.1", *args, **kwargs)
botocore_redirect.install()
client = boto3.client(
    "s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="user",
    aws_secret_access_key="secret",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
)
for number in range(1100):
    client.head_object(Bucket="bkt", Key=f"key-{number}")
with open(sys.argv[0]) as file:
    print(len(file.read()))
"""


@pytest.mark.parametrize("crowd", [1100], indirect=True)
def test_a_process_may_have_more_targets_than_file_descriptors(
    crowd: Crowd, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    done = subprocess.run(
        [sys.executable, str(program), crowd.url],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{len(PROGRAM)}\n"), done.stderr
    assert len(crowd.opened) == 1 + 1100
    assert sum(crowd.requests.values()) == 2 * 1100
