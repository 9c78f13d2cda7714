"""Pipedrive's errors, in its own form: version 2 names a code, version 1 mostly does not."""

from typing import Any

from connectors.sandbox.common.vendor import RefusedError

_INFO = "Please check developers.pipedrive.com for more information about Pipedrive API."
_GATEWAY_INFO = "Please check developers.pipedrive.com"
_BLOCKED = (
    b"<!DOCTYPE html><html><head><title>Access denied | api.pipedrive.com used Cloudflare to"
    b" restrict access</title></head><body><h1>Error 1015</h1><p>You are being rate limited</p>"
    b"</body></html>"
)
_OF_STATUS = {
    400: ("Bad request", "ERR_BAD_REQUEST"),
    402: ("Company account is not open", "ERR_PAYMENT_REQUIRED"),
    403: ("You do not have permissions to do this.", "ERR_FORBIDDEN"),
    404: ("Resource not found", "ERR_NOT_FOUND"),
    405: ("Method not allowed", "ERR_METHOD_NOT_ALLOWED"),
    500: ("Internal Server Error", "ERR_UNKNOWN"),
    503: ("Service Unavailable", "ERR_UNAVAILABLE"),
}


def body(message: str, code: str) -> dict[str, Any]:
    """Return a JSON error of version 2."""
    return {"success": False, "error": message, "code": code}


def body_1(message: str) -> dict[str, Any]:
    """Return a JSON error of version 1."""
    nothing = {"data": None, "additional_data": None}
    return {"success": False, "error": message, "error_info": _INFO, **nothing}


def of_status(status: int) -> dict[str, Any]:
    """Return the body with which Pipedrive sends an HTTP status."""
    if status == 401:
        return _gateway("unauthorized access", 401)
    if status == 429:
        return _gateway("request over limit", 429)
    return body(*_OF_STATUS.get(status, _OF_STATUS[500]))


def _gateway(message: str, status: int) -> dict[str, Any]:
    return {
        "success": False,
        "error": message,
        "errorCode": status,
        "error_info": _GATEWAY_INFO,
    }


def invalid(*problems: str) -> RefusedError:
    """Return the answer to a request whose values are refused, each problem named."""
    words = f"Validation failed: {'; '.join(problems)}"
    return RefusedError(400, body(words, "ERR_SCHEMA_VALIDATION_FAILED"))


def not_allowed(name: str) -> str:
    """Return the problem of a name that the address does not know."""
    return f"{name}: Parameter '{name.rpartition('.')[2]}' is not allowed for this request"


def not_found(noun: str) -> RefusedError:
    """Return version 2's answer where a record does not exist."""
    return RefusedError(404, body(f"{noun} not found", "ERR_NOT_FOUND"))


def not_found_1(noun: str) -> RefusedError:
    """Return version 1's answer where a record does not exist."""
    return RefusedError(404, body_1(f"{noun} not found."))


def blocked() -> RefusedError:
    """Return the page of Pipedrive's firewall, for who goes on after being told to slow down."""
    return RefusedError(403, _BLOCKED, {"Content-Type": "text/html; charset=UTF-8"})
