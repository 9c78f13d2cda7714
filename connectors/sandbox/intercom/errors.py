"""Intercom's errors: lists of code and message."""

import uuid
from typing import Any

from connectors.sandbox.common.vendor import RefusedError

_OF_STATUS = {
    400: ("bad_request", "Bad request"),
    401: ("unauthorized", "Access Token Invalid"),
    403: ("api_plan_restricted", "Active subscription needed."),
    404: ("not_found", "Resource Not Found"),
    429: ("rate_limit_exceeded", "Exceeded rate limit"),
    500: (
        "server_error",
        "Request failed due to an internal network error. Please restart the scroll operation.",
    ),
    503: ("service_unavailable", "Sorry, the API service is temporarily unavailable"),
}


def body(code: str, message: str) -> dict[str, Any]:
    """Return an error's JSON."""
    return {
        "type": "error.list",
        "request_id": str(uuid.uuid4()),
        "errors": [{"code": code, "message": message}],
    }


def of_status(status: int) -> dict[str, Any]:
    """Return the body with which Intercom sends an HTTP status."""
    return body(*_OF_STATUS.get(status, ("server_error", "Internal server error")))


def refuse(status: int, code: str, message: str) -> RefusedError:
    """Return the refusal of a request."""
    return RefusedError(status, body(code, message))


def invalid(message: str) -> RefusedError:
    """Return the refusal of a wrong parameter."""
    return refuse(400, "parameter_invalid", message)
