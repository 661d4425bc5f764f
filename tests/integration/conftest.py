"""moto as AWS, in several scopes: a wider one is faster and shares more.

- `aws`, for each test: an empty AWS, for tests that change things.
- `settled`, for each module: one cluster, for tests that only look at it.
- `account`, for each module: one AWS, in which each test uses its own names.
- `server`, for the whole session: moto's server on a socket. Each test removes what it created.

The first three patch this process and exclude each other, so a file uses one of them.
"""

from __future__ import annotations

import logging
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer

from matrix.contract import models
from workloads.cluster.calls import Calls
from workloads.cluster.spec import ClusterSpec, NodeGroupSpec
from workloads.cluster_provider import ClusterProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-east-1"
PUBLIC_KEY = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCzjVpK/O3pha8gwJezq0/QUipcoRXtOf0f8DX/31FPkUecUQWlMEi28G"
    "eTAJFkGTFOZlFs08flIndKP4XXnRFMK17PafvM/GqQImBL0j5lHkIAuQYVnYZHoSbJfaqRSuJUBDLNrhwRbDrwhGysCXSo"
    "JR2Uu1kNNuShHKbCwEko2BYouqrcSBQhs7EGWcI4wX/qefdCHqwpQEJKxTYX5F9kaIfqyuAH10UcGVx4SE/a3VfrionYzl"
    "BYOR1e9cSCvIMkvH7b5M+ybf7XEu7nRHKbzLPXRLPYm36pCndlvsgDCCUcYPHN04rzkfxQeJzjOPACV0R7y5CIiLpoXX/G"
    "13c/ workloads"
)
# moto would create a thousand images for each empty EC2, a quarter of the time of these tests.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# moto loads the policies of AWS, which takes two seconds, only on request.
WITH_POLICIES: Any = {"iam": {"load_aws_managed_policies": True}}
IMPATIENT = Calls(delay=0, checks=5, sleep=lambda _: None)


def session_of_eks() -> Any:
    """Return a session for which EKS describes its updates: moto makes them, but describes none."""
    session = models.session(region_name=REGION)

    def started(parsed: dict[str, Any], **_: Any) -> None:
        parsed["update"] = {"id": "update"}

    def ended(**_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), {"update": {"status": "Successful"}}

    for operation in ("UpdateClusterConfig", "UpdateNodegroupConfig"):
        session.events.register(f"after-call.eks.{operation}", started)
    session.events.register("before-call.eks.DescribeUpdate", ended)
    return session


def spec_of(name: str, *policies: str, **settings: Any) -> ClusterSpec:
    """Specify a cluster whose owner may log in, and whose roles have only these policies."""
    return ClusterSpec(
        name,
        nodes=NodeGroupSpec("workers"),
        public_key=PUBLIC_KEY,
        cluster_policies=policies,
        node_policies=policies,
        **settings,
    )


@pytest.fixture(scope="session", autouse=True)
def _endpoints_read_once() -> Iterator[None]:
    """Without it, moto reads the endpoints of all of AWS for each role that EKS is given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.eks.utils.Session", models.session)
        yield


@pytest.fixture
def aws() -> Iterator[Any]:
    """A session with a new, empty AWS."""
    with mock_aws():
        yield session_of_eks()


@pytest.fixture
def provider(aws: Any) -> ClusterProvider:
    return ClusterProvider(aws, calls=IMPATIENT)


@pytest.fixture(scope="module")
def settled() -> Iterator[ClusterProvider]:
    """A provider that has created the cluster `settled`, for tests that only look at it."""
    with mock_aws(config=WITH_POLICIES):
        provider = ClusterProvider(models.session(region_name=REGION), calls=IMPATIENT)
        provider.create(ClusterSpec("settled", public_key=PUBLIC_KEY, logs=("api",)))
        yield provider


@pytest.fixture(scope="module")
def account() -> Iterator[Any]:
    """A session with an AWS that the tests of a module share."""
    with mock_aws():
        yield models.session(region_name=REGION)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of moto's server."""
    # Without a line for each request in the report of a test that failed.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
