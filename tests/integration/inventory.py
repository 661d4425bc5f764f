"""What an account has of the resources that a provider creates."""

from __future__ import annotations

from typing import Any


def taken(session: Any) -> dict[str, list[str]]:
    """Return the names of all such resources by kind, except those that every account has."""
    ec2, iam, eks = (session.client(name) for name in ("ec2", "iam", "eks"))
    reservations = ec2.describe_instances()["Reservations"]
    instances = [instance for each in reservations for instance in each["Instances"]]
    vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    subnets = [each for each in ec2.describe_subnets()["Subnets"] if not each["DefaultForAz"]]
    gateways = ec2.describe_internet_gateways()["InternetGateways"]
    groups = ec2.describe_security_groups()["SecurityGroups"]
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    everything = {
        "clusters": eks.list_clusters()["clusters"],
        "instances": _live(instances),
        "vpcs": [vpc["VpcId"] for vpc in vpcs],
        "subnets": [subnet["SubnetId"] for subnet in subnets],
        "gateways": [gateway["InternetGatewayId"] for gateway in gateways],
        "groups": [each["GroupName"] for each in groups if each["GroupName"] != "default"],
        "key pairs": [pair["KeyName"] for pair in ec2.describe_key_pairs()["KeyPairs"]],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"]],
        "policies": [each["Arn"] for each in iam.list_policies(Scope="Local")["Policies"]],
        "profiles": [
            each["InstanceProfileName"] for each in iam.list_instance_profiles()["InstanceProfiles"]
        ],
        "issuers": [each["Arn"] for each in providers],
    }
    return {kind: sorted(names) for kind, names in everything.items() if names}


def _live(instances: list[dict[str, Any]]) -> list[str]:
    return [each["InstanceId"] for each in instances if each["State"]["Name"] != "terminated"]
