"""The stand-in answers as Salesforce's documentation says, to the vendors' own clients."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from connectors.destinations.common.transport import LoopbackAdapter
from connectors.sandbox.info import info_path
from connectors.sandbox.process import ensure_running, running, stop
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.salesforce.conftest import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Salesforce:
    """Return simple-salesforce itself, logged in by OAuth client credentials."""
    answer = requests.post(
        f"{sandbox.info.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(sandbox.info.credentials["client_id"], sandbox.info.credentials["client_secret"]),
        timeout=10,
    ).json()
    session = requests.Session()
    secure = answer["instance_url"].replace("http://", "https://")
    session.mount(secure, LoopbackAdapter())
    return Salesforce(session_id=answer["access_token"], instance_url=secure, session=session)


def test_simple_salesforce_creates_reads_changes_and_deletes(client: Salesforce) -> None:
    made = client.Account.create({"Name": "Löwe & Söhne", "Industry": "Retail"})
    client.Account.update(made["id"], {"Industry": "Energy", "AnnualRevenue": 1.005})
    account = client.Account.get(made["id"])
    assert (account["Industry"], account["AnnualRevenue"]) == ("Energy", 1.01)
    client.Account.delete(made["id"])
    with pytest.raises(SalesforceResourceNotFound) as raised:
        client.Account.get(made["id"])
    assert raised.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"
    assert client.query_all("SELECT Id FROM Account")["totalSize"] == 0
    deleted = client.query_all("SELECT Id, IsDeleted FROM Account", include_deleted=True)
    assert deleted["records"][0]["IsDeleted"] is True


def test_a_query_comes_in_pages_of_2000(sandbox: Sandbox, client: Salesforce) -> None:
    ids = sandbox.seed_accounts(4500)
    pages = [client.query("SELECT Id FROM Account ORDER BY Id")]
    while not pages[-1]["done"]:
        pages.append(client.query_more(pages[-1]["nextRecordsUrl"], identifier_is_url=True))
    assert [len(page["records"]) for page in pages] == [2000, 2000, 500]
    assert {page["totalSize"] for page in pages} == {4500}
    assert [row["Id"] for page in pages for row in page["records"]] == sorted(ids)
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 4500


def test_describe_tells_types_and_lengths(client: Salesforce) -> None:
    fields = {field["name"]: field for field in client.Account.describe()["fields"]}
    assert fields["AnnualRevenue"]["type"] == "currency"
    assert (fields["Name"]["length"], fields["Name"]["nillable"]) == (255, False)
    assert fields["OwnerId"]["referenceTo"] == ["User"]
    assert fields["SystemModstamp"]["updateable"] is False
    assert "Account" in {item["name"] for item in client.describe()["sobjects"]}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Industry": "Retail"}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x", "Nope": 1}, "INVALID_FIELD"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Name": "x", "AnnualRevenue": "much"}, "JSON_PARSER_ERROR"),
        ({"Name": "x", "CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Name": "x", "OwnerId": make_id("005", 99)}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"Name": "x", "OwnerId": make_id("001", 1)}, "MALFORMED_ID"),
    ],
)
def test_a_wrong_record_is_refused(client: Salesforce, values: dict[str, Any], code: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.Account.create(values)
    assert raised.value.content[0]["errorCode"] == code
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_collections_take_200_records_and_no_more(sandbox: Sandbox) -> None:
    ids = sandbox.seed_accounts(201)
    records = [{"attributes": {"type": "Account"}, "Id": item, "Type": "A"} for item in ids]
    address = sandbox.url("composite/sobjects")
    answer = sandbox.http.patch(address, json={"records": records})
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "record limit reached. cannot submit more than 200 records into this call",
            "errorCode": "EXCEEDED_ID_LIMIT",
        }
    ]
    assert sandbox.http.patch(address, json={"records": records[:200]}).status_code == 200
    assert len(sandbox.query("SELECT Id FROM Account WHERE Type = 'A'")) == 200


@pytest.mark.parametrize(("all_or_none", "applied"), [(False, ["A"]), (True, [])])
def test_a_collection_ends_as_all_or_none_says(
    sandbox: Sandbox, all_or_none: bool, applied: list[str]
) -> None:
    ids = sandbox.seed_accounts(2)
    records = [
        {"attributes": {"type": "Account"}, "Id": ids[0], "Type": "A"},
        {"attributes": {"type": "Account"}, "Id": ids[1], "Type": "x" * 256},
    ]
    results = sandbox.http.patch(
        sandbox.url("composite/sobjects"), json={"records": records, "allOrNone": all_or_none}
    ).json()
    codes = [[error["statusCode"] for error in result["errors"]] for result in results]
    assert codes == [
        ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] if all_or_none else [],
        ["STRING_TOO_LONG"],
    ]
    types = sandbox.query("SELECT Type FROM Account WHERE Type != null")
    assert [row["Type"] for row in types] == applied


def test_collections_create_read_and_delete(sandbox: Sandbox) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": name} for name in ("a", "b")]
    address = sandbox.url("composite/sobjects")
    ids = [row["id"] for row in sandbox.http.post(address, json={"records": rows}).json()]
    read = sandbox.http.post(
        f"{address}/Account", json={"ids": [*ids, make_id("001", 5)], "fields": ["Name"]}
    ).json()
    assert [row and row["Name"] for row in read] == ["a", "b", None]
    done = sandbox.http.delete(address, params={"ids": ",".join(ids)}).json()
    assert all(row["success"] for row in done)
    again = sandbox.http.delete(address, params={"ids": ids[0]}).json()
    assert again[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_each_write_moves_the_modification_times(sandbox: Sandbox) -> None:
    old = "2024-01-01T00:00:00.000+0000"
    record = {"Id": make_id("001", 1), "Name": "x", "CreatedDate": old, "SystemModstamp": old}
    sandbox.seed(("Account", record))
    columns = "CreatedDate, LastModifiedDate, SystemModstamp"
    (before,) = sandbox.query(f"SELECT {columns} FROM Account")
    assert before["SystemModstamp"] == old
    sandbox.http.patch(sandbox.url(f"sobjects/Account/{record['Id']}"), json={"Type": "A"})
    (after,) = sandbox.query(f"SELECT {columns} FROM Account")
    assert after["CreatedDate"] == old
    assert after["SystemModstamp"] == after["LastModifiedDate"] > old


def test_a_custom_field_is_unseen_until_a_permission_set_shows_it(sandbox: Sandbox) -> None:
    metadata = {"type": "Text", "label": "Mood", "length": 10}
    body = {"FullName": "Account.Mood__c", "Metadata": metadata}
    address = sandbox.url("tooling/sobjects/CustomField")
    assert sandbox.http.post(address, json=body).status_code == 201
    assert sandbox.http.post(address, json=body).json()[0]["errorCode"] == (
        "DUPLICATE_DEVELOPER_NAME"
    )
    unseen = sandbox.http.get(sandbox.url("query"), params={"q": "SELECT Mood__c FROM Account"})
    assert unseen.json()[0]["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_without_a_session_every_call_is_401(sandbox: Sandbox, method: str) -> None:
    for path in ("query?q=x", "limits", "composite/sobjects", "sobjects/Account/x"):
        answer = requests.request(method, sandbox.url(path), timeout=10)
        assert answer.status_code == 401
        assert answer.json() == [
            {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
        ]


def test_the_daily_limit_is_counted_told_and_kept(sandbox: Sandbox) -> None:
    sandbox.http.post(
        f"{sandbox.info.url}/__sandbox__/limits", json={"daily_api_requests": 10, "used": 8}
    )
    told = [sandbox.http.get(sandbox.url("limits")) for _ in range(3)]
    assert [answer.headers.get("Sforce-Limit-Info") for answer in told] == [
        "api-usage=9/10",
        "api-usage=10/10",
        None,
    ]
    assert told[2].status_code == 403
    assert told[2].json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_hostile_names_are_only_names(sandbox: Sandbox, client: Salesforce) -> None:
    hostile = "Robert'); DROP TABLE \"Account\"; -- \\' OR Name != '"
    made = client.Account.create({"Name": hostile})
    written = hostile.replace("\\", "\\\\").replace("'", "\\'")
    found = client.query(f"SELECT Name FROM Account WHERE Name = '{written}'")["records"]
    assert [row["Name"] for row in found] == [hostile]
    for path in (f"sobjects/Account%22;drop/{made['id']}", 'sobjects/Account"/describe'):
        assert sandbox.http.get(sandbox.url(path)).status_code == 404
    answer = sandbox.http.patch(
        sandbox.url(f"sobjects/Account/{made['id']}"), json={'Type" = 1; --': "x"}
    )
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    page = requests.get(sandbox.info.url, params={"q": "%'\" OR 1=1 --"}, timeout=10)
    assert "No account has" in page.text


def test_pages_escape_what_records_hold(sandbox: Sandbox) -> None:
    script = "<script>alert('x')</script>"
    account, link = make_id("001", 1), "javascript://%0aalert(1)"
    sandbox.seed(
        ("Account", {"Id": account, "Name": script, "Website": link, "Description": script}),
        ("Contact", {"Id": make_id("003", 1), "AccountId": account, "Name": script}),
        ("Task", {"Id": make_id("00T", 1), "WhatId": account, "Subject": script}),
    )
    for path in ("/", f"/?q={script}", f"/lightning/r/Account/{account}/view", f"/{script}"):
        page = requests.get(f"{sandbox.info.url}{path}", timeout=10)
        assert "<script" not in page.text
        assert 'href="javascript' not in page.text
    assert "&lt;script&gt;" in requests.get(sandbox.info.url, timeout=10).text


def test_pages_say_that_the_data_is_synthetic(sandbox: Sandbox) -> None:
    ids = sandbox.seed_accounts(60)
    first = requests.get(sandbox.info.url, timeout=10).text
    assert "Synthetic data" in first
    assert "Page 1 of 3" in first
    account = requests.get(f"{sandbox.info.url}/lightning/r/Account/{ids[0]}/view", timeout=10)
    assert "Synthetic data" in account.text
    assert "has not written to this account yet" in account.text
    missing = requests.get(f"{sandbox.info.url}/lightning/r/Account/nope/view", timeout=10)
    assert missing.status_code == 404


def test_a_web_page_cannot_call_the_stand_in(sandbox: Sandbox) -> None:
    address = f"{sandbox.info.url}/__sandbox__/faults"
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        answer = requests.post(address, json={"path": "x"}, headers=headers, timeout=10)
        assert answer.status_code == 403


def test_a_damaged_seed_changes_nothing_and_names_its_line(sandbox: Sandbox) -> None:
    good = json.dumps({"object": "Account", "record": {"Id": make_id("001", 1), "Name": "x"}})
    answer = sandbox.http.post(
        f"{sandbox.info.url}/__sandbox__/seed", data=f"{good}\nnot json\n".encode()
    )
    assert answer.status_code == 400
    assert "Line 2" in answer.json()[0]["message"]
    assert sandbox.query("SELECT Id FROM Account") == []


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    stop(tmp_path)


def test_the_process_starts_by_itself_once_and_keeps_its_secrets_private(home: Path) -> None:
    info = ensure_running(home)
    assert ensure_running(home) == info
    assert info.url.startswith("http://127.0.0.1:")
    assert info_path(home).stat().st_mode & 0o777 == 0o600
    assert info.credentials["client_secret"] not in repr(info)


def test_a_killed_process_starts_again_with_its_state_its_port_and_its_credentials(
    home: Path,
) -> None:
    info = ensure_running(home)
    record = {"object": "Account", "record": {"Id": make_id("001", 1), "Name": "kept"}}
    requests.post(f"{info.url}/__sandbox__/seed", json=record, timeout=10).raise_for_status()
    os.kill(info.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(home) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    again = ensure_running(home)
    assert again.pid != info.pid
    assert (again.url, again.credentials) == (info.url, info.credentials)
    assert "kept" in requests.get(again.url, timeout=10).text


def test_a_process_that_ends_after_a_write_has_kept_the_write(home: Path) -> None:
    info = ensure_running(home)
    login = requests.post(
        f"{info.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(info.credentials["client_id"], info.credentials["client_secret"]),
        timeout=10,
    ).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    fault = {"path": "sobjects/Account$", "kind": "exit_after"}
    requests.post(f"{info.url}/__sandbox__/faults", json=fault, timeout=10)
    address = f"{info.url}/services/data/v59.0/sobjects/Account"
    with pytest.raises(requests.ConnectionError):
        requests.post(address, json={"Name": "written"}, headers=headers, timeout=10)
    again = ensure_running(home)
    assert "written" in requests.get(again.url, timeout=10).text
