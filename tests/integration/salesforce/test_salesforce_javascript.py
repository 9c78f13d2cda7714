"""jsforce works against the stand-in, unchanged.

Its bulk queries are read in one set here: with several it writes into a stream that it has ended
(QueryJobV2.result), whoever answers.
"""

from pathlib import Path

import pytest

from tests.integration.javascript import run_script
from tests.integration.salesforce.conftest import Sandbox

CLIENT = "jsforce@3.10.16"  # the newest for Node.js 20
SCRIPT = Path(__file__).parent / "client_session.js"


def test_jsforce_works_unchanged(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    sandbox.seed_accounts(5)
    sandbox.set_limits(query_page_size=3)
    credentials = sandbox.info.credentials
    said = run_script(
        request.config.cache.mkdir("clients"),
        CLIENT,
        SCRIPT,
        SALESFORCE_URL=sandbox.info.url,
        SALESFORCE_CLIENT_ID=credentials["client_id"],
        SALESFORCE_CLIENT_SECRET=credentials["client_secret"],
    )
    assert said == {
        "fields": {"made": True, "seen": ["double", 1, True]},
        "records": {
            "refused": [None, "REQUIRED_FIELD_MISSING", "INVALID_CROSS_REFERENCE_KEY"],
            "read": ["One", 71.5],
            "found": 7,
            "deleted": ["Three"],
        },
        "bulk": {"taken": [0], "refused": ["INVALID_TYPE_ON_FIELD_IN_RECORD"], "left": 0,
                 "read": ["12.5"]},
        "together": {"statuses": [201, 204], "read": [5]},
        "usage": 115000,
        "query": "INVALID_FIELD",
        "stranger": "INVALID_SESSION_ID",
    }  # fmt: skip
