"""HubSpot's own JavaScript client works against the stand-in, unchanged."""

from pathlib import Path

import pytest

from tests.integration.hubspot.conftest import Account
from tests.integration.javascript import run_script

CLIENT = "@hubspot/api-client@14.0.1"
SCRIPT = Path(__file__).parent / "client_session.js"


def test_the_javascript_client_works_unchanged(
    account: Account, request: pytest.FixtureRequest
) -> None:
    account.seed(("owners", {"id": "5", "email": "csm@example.com"}))
    account.fault(path="/crm/v3/objects/companies/batch/read$", status=429, retry_after=1)
    said = run_script(
        request.config.cache.mkdir("clients"),
        CLIENT,
        SCRIPT,
        HUBSPOT_URL=account.url,
        HUBSPOT_TOKEN=account.token,
    )
    ids = said["batches"].pop("ids")
    assert said == {
        "definitions": {
            "made": ["js_score", "js_day"],
            "twice": {"status": 409, "category": "OBJECT_ALREADY_EXISTS"},
        },
        "batches": {
            "taken": ["t0"],
            "refused": [["t1", "VALIDATION_ERROR"], ["t2", "OBJECT_NOT_FOUND"]],
            "read": [[ids[0], "71.5", "2026-03-29"], [ids[1], None, None]],
            "absent": [ids[2], "999"],
        },
        "tasks": {"again": [["a", "CONFLICT"]], "found": ["Call a", "Call b"], "linked": 2},
        "search": 1,
        "stranger": {"status": 401, "category": "INVALID_AUTHENTICATION"},
        "merged": {"id": ids[0], "ids": ids[1]},
    }
