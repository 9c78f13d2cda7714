"""Salesforce's errors: of a whole request, and of one row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowError:
    """Why one record was refused, in Salesforce's words.

    Parameters
    ----------
    code : str
        Salesforce's status code, such as ``STRING_TOO_LONG``.
    message : str
        Salesforce's sentence.
    fields : tuple of str
        API names of the fields concerned.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()


class RowRefusedError(Exception):
    """One record was refused; the others of its request may still be saved."""

    def __init__(self, *errors: RowError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class ApiError(Exception):
    """A whole request is answered with this error.

    Parameters
    ----------
    status : int
        HTTP status.
    code : str
        Salesforce's ``errorCode``.
    message : str
        Salesforce's sentence.
    fields : tuple of str or None
        API names of the fields concerned; None leaves the key out, as Salesforce often does.
    """

    def __init__(
        self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, object]]:
        """Return the JSON body: a list of one error."""
        error: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


ROW_STATUS = {
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "INVALID_CROSS_REFERENCE_KEY": 400,
}


def as_api_error(refused: RowRefusedError) -> ApiError:
    """Turn the refusal of a single-record request into the request's answer."""
    first = refused.errors[0]
    return ApiError(ROW_STATUS.get(first.code, 400), first.code, first.message, first.fields)


_OF_STATUS = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    429: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    503: ("SERVER_UNAVAILABLE", "Server unavailable"),
}


def error_body(status: int) -> list[dict[str, object]]:
    """Return the body with which Salesforce sends an HTTP status."""
    code, message = _OF_STATUS.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred."))
    return ApiError(status, code, message).body()
