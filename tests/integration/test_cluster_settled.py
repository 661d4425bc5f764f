"""What a cluster consists of; these tests only look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workloads.cluster import errors
from workloads.cluster.iam.documents import allowed
from workloads.cluster.jobs import JobSpec

if TYPE_CHECKING:
    from workloads.cluster_provider import ClusterProvider


class TestNetwork:
    def test_subnets_are_in_two_zones(self, settled: ClusterProvider) -> None:
        network = settled.network("settled")
        found = settled._ec2.describe_subnets(SubnetIds=list(network.subnets))["Subnets"]
        assert len({subnet["AvailabilityZone"] for subnet in found}) == 2
        assert {subnet["VpcId"] for subnet in found} == {network.vpc}

    def test_only_members_of_the_security_group_reach_each_other(
        self, settled: ClusterProvider
    ) -> None:
        group = settled.network("settled").security_group
        (found,) = settled._ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        (rule,) = found["IpPermissions"]
        assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group]
        assert rule["IpRanges"] == []

    def test_nodes_find_the_control_plane_by_host_name(self, settled: ClusterProvider) -> None:
        asked = {"VpcId": settled.network("settled").vpc, "Attribute": "enableDnsHostnames"}
        answer = settled._ec2.describe_vpc_attribute(**asked)
        assert answer["EnableDnsHostnames"] == {"Value": True}

    def test_instances_in_a_subnet_reach_eks_through_a_gateway(
        self, settled: ClusterProvider
    ) -> None:
        network = settled.network("settled")
        found = settled._ec2.describe_subnets(SubnetIds=list(network.subnets))["Subnets"]
        assert all(subnet["MapPublicIpOnLaunch"] for subnet in found)
        of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
        (table,) = settled._ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]
        routes = {each["DestinationCidrBlock"]: each.get("GatewayId") for each in table["Routes"]}
        attached = [{"Name": "attachment.vpc-id", "Values": [network.vpc]}]
        (gateway,) = settled._ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
        assert routes["0.0.0.0/0"] == gateway["InternetGatewayId"]

    def test_the_owner_of_the_key_may_log_in_from_within_the_network(
        self, settled: ClusterProvider
    ) -> None:
        nodes = settled._clusters.describe_nodes("settled", "workers")
        groups = [settled.network("settled").security_group]
        login = {"ec2SshKey": "cluster-provider-settled", "sourceSecurityGroups": groups}
        assert nodes["remoteAccess"] == login

    def test_nodes_reach_the_control_plane_from_within(self, settled: ClusterProvider) -> None:
        access = settled._clusters.describe("settled")["resourcesVpcConfig"]
        assert access["endpointPrivateAccess"] is True


class TestRoles:
    @pytest.mark.parametrize(
        ("role", "service", "policies"),
        [
            ("settled-us-east-1-control", "eks.amazonaws.com", ["AmazonEKSClusterPolicy"]),
            (
                "settled-us-east-1-nodes",
                "ec2.amazonaws.com",
                [
                    "AmazonEC2ContainerRegistryReadOnly",
                    "AmazonEKSWorkerNodePolicy",
                    "AmazonEKS_CNI_Policy",
                ],
            ),
            ("settled-us-east-1-jobs", "ec2.amazonaws.com", []),
        ],
    )
    def test_each_role_trusts_its_service_and_has_its_policies(
        self, settled: ClusterProvider, role: str, service: str, policies: list[str]
    ) -> None:
        found = settled._iam.get_role(RoleName=role)["Role"]
        (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": service}
        attached = settled._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert sorted(policy["PolicyName"] for policy in attached) == policies

    def test_jobs_may_only_tag_their_outcome(self, settled: ClusterProvider) -> None:
        asked = {"RoleName": "settled-us-east-1-jobs", "PolicyName": "say-how-it-ended"}
        (statement,) = settled._iam.get_role_policy(**asked)["PolicyDocument"]["Statement"]
        assert statement == {
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": "*",
            "Condition": {"StringEquals": {"ec2:ResourceTag/cluster-provider/cluster": "settled"}},
        }


class TestAnswers:
    def test_the_cluster_is_listed_and_described(self, settled: ClusterProvider) -> None:
        assert settled.names() == ["settled"]
        assert settled.describe("settled").status == "ACTIVE"

    def test_the_cluster_has_no_jobs(self, settled: ClusterProvider) -> None:
        assert settled.jobs("settled") == {}

    def test_another_cluster_is_not_found(self, settled: ClusterProvider) -> None:
        with pytest.raises(errors.NotFound):
            settled.describe("another")
        with pytest.raises(errors.NotFound, match="no VPC with the tag cluster-provider/cluster"):
            settled.submit("another", JobSpec("night", "true", "ami-12c6146b"))
        with pytest.raises(errors.NotFound):
            settled.service_account("another", "web", "loader", allowed("s3:GetObject"))
