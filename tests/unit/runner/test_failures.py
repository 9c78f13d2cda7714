"""What a person is advised to do, from what connectors and vendors really say."""

import pytest

from connectors.runner.failures import advice


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
