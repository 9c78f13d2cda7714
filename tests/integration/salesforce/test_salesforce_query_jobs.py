"""Bulk API 2.0 query jobs and refresh tokens, to the vendors' own client where it knows them."""

import csv
import io
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from connectors.sandbox.salesforce.bulk import java_double
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.test_salesforce_standin import client

__all__ = ["client"]

_AWKWARD = 'Ünï 😀 "quoted", a\nline; 0042'


def _seed(sandbox: Sandbox, count: int) -> None:
    sandbox.seed(
        *(
            (
                "Opportunity",
                {
                    "Id": make_id("006", number),
                    "Name": _AWKWARD if number == 1 else f"Deal {number}",
                    "StageName": "Prospecting",
                    "CloseDate": "2026-03-31",
                    "Amount": 16147805824397.25 if number == 1 else 100,
                    "CreatedDate": "2026-01-02T05:04:05+02:00",
                    "IsDeleted": number == count,
                },
            )
            for number in range(1, count + 1)
        )
    )


def _job(sandbox: Sandbox, query: str, **more: Any) -> requests.Response:
    asked = {"operation": "query", "query": query, **more}
    return sandbox.http.post(sandbox.url("jobs/query"), json=asked)


def test_simple_salesforce_reads_a_bulk_query_in_sets(sandbox: Sandbox, client: Salesforce) -> None:
    _seed(sandbox, 8)
    sets = list(client.bulk2.Opportunity.query("SELECT Id, Name FROM Opportunity", max_records=3))
    tables = [list(csv.DictReader(io.StringIO(text, newline=""))) for text in sets]
    assert [len(table) for table in tables] == [3, 3, 1]
    assert tables[0][0] == {"Id": make_id("006", 1), "Name": _AWKWARD}
    everything = list(client.bulk2.Opportunity.query_all("SELECT Id FROM Opportunity"))
    assert everything[0].count("\n") == 9


def test_bulk_writes_values_its_own_way(sandbox: Sandbox) -> None:
    _seed(sandbox, 2)
    fields = "Id, Amount, CreatedDate, IsDeleted, CloseDate, Type, Probability"
    made = _job(sandbox, f"SELECT {fields} FROM Opportunity", operation="queryAll").json()
    assert (made["state"], made["concurrencyMode"], made["apiVersion"]) == (
        "UploadComplete",
        "Parallel",
        59.0,
    )
    info = sandbox.http.get(sandbox.url(f"jobs/query/{made['id']}")).json()
    assert (info["state"], info["jobType"], info["numberRecordsProcessed"]) == (
        "JobComplete",
        "V2Query",
        2,
    )
    answer = sandbox.http.get(sandbox.url(f"jobs/query/{made['id']}/results"))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == (
        "2",
        "null",
    )
    assert answer.text.splitlines() == [
        '"Id","Amount","CreatedDate","IsDeleted","CloseDate","Type","Probability"',
        f'"{make_id("006", 1)}","1.614780582439725E13","2026-01-02T03:04:05.000Z",'
        '"false","2026-03-31","",""',
        f'"{make_id("006", 2)}","100.0","2026-01-02T03:04:05.000Z","true","2026-03-31","",""',
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (23.0, "23.0"),
        (-1.5, "-1.5"),
        (9_999_999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (-12345678.25, "-1.234567825E7"),
        (9007199254740992.0, "9.007199254740992E15"),
        (0.0001, "1.0E-4"),
    ],
)
def test_doubles_are_written_as_java_does(value: float, text: str) -> None:
    assert java_double(value) == text


@pytest.mark.parametrize(
    ("query", "more", "words"),
    [
        ("SELECT BillingAddress FROM Account", {}, "Selecting compound data"),
        ("SELECT COUNT() FROM Account", {}, "Aggregate"),
        ("SELECT Id FROM Account OFFSET 5", {}, "OFFSET"),
        ("SELECT Nope FROM Account", {}, "No such column 'Nope'"),
        ("SELECT Id FROM Account", {"contentType": "JSON"}, "contentType"),
        ("SELECT Id FROM Account", {"operation": "insert"}, "operation"),
    ],
)
def test_what_bulk_cannot_do_is_refused_at_once(
    sandbox: Sandbox, query: str, more: dict[str, str], words: str
) -> None:
    answer = _job(sandbox, query, **more)
    assert answer.status_code == 400
    assert words in answer.json()[0]["message"]


def test_a_job_is_awaited_aborted_and_deleted(sandbox: Sandbox) -> None:
    _seed(sandbox, 2)
    sandbox.set_limits(bulk_job_seconds=3600)
    url = sandbox.url(f"jobs/query/{_job(sandbox, 'SELECT Id FROM Opportunity').json()['id']}")
    assert sandbox.http.get(url).json()["state"] == "InProgress"
    assert sandbox.http.get(f"{url}/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert sandbox.http.delete(url).status_code == 400
    assert sandbox.http.patch(url, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert sandbox.http.delete(url).status_code == 204
    assert sandbox.http.get(url).status_code == 404


def test_a_compound_address_is_made_of_its_parts(sandbox: Sandbox) -> None:
    sandbox.seed(
        ("Account", {"Id": make_id("001", 1), "Name": "x", "BillingPostalCode": "00123"}),
        ("Account", {"Id": make_id("001", 2), "Name": "y"}),
    )
    found = sandbox.query("SELECT BillingAddress FROM Account ORDER BY Name")
    assert found[0]["BillingAddress"]["postalCode"] == "00123"
    assert found[0]["BillingAddress"]["city"] is None
    assert found[1]["BillingAddress"] is None


def _refresh(sandbox: Sandbox, token: str) -> requests.Response:
    return requests.post(
        f"{sandbox.info.url}/login.salesforce.com/services/oauth2/token",
        data={
            "grant_type": "refresh_token",
            "client_id": sandbox.info.credentials["client_id"],
            "client_secret": sandbox.info.credentials["client_secret"],
            "refresh_token": token,
        },
        timeout=10,
    )


def test_a_refresh_token_gives_sessions_until_it_rotates(sandbox: Sandbox) -> None:
    first = sandbox.info.credentials["refresh_token"]
    assert "refresh_token" not in _refresh(sandbox, first).json()
    sandbox.set_limits(rotate_refresh_tokens=1)
    rotated = _refresh(sandbox, first).json()["refresh_token"]
    refused = _refresh(sandbox, first)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert _refresh(sandbox, rotated).status_code == 200
    assert _refresh(sandbox, "never given").status_code == 400
