"""What can go wrong with a cluster, whichever service reports it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore calls it so
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    WaiterError,
)


class ProviderError(Exception):
    """The base of these errors. The error of botocore is its `__cause__`."""


class Misconfigured(ProviderError):
    """There is no region, or there are no credentials."""


class CredentialsExpired(ProviderError):
    """The credentials have expired. Repeating the call with new ones is safe."""


class PermissionDenied(ProviderError):
    """The credentials do not allow this operation."""


class RateLimited(ProviderError):
    """The service still throttles after all retries."""


class Unavailable(ProviderError):
    """The service failed, or could not be reached, in all tries."""


class NotYet(ProviderError):
    """It will be possible soon: a resource is busy, in use, or not visible everywhere yet."""


class NotFound(ProviderError):
    """The resource does not exist."""


class AlreadyThere(ProviderError):
    """The resource exists already."""


class NotReady(ProviderError):
    """A resource failed to become ready, or took too long."""


class LeftBehind(ProviderError):
    """Some resources, listed in `things`, could not be removed and may cost money."""

    def __init__(self, things: Sequence[str]) -> None:
        super().__init__(things)
        self.things = tuple(things)

    def __str__(self) -> str:
        return (
            f"{len(self.things)} could not be removed, and may cost money: "
            f"{'; '.join(self.things)}. Delete the cluster again, or remove them by hand."
        )


_RATE_LIMITED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
}
SERVER_ERROR = 500  # and all above
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthFailure",
    "OptInRequired",
}
_NOT_FOUND = {
    "NoSuchEntity",
    "NoSuchEntityException",
    "NotFoundException",
    "ResourceNotFoundException",
}
_ALREADY_THERE = {"EntityAlreadyExists", "RouteAlreadyExists"}
_NOT_YET = {"ResourceInUseException", "DependencyViolation", "DeleteConflict"}
# Other services see a new role later than IAM, and have no error code of its own for that.
_OF_PARAMETERS = {"InvalidParameterException", "InvalidParameterValue"}
_ROLE = re.compile(r"\brole\b|instance profile", re.IGNORECASE)
# EC2's codes name the kind of resource: InvalidVpcID.NotFound, InvalidGroup.Duplicate.
_NOT_FOUND_OF_EC2 = ".NotFound"
_ALREADY_THERE_OF_EC2 = ".Duplicate"


def translated(error: Exception) -> Exception:
    """Translate an error of botocore; an error without a translation is returned as it is."""
    if isinstance(error, (NoRegionError, NoCredentialsError, PartialCredentialsError)):
        return Misconfigured(
            f"AWS cannot be asked: {error} Name a region, and credentials, in the session, in"
            " the environment (AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, ...) or in ~/.aws."
        )
    if isinstance(error, WaiterError):
        # A refusal of the service ends the wait, too.
        refusal = error.last_response or {}
        if "Error" in refusal:
            return translated(ClientError(refusal, f"The wait for {error.kwargs['name']}"))
        return NotReady(f"What was waited for did not come: {error}.")
    if isinstance(error, ClientError):
        return _of_service(error)
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return Unavailable(f"The service could not be asked: {error} Try again later.")
    return error


def _of_service(error: Any) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = error.response.get("Error", {}).get("Message", "")
    said = f"{error.operation_name} was answered with {code}: {message}"
    if code in _RATE_LIMITED:
        return RateLimited(f"{said}. Try again later, or ask for less at a time.")
    if code in _EXPIRED:
        return CredentialsExpired(f"{said}. Get new credentials and run it again.")
    if code in _DENIED:
        return PermissionDenied(f"{said}. Give these credentials the permission for it.")
    if code in _NOT_FOUND or code.endswith(_NOT_FOUND_OF_EC2):
        return NotFound(f"{said}.")
    if code in _ALREADY_THERE or code.endswith(_ALREADY_THERE_OF_EC2):
        return AlreadyThere(f"{said}.")
    if code in _NOT_YET or (code in _OF_PARAMETERS and _ROLE.search(message)):
        return NotYet(f"{said}. Run it again later.")
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= SERVER_ERROR:
        return Unavailable(f"{said}. Try again later.")
    return error  # type: ignore[no-any-return]  # botocore is untyped
