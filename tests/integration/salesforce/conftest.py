"""A fresh org for each test, over real HTTP, and a warehouse whose ledger is empty."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from psycopg import sql

from connectors.destinations.common.transport import RetryPolicy
from connectors.sandbox.common.serving import listen, make_server
from connectors.sandbox.info import SandboxInfo
from connectors.sandbox.salesforce.api import Org
from connectors.sandbox.salesforce.app import build_app
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.served import new_credentials
from connectors.sandbox.salesforce.store import Store
from tests.integration.publish.outbound import empty_ledgers, make_outbound_table
from tests.integration.salesforce.publishing import Publisher, Read
from warehouse.database import Warehouse
from warehouse.settings import Settings


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
        """Calls that could have changed anything in the org; records are read with a POST."""
        seen = self.http.get(f"{self.info.url}/__sandbox__/requests").json()
        harmless = ("/oauth2/token", "/composite/sobjects/Account")
        return sum(
            count
            for key, count in seen.items()
            if not key.startswith("GET ") and not key.endswith(harmless)
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
    yield Sandbox(SandboxInfo("salesforce", url, 0, credentials), http)
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
def ledger(warehouse: Warehouse) -> Iterator[Read]:
    """Empty the ledger and the outbound table; yield a way to read any ``ops`` table."""
    empty_ledgers(warehouse)
    make_outbound_table(warehouse)

    def read(statement: str) -> list[tuple[Any, ...]]:
        with warehouse.connect() as connection:
            connection.execute(
                sql.SQL("set search_path to {}").format(sql.Identifier(warehouse.schema("ops")))
            )
            return connection.execute(statement.encode()).fetchall()

    yield read


@pytest.fixture
def publisher(
    warehouse: Warehouse,
    settings: Settings,
    sandbox: Sandbox,
    policy: RetryPolicy,
    ledger: Read,
) -> Publisher:
    """Return what plans and applies into the test's own org."""
    return Publisher(warehouse, settings, sandbox.info.environment(), policy)
