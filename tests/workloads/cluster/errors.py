"""What can go wrong with a cluster, in words of its owner and not of one service or the other."""

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
    """The base of all that follows. What AWS or botocore said is its `__cause__`."""


class Misconfigured(ProviderError):
    """Nothing can be asked at all: no region, or no credentials."""


class CredentialsExpired(ProviderError):
    """The credentials were good once. Get new ones and run again: that changes nothing twice."""


class PermissionDenied(ProviderError):
    """The credentials are good, but not for this operation."""


class RateLimited(ProviderError):
    """The service asks to be left in peace, even after all the back-off."""


class Unavailable(ProviderError):
    """The service failed, or could not be reached, again and again."""


class NotYet(ProviderError):
    """It cannot be done now, but soon: the thing is busy, in use, or not known everywhere."""


class NotFound(ProviderError):
    """What was asked for does not exist."""


class AlreadyThere(ProviderError):
    """What was to be created exists."""


class NotReady(ProviderError):
    """What was waited for failed, or took too long."""


class LeftBehind(ProviderError):
    """Some things could not be removed; they are in `things`, and may cost money."""

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
# Others hear of a new role later than IAM, and have no code of its own for that.
_OF_PARAMETERS = {"InvalidParameterException", "InvalidParameterValue"}
_ROLE = re.compile(r"\brole\b|instance profile", re.IGNORECASE)
# Of EC2, whose codes name the kind of the thing: InvalidVpcID.NotFound, InvalidGroup.Duplicate.
_NOT_FOUND_OF_EC2 = ".NotFound"
_ALREADY_THERE_OF_EC2 = ".Duplicate"


def translated(error: Exception) -> Exception:
    """Return what an error of botocore means here; the error itself if it means nothing special."""
    if isinstance(error, (NoRegionError, NoCredentialsError, PartialCredentialsError)):
        return Misconfigured(
            f"AWS cannot be asked: {error} Name a region, and credentials, in the session, in"
            " the environment (AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, ...) or in ~/.aws."
        )
    if isinstance(error, WaiterError):
        # A service that refuses to be asked ends the wait, too.
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
