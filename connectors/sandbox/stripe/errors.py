"""Stripe's errors."""

from typing import Any

from connectors.sandbox.common.vendor import RefusedError

_DOC = "https://stripe.com/docs/error-codes/"
_OF_STATUS = {
    400: ("invalid_request_error", None, "Invalid request."),
    401: (
        "invalid_request_error",
        None,
        "You did not provide an API key. You need to provide your API key in the Authorization"
        " header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    ),
    403: (
        "invalid_request_error",
        "more_permissions_required",
        "The provided key 'rk_test_****' does not have the required permissions for this endpoint"
        " on account 'acct_1'. Having the 'rak_event_read' permission would allow this request to"
        " continue.",
    ),
    404: ("invalid_request_error", None, "Unrecognized request URL."),
    429: (
        "invalid_request_error",
        "rate_limit",
        "Request rate limit exceeded. Learn more about rate limits here"
        " https://stripe.com/docs/rate-limits.",
    ),
}


def body(
    kind: str, message: str, *, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """Return an error's JSON."""
    error: dict[str, Any] = {"message": message, "type": kind}
    if code:
        error |= {"code": code, "doc_url": _DOC + code.replace("_", "-")}
    if param:
        error["param"] = param
    return {"error": error}


def of_status(status: int) -> dict[str, Any]:
    """Return the body with which Stripe sends an HTTP status."""
    kind, code, message = _OF_STATUS.get(status, ("api_error", None, "An unknown error occurred."))
    return body(kind, message, code=code)


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> RefusedError:
    """Return the refusal of a request with a wrong parameter."""
    return RefusedError(400, body("invalid_request_error", message, code=code, param=param))


def missing(noun: str, object_id: str, *, param: str = "id", status: int = 404) -> RefusedError:
    """Return the refusal of a request for an object that does not exist."""
    message = f"No such {noun}: '{object_id}'"
    return RefusedError(
        status, body("invalid_request_error", message, code="resource_missing", param=param)
    )
