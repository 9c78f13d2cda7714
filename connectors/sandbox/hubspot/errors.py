"""HubSpot's errors, in its own form."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.common.vendor import RefusedError

_OF_STATUS = {
    401: (
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you"
        " can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    ),
    403: (
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about"
        " required scopes here: https://developers.hubspot.com/scopes.",
    ),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    405: ("METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed"),
    400: ("VALIDATION_ERROR", "Invalid input JSON"),
    429: ("RATE_LIMITS", "You have reached your secondly limit."),
    502: ("INTERNAL_ERROR", "Bad Gateway"),
    503: ("INTERNAL_ERROR", "Service Unavailable"),
}


def body(category: str, message: str, **more: Any) -> dict[str, Any]:
    """Return a JSON error of a whole request."""
    return {
        "status": "error",
        "message": message,
        "correlationId": str(uuid.uuid4()),
        **more,
        "category": category,
    }


def of_status(status: int) -> dict[str, Any]:
    """Return the body with which HubSpot sends an HTTP status."""
    if status == 429:
        return rate_limited("SECONDLY")
    return body(*_OF_STATUS.get(status, ("INTERNAL_ERROR", "internal error")))


def rate_limited(policy: str) -> dict[str, Any]:
    """Return the body of a 429; the policy is DAILY, TEN_SECONDLY_ROLLING or SECONDLY."""
    words = f"You have reached your {policy.lower()} limit."
    return body(
        "RATE_LIMITS", words, errorType="RATE_LIMIT", policyName=policy, groupName="publicapi"
    )


def missing_scope(scope: str) -> dict[str, Any]:
    """Return the body of a 403 to an app that was not granted a scope."""
    category, message = _OF_STATUS[403]
    needed = {"requiredGranularScopes": [scope]}
    listed = [{"message": "One or more of the following scopes are required.", "context": needed}]
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    return body(category, message, errors=listed, links=links)


def invalid(message: str, **more: Any) -> RefusedError:
    """Return the answer to a request that makes no sense."""
    return RefusedError(400, body("VALIDATION_ERROR", message, **more))


def not_found(message: str = "resource not found") -> RefusedError:
    """Return the answer where an object does not exist."""
    return RefusedError(404, body("OBJECT_NOT_FOUND", message))


@dataclass(frozen=True)
class ValueFault:
    """Why a value of a property is refused.

    Parameters
    ----------
    name : str
        The property.
    code : str
        HubSpot's code, such as ``PROPERTY_DOESNT_EXIST``.
    message : str
        HubSpot's sentence.
    """

    name: str
    code: str
    message: str


def invalid_values(faults: Sequence[ValueFault], portal_id: int) -> dict[str, Any]:
    """Return the body that names properties whose values are refused."""
    listed = [
        {
            "isValid": False,
            "message": fault.message,
            "error": fault.code,
            "name": fault.name,
            "localizedErrorMessage": fault.message,
            "portalId": portal_id,
        }
        for fault in faults
    ]
    return body(
        "VALIDATION_ERROR",
        f"Property values were not valid: {json.dumps(listed, separators=(',', ':'))}",
        errors=[
            {
                "message": fault.message,
                "code": fault.code,
                "context": {"propertyName": [fault.name]},
            }
            for fault in faults
        ],
    )


class ValuesRefusedError(Exception):
    """Values of one record were refused; the others of its batch may still be saved."""

    def __init__(self, faults: Sequence[ValueFault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = list(faults)
