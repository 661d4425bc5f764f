"""What the job manager does through resources: instances and the objects of a bucket."""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING, Any, Callable
from unittest import mock

import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.response import StreamingBody

from workloads.job_manager import (
    JobExists,
    JobManager,
    Machine,
    NoInstance,
    NoSuchJob,
    NotDeleted,
    TookTooLong,
)

if TYPE_CHECKING:
    from pathlib import Path

    from unit.workloads.stub import Stub

HOME = {"Bucket": "bucket", "Prefix": "jobs/night/", "MaxKeys": 1}
SCRIPT = {"Bucket": "bucket", "Key": "jobs/night/script"}
PATIENCE = {"Delay": 0.5, "MaxAttempts": 3}
FILTERS = [
    {"Name": "tag:job-manager/job", "Values": ["night"]},
    {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
]
DENIED = ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "RunInstances")
TOO_LONG = WaiterError(name="instance", reason="Max attempts exceeded", last_response={})


@pytest.fixture
def instance(machines: mock.MagicMock) -> mock.MagicMock:
    """The instance of the job."""
    one = mock.MagicMock()
    machines.instances.filter.return_value = [one]
    return one


def test_a_script_is_stored_before_its_instance_is_made(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME)
    order = mock.Mock()
    order.attach_mock(bucket.Object, "Object")
    order.attach_mock(machines.create_instances, "create_instances")
    machines.create_instances.return_value = [mock.Mock(id="i-1")]
    assert jobs.submit("night", b"#!/bin/sh", Machine("ami-1", profile="reader")) == "i-1"
    stored, put, made = order.mock_calls
    assert stored == mock.call.Object("jobs/night/script")
    assert put == mock.call.Object().put(Body=b"#!/bin/sh")
    request = dict(made.kwargs)
    assert request.pop("UserData").startswith("#!/bin/sh\nexport JOB=s3://bucket/jobs/night\n")
    assert request == {
        "ImageId": "ami-1",
        "InstanceType": "t3.small",
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceInitiatedShutdownBehavior": "terminate",
        "IamInstanceProfile": {"Name": "reader"},
        "TagSpecifications": [
            {
                "ResourceType": "instance",
                "Tags": [{"Key": "job-manager/job", "Value": "night"}],
            }
        ],
    }


def test_a_machine_without_a_profile_asks_for_none(
    s3: Stub, jobs: JobManager, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME)
    jobs.submit("night", b"", Machine("ami-1"))
    assert "IamInstanceProfile" not in machines.create_instances.call_args.kwargs


@pytest.mark.parametrize("error", [DENIED, KeyboardInterrupt()])
def test_a_job_without_an_instance_leaves_no_script(
    s3: Stub,
    jobs: JobManager,
    bucket: mock.MagicMock,
    machines: mock.MagicMock,
    error: BaseException,
) -> None:
    s3.answers("list_objects_v2", HOME)
    machines.create_instances.side_effect = error
    with pytest.raises(type(error)):
        jobs.submit("night", b"", Machine("ami-1"))
    bucket.Object.return_value.delete.assert_called_once_with()


def test_a_job_that_exists_is_not_overwritten(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock, machines: mock.MagicMock
) -> None:
    s3.answers("list_objects_v2", HOME, {"Contents": [{"Key": "jobs/night/logs/1"}]})
    with pytest.raises(JobExists, match="results are not overwritten"):
        jobs.submit("night", b"", Machine("ami-1"))
    bucket.Object.assert_not_called()
    machines.create_instances.assert_not_called()


@pytest.mark.parametrize("name", ["", "a/b", ".", "a b", "night/"])
def test_a_name_that_would_reach_into_other_jobs_is_refused(jobs: JobManager, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a job"):
        jobs.submit(name, b"", Machine("ami-1"))


def test_the_instance_runs_the_script_and_stores_its_log_and_then_its_result(
    s3: Stub, jobs: JobManager, machines: mock.MagicMock, tmp_path: Path
) -> None:
    s3.answers("list_objects_v2", HOME)
    jobs.submit("night", b"", Machine("ami-1"))
    text = machines.create_instances.call_args.kwargs["UserData"].replace("/tmp/", f"{tmp_path}/")
    said = tmp_path / "said"
    commands = {
        "aws": f"""
            echo "$3" "$4" >> {said}
            case "$3" in
                */script) printf '#!/bin/sh\\necho did\\nexit 3\\n' > "$4" ;;
                -) cat >> {said} ;;
            esac
        """,
        "shutdown": f'echo shutdown "$@" >> {said}',
    }
    for name, body in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o700)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", text], env=path, check=True)
    home = "s3://bucket/jobs/night"
    assert said.read_text().splitlines() == [
        f"{home}/script {tmp_path}/script",
        f"{tmp_path}/log {home}/logs/0001",
        f"- {home}/result.json",
        '{"status": 3}',
        "shutdown -h now",
    ]
    assert (tmp_path / "log").read_text() == "did\n"


def test_logs_are_read_part_by_part_and_line_by_line(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock
) -> None:
    s3.answers("head_object", SCRIPT)
    contents = [b"one\ntwo\n", b"thr\xc3\xa9\xff"]
    bodies = [StreamingBody(io.BytesIO(content), len(content)) for content in contents]
    parts = [mock.Mock(**{"get.return_value": {"Body": body}}) for body in bodies]
    bucket.objects.filter.return_value = parts
    lines = jobs.logs("night")
    assert next(lines) == "one"
    parts[1].get.assert_not_called()
    assert [*lines] == ["two", "thr\u00e9\ufffd"]
    assert bucket.objects.filter.call_args == mock.call(Prefix="jobs/night/logs/")
    assert all(body._raw_stream.closed for body in bodies)


def test_who_reads_only_the_first_lines_leaves_no_connection_open(
    s3: Stub, jobs: JobManager, bucket: mock.MagicMock
) -> None:
    s3.answers("head_object", SCRIPT)
    body = StreamingBody(io.BytesIO(b"one\ntwo\n"), 8)
    bucket.objects.filter.return_value = [mock.Mock(**{"get.return_value": {"Body": body}})]
    lines: Any = jobs.logs("night")
    next(lines)
    lines.close()
    assert body._raw_stream.closed


def test_logs_of_no_job_are_not_just_empty(s3: Stub, jobs: JobManager) -> None:
    s3.refuses("head_object", SCRIPT, "404")
    with pytest.raises(NoSuchJob):
        next(jobs.logs("night"))


Act = Callable[[JobManager], Any]
CHANGES: dict[str, Act] = {
    "start": lambda jobs: jobs.start("night"),
    "stop": lambda jobs: jobs.stop("night"),
}


@pytest.mark.parametrize(("change", "state"), [("start", "running"), ("stop", "stopped")])
def test_an_instance_is_changed_and_then_waited_for(
    jobs: JobManager,
    machines: mock.MagicMock,
    instance: mock.MagicMock,
    change: str,
    state: str,
) -> None:
    CHANGES[change](jobs)
    wait = getattr(mock.call, f"wait_until_{state}")
    assert instance.mock_calls == [getattr(mock.call, change)(), wait(WaiterConfig=PATIENCE)]
    machines.instances.filter.assert_called_once_with(Filters=FILTERS)


@pytest.mark.parametrize("change", CHANGES)
def test_a_job_whose_instance_is_gone_cannot_be_changed(
    jobs: JobManager, machines: mock.MagicMock, change: str
) -> None:
    machines.instances.filter.return_value = []
    with pytest.raises(NoInstance, match="job night has no instance"):
        CHANGES[change](jobs)


@pytest.mark.parametrize(("change", "state"), [("start", "running"), ("stop", "stopped")])
def test_an_instance_that_does_not_change_is_not_waited_for_for_ever(
    jobs: JobManager, instance: mock.MagicMock, change: str, state: str
) -> None:
    getattr(instance, f"wait_until_{state}").side_effect = TOO_LONG
    with pytest.raises(TookTooLong, match=r"job night did not come.*Max attempts") as raised:
        CHANGES[change](jobs)
    assert raised.value.__cause__ is TOO_LONG


def test_a_job_is_ended_before_its_objects_are_removed(
    jobs: JobManager,
    machines: mock.MagicMock,
    bucket: mock.MagicMock,
    instance: mock.MagicMock,
) -> None:
    order = mock.Mock()
    order.attach_mock(instance.terminate, "terminate")
    order.attach_mock(instance.wait_until_terminated, "wait")
    order.attach_mock(bucket.objects.filter, "filter")
    bucket.objects.filter.return_value.delete.return_value = [{"Deleted": []}]
    jobs.delete("night")
    assert order.mock_calls[:4] == [
        mock.call.terminate(),
        mock.call.wait(WaiterConfig=PATIENCE),
        mock.call.filter(Prefix="jobs/night/"),
        mock.call.filter().delete(),
    ]
    machines.instances.filter.assert_called_once_with(Filters=FILTERS)


def test_an_instance_that_does_not_end_keeps_its_objects(
    jobs: JobManager, bucket: mock.MagicMock, instance: mock.MagicMock
) -> None:
    instance.wait_until_terminated.side_effect = TOO_LONG
    with pytest.raises(TookTooLong):
        jobs.delete("night")
    bucket.objects.filter.assert_not_called()


def test_objects_that_s3_refuses_to_remove_are_named(
    jobs: JobManager, machines: mock.MagicMock, bucket: mock.MagicMock
) -> None:
    machines.instances.filter.return_value = []
    refused = {"Key": "jobs/night/script", "Code": "AccessDenied"}
    bucket.objects.filter.return_value.delete.return_value = [{}, {"Errors": [refused]}]
    with pytest.raises(NotDeleted, match=r"1 objects of the job night.*jobs/night/script") as left:
        jobs.delete("night")
    assert left.value.keys == ["jobs/night/script"]
