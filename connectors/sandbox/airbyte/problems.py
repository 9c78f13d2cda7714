"""Errors in the shape in which an Airbyte server gives them."""

from typing import Any

_TITLES = {
    400: ("bad-request", "The request is not valid."),
    401: ("unauthorized", "The access token is missing, wrong or expired."),
    403: ("forbidden", "You do not have permission to perform this action."),
    404: ("resource-not-found", "The requested resource was not found."),
    409: ("try-again-later", "Please try again later."),
    422: ("unprocessable-entity", "The body of the request was not understood."),
    429: ("too-many-requests", "Too many requests."),
    500: ("unexpected-problem", "An unexpected problem has occurred."),
}


class ProblemError(Exception):
    """An answer with an error status.

    Parameters
    ----------
    status : int
        HTTP status.
    message : str
        What is wrong, in the server's words.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def body(self) -> dict[str, Any]:
        """Return the body, as ``application/problem+json``."""
        return problem_body(self.status, self.message)


def problem_body(status: int, message: str = "") -> dict[str, Any]:
    """Return the body of an error status."""
    title, detail = _TITLES.get(status, ("unexpected-problem", "Something went wrong."))
    return {
        "status": status,
        "type": f"https://reference.airbyte.com/reference/errors#{title}",
        "title": title,
        "detail": detail,
        "documentationUrl": None,
        "data": {"message": message or detail},
    }
