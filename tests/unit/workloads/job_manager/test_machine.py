"""The request for the instance of a job, and what its user data does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from workloads.job_machine import Machine
from workloads.job_name import JobName

if TYPE_CHECKING:
    from pathlib import Path

NAME = JobName("bucket", "night")
HOME = "s3://bucket/jobs/night"


def request_of(machine: Machine) -> dict[str, Any]:
    return machine.request(NAME, "submission")


def test_an_instance_ends_with_its_job_and_is_created_once_for_a_submission() -> None:
    request = request_of(Machine("ami-1", profile="reader"))
    assert request.pop("UserData").startswith("#!/bin/sh\n")
    assert request == {
        "ImageId": "ami-1",
        "InstanceType": "t3.small",
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "IamInstanceProfile": {"Name": "reader"},
        "ClientToken": "submission",
        "TagSpecifications": [
            {
                "ResourceType": "instance",
                "Tags": [
                    {"Key": "job-manager/bucket", "Value": "bucket"},
                    {"Key": "job-manager/job", "Value": "night"},
                    {"Key": "job-manager/submission", "Value": "submission"},
                ],
            }
        ],
    }


def test_a_machine_without_a_profile_requests_none() -> None:
    assert "IamInstanceProfile" not in request_of(Machine("ami-1"))


@pytest.fixture
def computer(tmp_path: Path) -> Path:
    """A directory with the commands of an instance, which log their arguments."""
    commands = {
        "aws": """
            case "$3" in
                */script) [ -e {0}/none ] && exit 1
                    echo '#!/bin/sh' > "$4"
                    echo 'echo did; until [ -e {0}/looked ]; do :; done; exit 3' >> "$4" ;;
                -) echo "$3" "$4" "$(cat)" >> {0}/calls; exit ;;
                *) touch {0}/looked ;;
            esac
            echo "$3" "$4" >> {0}/calls
        """,
        "shutdown": 'echo shutdown "$@" >> {0}/calls',
        "date": "echo 20260101T000000Z",
        "sleep": "exit 0",
    }
    for name, body in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body.format(tmp_path)}\n")
        (tmp_path / name).chmod(0o700)
    (tmp_path / "var/lib/cloud/scripts/per-boot").mkdir(parents=True)
    return tmp_path


def start(computer: Path) -> list[str]:
    """Run the user data and return the log of its commands."""
    text = request_of(Machine("ami-1"))["UserData"]
    data = computer / "part-001"
    data.write_text(text.replace("/tmp/", f"{computer}/").replace(" /var/", f" {computer}/var/"))
    path = {"PATH": f"{computer}:/usr/bin:/bin"}
    with subprocess.Popen(["/bin/sh", str(data)], env=path, start_new_session=True) as machine:
        try:
            machine.wait(60)
        finally:  # the script waits until its log is stored
            with contextlib.suppress(ProcessLookupError):
                os.killpg(machine.pid, signal.SIGKILL)
    return (computer / "calls").read_text().splitlines()


def test_the_log_is_stored_while_the_script_runs_and_then_the_result(
    computer: Path,
) -> None:
    calls = start(computer)
    log = f"{computer}/log {HOME}/logs/20260101T000000Z"
    assert calls[0] == f"{HOME}/script {computer}/script"
    assert set(calls[1:-2]) == {log}
    assert len(calls[1:-2]) >= 2  # while it runs, which it waits for, and at the end
    assert calls[-2:] == [f'- {HOME}/result.json {{"status": 3}}', "shutdown -h now"]
    assert (computer / "log").read_text() == "did\n"


def test_later_starts_run_the_same(computer: Path) -> None:
    start(computer)
    kept = computer / "var/lib/cloud/scripts/per-boot/part-001"
    assert kept.read_text() == (computer / "part-001").read_text()


def test_an_instance_without_a_script_shuts_down(computer: Path) -> None:
    (computer / "none").touch()
    assert start(computer) == ["shutdown -h now"]
