"""CRM records come out of the CRM over HTTP, with what others wrote into it."""

import http.server
import io
import re
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sources.sample_company.catalog import Wanted, load_catalog
from connectors.sources.sample_company.crm_client import CrmClient
from connectors.sources.sample_company.crm_reader import (
    describe_streams,
    fill_if_empty,
    read_crm_stream,
)
from connectors.sources.sample_company.protocol import Output
from tests.unit.sample_company.conftest import Told, told
from warehouse.errors import CopilotError

PAGE = 60
SECRET = "very-secret-value"


class Org:
    """The least of a CRM: objects, a describe answer, queries in pages."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, Any]]] = {}
        self.fields = {
            stream["name"]: {
                name: kind.get("format", kind["type"][1])
                for name, kind in stream["json_schema"]["properties"].items()
            }
            for stream in load_catalog("salesforce")
        }
        self.seeds = 0
        self.fail_seed_after: int | None = None
        self.failures = 0
        self.expired = False

    def seed(self, body: bytes) -> None:
        self.seeds += 1
        for line in body.splitlines():
            entry = orjson.loads(line)
            self.records.setdefault(entry["object"], {})[entry["record"]["Id"]] = entry["record"]

    def query(self, soql: str) -> list[dict[str, Any]] | int:
        name = re.search(r"FROM (\w+)", soql)
        assert name
        rows = list(self.records.get(name[1], {}).values())
        if "COUNT()" in soql:
            return len(rows)
        since = re.search(r"SystemModstamp >= (\S+)", soql)
        if since:
            rows = [row for row in rows if row["SystemModstamp"][:19] >= since[1][:19]]
        fields = soql.removeprefix("SELECT ").split(" FROM ")[0].split(", ")
        rows.sort(key=lambda row: (row["SystemModstamp"], row["Id"]))
        return [
            {"attributes": {"type": name[1]}, **{field: row.get(field) for field in fields}}
            for row in rows
        ]


class Handler(http.server.BaseHTTPRequestHandler):
    org: Org
    results: dict[str, list[dict[str, Any]]] = {}

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, body: Any, status: int = 200) -> None:
        content = orjson.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/services/oauth2/token":
            form = urllib.parse.parse_qs(body.decode())
            if form.get("client_secret") != [SECRET]:
                self.answer({"error": "invalid_client"}, 400)
                return
            self.org.expired = False
            self.answer({"access_token": "token", "instance_url": "here"})
            return
        if self.org.fail_seed_after is not None and self.org.seeds >= self.org.fail_seed_after:
            self.answer([{"message": "gone"}], 400)
            return
        self.org.seed(body)
        self.answer({})

    def do_GET(self) -> None:
        if self.org.failures:
            self.org.failures -= 1
            self.answer([{"errorCode": "SERVER_UNAVAILABLE"}], 503)
            return
        if self.org.expired or self.headers["Authorization"] != "Bearer token":
            self.answer([{"errorCode": "INVALID_SESSION_ID"}], 401)
            return
        url = urllib.parse.urlparse(self.path)
        if url.path.endswith("/describe"):
            fields = self.org.fields[url.path.split("/")[-2]]
            self.answer({"fields": [{"name": n, "type": t} for n, t in fields.items()]})
            return
        if "/query/" in url.path:
            key, start = url.path.rsplit("/", 1)[1].split("-")
            self.page(self.results[key], key, int(start))
            return
        found = self.org.query(urllib.parse.parse_qs(url.query)["q"][0])
        if isinstance(found, int):
            self.answer({"totalSize": found, "done": True, "records": []})
            return
        key = f"cursor{len(self.results)}"
        self.results[key] = found
        self.page(found, key, 0)

    def page(self, rows: list[dict[str, Any]], key: str, start: int) -> None:
        end = start + PAGE
        body = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        if not body["done"]:
            body["nextRecordsUrl"] = f"/services/data/v62.0/query/{key}-{end}"
        self.answer(body)


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
def url(org: Org) -> Iterator[str]:
    handler = type("OrgHandler", (Handler,), {"org": org, "results": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(url: str) -> CrmClient:
    made = CrmClient(url, "id", SECRET)
    made.login()
    return made


def read(client: CrmClient, name: str, state: dict[str, Any] | None = None) -> Told:
    buffer = io.BytesIO()
    read_crm_stream(Output(buffer), client, Wanted(name, True, frozenset()), state or {})
    return told(buffer.getvalue())


def test_an_empty_org_is_filled_once(
    client: CrmClient, org: Org, company: Path, streams: dict[str, list[dict[str, Any]]]
) -> None:
    assert fill_if_empty(client, lambda: company, lambda _: None)
    for name in ("User", "Account", "Contact", "Opportunity", "Task", "Event"):
        assert org.records[name] == {record["Id"]: record for record in streams[name]}
    seeds = org.seeds
    assert not fill_if_empty(client, lambda: pytest.fail("simulated"), lambda _: None)
    assert org.seeds == seeds


def test_an_interrupted_filling_starts_over(client: CrmClient, org: Org, company: Path) -> None:
    org.fail_seed_after = 3
    with pytest.raises(CopilotError, match="did not take"):
        fill_if_empty(client, lambda: company, lambda _: None)
    assert "Account" not in org.records
    org.fail_seed_after = None
    assert fill_if_empty(client, lambda: company, lambda _: None)
    assert len(org.records["Account"]) == 120


def test_all_pages_are_read_in_the_shape_of_the_catalogue(
    client: CrmClient, org: Org, company: Path
) -> None:
    fill_if_empty(client, lambda: company, lambda _: None)
    accounts = read(client, "Account").records["Account"]
    assert {account["Id"]: account for account in accounts}.keys() == org.records["Account"].keys()
    assert "attributes" not in accounts[0]
    catalogue = next(one for one in load_catalog("salesforce") if one["name"] == "Account")
    assert set(accounts[0]) == set(catalogue["json_schema"]["properties"])


def test_what_the_copilot_wrote_comes_back_and_other_fields_do_not(
    client: CrmClient, org: Org, company: Path
) -> None:
    fill_if_empty(client, lambda: company, lambda _: None)
    state = read(client, "Account").states()[-1]
    org.fields["Account"] |= {"Copilot_Health_Score__c": "double", "Somebody_Else__c": "string"}
    changed = next(iter(org.records["Account"].values()))
    changed |= {"Copilot_Health_Score__c": 71.5, "Somebody_Else__c": "private"}
    changed["SystemModstamp"] = "2026-11-01T08:00:00.000+0000"
    schema = next(one for one in describe_streams(client) if one["name"] == "Account")
    kind = schema["json_schema"]["properties"]["Copilot_Health_Score__c"]
    assert kind == {"type": ["null", "number"]}
    again = read(client, "Account", state)
    by_id = {record["Id"]: record for record in again.records["Account"]}
    assert by_id[changed["Id"]]["Copilot_Health_Score__c"] == 71.5
    assert "Somebody_Else__c" not in by_id[changed["Id"]]
    assert again.states()[-1] == {"SystemModstamp": "2026-11-01T08:00:00.000+0000"}
    assert len(by_id) < 120


def test_a_busy_server_and_an_expired_session_are_no_failure(
    client: CrmClient, org: Org, company: Path
) -> None:
    fill_if_empty(client, lambda: company, lambda _: None)
    org.failures, org.expired = 1, True
    assert len(read(client, "User").records["User"]) == len(org.records["User"])


def test_refused_credentials_are_named_and_never_shown(url: str) -> None:
    with pytest.raises(CopilotError) as caught:
        CrmClient(url, "id", "wrong-secret-value").login()
    assert "client credentials" in str(caught.value)
    assert "wrong-secret-value" not in str(caught.value)


def test_an_unreachable_crm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(CopilotError, match=r"127\.0\.0\.1:9 does not answer"):
        CrmClient("http://127.0.0.1:9", "id", SECRET).login()
