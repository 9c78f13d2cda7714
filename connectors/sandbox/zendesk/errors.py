"""Zendesk's errors."""

from typing import Any

from connectors.sandbox.common.vendor import RefusedError

TOO_MANY = "Number of allowed API requests per minute exceeded"
TOO_MANY_EXPORTS = "Number of allowed incremental export API requests per minute exceeded"
_OF_STATUS = {
    400: ("BadRequest", "Bad request"),
    403: ("Forbidden", "You do not have access to this page."),
    404: ("InvalidEndpoint", "Not found"),
    422: ("RecordInvalid", "Record validation errors"),
    429: ("APIRateLimitExceeded", TOO_MANY),
    503: ("ServiceUnavailable", "Service unavailable"),
}


def body(kind: str, description: str, details: Any = None) -> dict[str, Any]:
    """Return an error's JSON."""
    found: dict[str, Any] = {"error": kind, "description": description}
    if details is not None:
        found["details"] = details
    return found


def of_status(status: int) -> dict[str, Any]:
    """Return the body with which Zendesk sends an HTTP status."""
    if status == 401:
        return {"error": "Couldn't authenticate you"}
    kind, description = _OF_STATUS.get(status, ("InternalServerError", "Something went wrong"))
    return body(kind, description)


def missing() -> RefusedError:
    """Return the refusal of a request for a record that does not exist."""
    return RefusedError(404, body("RecordNotFound", "Not found"))


def invalid_attribute(name: str, why: str) -> RefusedError:
    """Return the refusal of a wrong parameter."""
    message = f"You passed an invalid value for the {name} attribute. {why}"
    return RefusedError(400, {"error": {"title": "Invalid attribute", "message": message}})


def invalid_record(field: str, description: str, code: str = "InvalidValue") -> RefusedError:
    """Return the refusal of a record with a wrong field."""
    details = {field: [{"description": description, "error": code}]}
    return RefusedError(422, body("RecordInvalid", "Record validation errors", details))


def too_many(seconds: int, description: str = TOO_MANY) -> RefusedError:
    """Return the refusal of one request too many."""
    return RefusedError(
        429, body("APIRateLimitExceeded", description), {"Retry-After": str(seconds)}
    )
