"""What a person is advised to do, from what connectors and vendors really say."""

import pytest

from connectors.runner.failures import advice, is_refusal


@pytest.mark.parametrize(
    ("words", "advised"),
    [
        ("HTTP Status Code: 429. Error: Too many requests.", "its quota is renewed"),
        (
            "403 Client Error: REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.",
            "its quota is renewed",
        ),
        ("API Call limit is exceeded", "its quota is renewed"),
        (
            "HTTP Status Code: 401. Error: Unauthorized. Please ensure you are authenticated"
            " correctly.",
            "renew them in the environment",
        ),
        (
            "An error occurred: {'error': 'invalid_grant', 'error_description': 'expired"
            " access/refresh token'}",
            "renew them in the environment",
        ),
        ("INVALID_SESSION_ID: Session expired or invalid", "renew them in the environment"),
        ("Invalid API Key provided: sk_****", "renew them in the environment"),
        (
            "HTTP Status Code: 403. Error: Forbidden. You don't have permission to access this"
            " resource.",
            "may not read this",
        ),
        (
            "Unable to read data for stream users due to an issue with permissions. You can try to"
            " re-authenticate on the Set Up Connector page.",
            "may not read this",
        ),
        ("INSUFFICIENT_ACCESS: insufficient access rights on object id", "may not read this"),
        (
            "HTTPSConnectionPool(host='acme.zendesk.com', port=443): Max retries exceeded with url:"
            " /api/v2 (Caused by NameResolutionError: Failed to resolve)",
            "cannot be reached",
        ),
        (
            "An exception occurred when making the request. Exception:"
            " requests.exceptions.RequestException",
            "cannot be reached",
        ),
        ("HTTP Status Code: 503. Error: Service unavailable.", "cannot be reached"),
        ("it ended with exit code 3: KeyError: 'id'", "Check the settings and credentials of desk"),
    ],
)
def test_the_advice_fits_the_failure(words: str, advised: str) -> None:
    assert advised in advice(words, "desk")
    assert "desk" in advice(words, "desk")


@pytest.mark.parametrize(
    ("words", "details", "is_refused"),
    [
        ("HTTP Status Code: 403. Error: Forbidden.", "", True),
        ("HTTP Status Code: 404. Error: Not found.", "", True),
        ("No.", "request to 'https://x' failed with status code '404' and error", True),
        ("Access denied.", "request to 'https://x' failed with status code '502' and error", False),
        ("Unauthorized.", "request to 'https://x' failed with status code '401' and error", False),
        ("REQUEST_LIMIT_EXCEEDED", "request to 'https://x' failed with status code '403'", False),
        ("HTTP Status Code: 401. Error: Unauthorized.", "", False),
        ("HTTP Status Code: 503. Error: Service unavailable.", "", False),
        ("KeyError: 'id'", "", False),
    ],
)
def test_a_refusal_is_told_from_other_failures(words: str, details: str, is_refused: bool) -> None:
    assert is_refusal(words, details) is is_refused
