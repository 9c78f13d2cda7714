"""A fresh org for each test, over real HTTP, and a warehouse whose ledger is empty."""

import contextlib
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from psycopg import sql

from connectors.destinations.salesforce.fields import FIELDS
from connectors.destinations.salesforce.transport import RetryPolicy
from connectors.sandbox.common.serving import listen, make_server
from connectors.sandbox.info import SandboxInfo, new_credentials
from connectors.sandbox.salesforce.api import Org
from connectors.sandbox.salesforce.app import build_app
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.store import Store
from warehouse.database import Warehouse

AS_OF = dt.date(2026, 6, 30)


@dataclass
class Sandbox:
    """A running stand-in and the ways in which tests talk to it."""

    info: SandboxInfo
    http: requests.Session

    def url(self, path: str) -> str:
        return f"{self.info.url}/services/data/v59.0/{path}"

    def seed(self, *entries: tuple[str, dict[str, Any]]) -> None:
        lines = [json.dumps({"object": name, "record": record}) for name, record in entries]
        answer = self.http.post(f"{self.info.url}/__sandbox__/seed", data="\n".join(lines).encode())
        assert answer.status_code == 200, answer.text

    def seed_accounts(self, count: int) -> list[str]:
        ids = [make_id("001", number) for number in range(1, count + 1)]
        self.seed(*(("Account", {"Id": item, "Name": f"Account {item}"}) for item in ids))
        return ids

    def query(self, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        verb = "queryAll" if deleted else "query"
        answer = self.http.get(self.url(verb), params={"q": soql})
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def fault(self, **settings: Any) -> None:
        answer = self.http.post(f"{self.info.url}/__sandbox__/faults", json=settings)
        assert answer.status_code == 201, answer.text

    def set_limits(self, **limits: int) -> None:
        answer = self.http.post(f"{self.info.url}/__sandbox__/limits", json=limits)
        assert answer.status_code == 200, answer.text

    def forget(self) -> None:
        self.http.delete(f"{self.info.url}/__sandbox__/faults")

    def calls(self, method: str, ending: str) -> int:
        seen = self.http.get(f"{self.info.url}/__sandbox__/requests").json()
        return sum(
            count
            for key, count in seen.items()
            if key.startswith(f"{method} ") and key.endswith(ending)
        )

    def writes(self) -> int:
        """Calls that could have changed anything in the org."""
        seen = self.http.get(f"{self.info.url}/__sandbox__/requests").json()
        return sum(
            count
            for key, count in seen.items()
            if not key.startswith("GET ") and "/oauth2/token" not in key
        )


@contextlib.contextmanager
def serving_org(folder: Path) -> Iterator[Sandbox]:
    """Serve a fresh, empty org whose state lies in this folder."""
    listener = listen(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    credentials = new_credentials()
    org = Org(Store(folder / "org.sqlite"), credentials, url)
    server = make_server(build_app(org))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    http = requests.Session()
    http.trust_env = False
    http.headers["Authorization"] = f"Bearer {org.new_session()}"
    yield Sandbox(SandboxInfo(url=url, pid=0, **credentials), http)
    http.close()
    server.should_exit = True
    thread.join(timeout=10)
    org.store.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Serve a fresh, empty org."""
    with serving_org(tmp_path) as opened:
        yield opened


@pytest.fixture
def policy() -> RetryPolicy:
    """Retry at once, three times in all."""
    return RetryPolicy(attempts=3, first_wait=0.0, read_timeout=10.0)


@pytest.fixture
def ledger(warehouse: Warehouse) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Empty the ledger and the outbound table; yield a way to read any ``ops`` table."""
    tables = [
        sql.Identifier(warehouse.schema("ops"), name)
        for name in ("sync_row", "publish_intent", "audit_log")
    ]
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("truncate {}").format(sql.SQL(", ").join(tables)))
    make_outbound_table(warehouse)

    def read(statement: str) -> list[tuple[Any, ...]]:
        with warehouse.connect() as connection:
            connection.execute(
                sql.SQL("set search_path to {}").format(sql.Identifier(warehouse.schema("ops")))
            )
            return connection.execute(statement.encode()).fetchall()

    yield read


_TYPES = {"Number": "numeric", "Percent": "numeric", "Currency": "numeric", "Date": "date"}


def make_outbound_table(warehouse: Warehouse) -> None:
    """Make ``publish.sync_salesforce_account`` as dbt would, empty."""
    columns = ", ".join(f"{field.column} {_TYPES.get(field.kind, 'text')}" for field in FIELDS)
    table = f'"{warehouse.schema("publish")}".sync_salesforce_account'
    with warehouse.connect() as connection:
        connection.execute(f"drop table if exists {table}".encode())
        connection.execute(f"create table {table} (salesforce_id text, {columns})".encode())
        role = warehouse.role_name  # the table is made by the owner here, not by the transformer
        from warehouse.database import Role

        if warehouse.acting_role(Role.PUBLISHER):
            connection.execute(f'grant select on {table} to "{role(Role.PUBLISHER)}"'.encode())


def outbound(record_id: str, **changes: Any) -> dict[str, Any]:
    """Return one outbound row with plausible values."""
    row: dict[str, Any] = {
        "salesforce_id": record_id,
        "health_score": 71.5,
        "health_band": "watch",
        "health_change_30d": -4.2,
        "churn_probability": 12.3,
        "risk_tier": "medium",
        "score_basis": "model",
        "reasons": "Logins fell by 40% in 28 days.\nTwo invoices are overdue.",
        "next_action": "Call the champion",
        "expansion_propensity": 30.0,
        "expansion_product": "Analytics",
        "arr_at_risk": 1234.56,
        "renewal_date": dt.date(2026, 9, 1),
        "as_of_date": AS_OF,
        "report_url": "http://127.0.0.1:3000/accounts/x",
    }
    return {**row, **changes}


def set_outbound(warehouse: Warehouse, rows: list[dict[str, Any]]) -> None:
    """Replace the outbound rows."""
    table = sql.Identifier(warehouse.schema("publish"), "sync_salesforce_account")
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("delete from {}").format(table))
        if rows:
            names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
            cursor.executemany(
                sql.SQL("insert into {} ({}) values ({})").format(table, names, marks),
                [list(row.values()) for row in rows],
            )
