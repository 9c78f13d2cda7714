"""A fresh Airbyte server for each test, over real HTTP, and vendors that it can read."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from psycopg import sql

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.jobs import Pace
from connectors.airbyte.plan import Plan
from connectors.airbyte.reconcile import Reconciler
from connectors.airbyte.session import Session
from connectors.airbyte.sync import sync_on_server
from connectors.airbyte.transport import Patience
from connectors.runner import ConfiguredStream
from connectors.sandbox.airbyte.api import PUBLIC, AirbyteServer
from connectors.sandbox.airbyte.app import build_app, open_server
from connectors.sandbox.common.serving import serving
from connectors.sources.registry import VENDORS
from connectors.sources.source import Secrets, VendorSource
from warehouse.database import Warehouse
from warehouse.loader_login import internal_schema, login_name
from warehouse.settings import PROJECT_ROOT, Settings

QUICK = Patience(attempts=3, first_wait=0.0)
SECRETS = {"STRIPE_SECRET_KEY": "sk_live_0123456789", "ZENDESK_TOKEN": "zd-token-0123456789"}


def _stripe(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "account_id": "acct_1",
        "client_secret": secrets["STRIPE_SECRET_KEY"],
        "start_date": f"{settings.sync.start_date}T00:00:00Z",
        "num_workers": 10,
    }


def _zendesk(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    return {
        "subdomain": "acme",
        "start_date": f"{settings.sync.start_date}T00:00:00Z",
        "credentials": {
            "credentials": "api_token",
            "email": "ops@example.com",
            "api_token": secrets["ZENDESK_TOKEN"],
        },
    }


TEST_VENDORS: Mapping[str, VendorSource] = {
    "stripe": replace(VENDORS["stripe"], configure=_stripe, credentials=(("STRIPE_SECRET_KEY",),)),
    "zendesk": replace(VENDORS["zendesk"], configure=_zendesk, credentials=(("ZENDESK_TOKEN",),)),
}


def catalog(source: str) -> list[dict[str, Any]]:
    """Return what the real connector of a source discovers."""
    path = PROJECT_ROOT / "connectors" / "sources" / source / "catalog.json"
    loaded = json.loads(path.read_text())
    streams: list[dict[str, Any]] = loaded["streams"] if isinstance(loaded, dict) else loaded
    return streams


class StandIn:
    """A running stand-in, and the ways in which tests talk to it."""

    def __init__(self, server: AirbyteServer, prefix: str, http: requests.Session) -> None:
        self.server = server
        self.http = http
        self.settings = Settings(
            sources=["zendesk", "stripe"],
            schema_prefix=prefix,
            airbyte={"url": server.base_url, "database_host": "127.0.0.1"},
        )
        self.credentials = {
            "AIRBYTE_CLIENT_ID": server.client_id,
            "AIRBYTE_CLIENT_SECRET": server.client_secret,
        }

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(
            method, f"{self.server.base_url}/__sandbox__/{path}", json=body, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def api(self, method: str, path: str, body: Any = None) -> Any:
        token = self.server.new_token()["access_token"]
        answer = self.http.request(
            method,
            f"{self.server.base_url}{PUBLIC}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """What the server keeps of sources, destinations, connections or jobs, secrets too."""
        return self.server.store.list(kind)

    def offer(self, source: str, **more: Any) -> None:
        """Make a source's connector known: its real catalogue, and what is said of it."""
        vendor = VENDORS[source]
        body = {"streams": catalog(source), **more}
        self.admin("PUT", f"source_types/{vendor.definition}", body)

    def script(self, *statuses: str, **more: Any) -> None:
        self.admin("POST", "scripts", {"statuses": statuses, **more})

    def fault(self, path: str, **more: Any) -> None:
        self.admin("POST", "faults", {"path": path, **more})

    def calls(self, method: str, ending: str) -> int:
        seen = self.admin("GET", "requests")
        return sum(
            count
            for key, count in seen.items()
            if key.startswith(f"{method} ") and key.endswith(ending)
        )

    def writes(self) -> int:
        """Requests that could have changed anything."""
        seen = self.admin("GET", "requests")
        return sum(
            count
            for key, count in seen.items()
            if not key.startswith("GET ") and "/token" not in key
        )

    def client(self) -> AirbyteClient:
        session = Session(self.settings.airbyte, self.credentials, QUICK)
        return AirbyteClient(session, self.settings.airbyte.workspace_id)


@pytest.fixture
def stand_in(tmp_path: Path, warehouse: Warehouse) -> Iterator[StandIn]:
    """Serve a fresh server that knows the connectors of Stripe and Zendesk."""
    server = open_server(tmp_path / "airbyte.sqlite")
    http = requests.Session()
    http.trust_env = False
    with serving(build_app(server)) as url:
        server.base_url = url
        made = StandIn(server, warehouse.schema_prefix, http)
        made.offer("stripe")
        made.offer("zendesk")
        yield made
    http.close()
    server.store.close()


@pytest.fixture(autouse=True)
def forgotten(warehouse: Warehouse) -> Iterator[None]:
    """Begin each test without a ledger and without the server's login."""
    yield
    login = sql.Identifier(login_name(warehouse))
    with warehouse.connect() as connection:
        connection.execute(
            sql.SQL("truncate {}").format(
                sql.Identifier(warehouse.schema("ops"), "airbyte_resource")
            )
        )
        connection.execute(
            sql.SQL("drop schema if exists {} cascade").format(
                sql.Identifier(internal_schema(warehouse))
            )
        )
        connection.execute(sql.SQL("drop role if exists {}").format(login))


def said(words: str, *, origin: str = "source", internal: str = "") -> dict[str, Any]:
    """Return a failure as the configuration API shows it."""
    return {
        "failureOrigin": origin,
        "failureType": "config_error",
        "externalMessage": words,
        "internalMessage": internal,
        "timestamp": 0,
    }


def walk(
    stand_in: StandIn,
    warehouse: Warehouse,
    *,
    applies: bool,
    settings: Settings | None = None,
    secrets: Mapping[str, str] = SECRETS,
    vendors: Mapping[str, VendorSource] = TEST_VENDORS,
) -> Plan:
    """Plan or apply."""
    client = stand_in.client()
    try:
        return Reconciler(
            client, warehouse, settings or stand_in.settings, vendors, secrets, applies
        ).run()
    finally:
        client.close()


def actions(plan: Plan) -> list[tuple[str, str]]:
    """Return what a plan does to what, in its order."""
    return [(step.action, f"{step.kind} {step.name.split(': ')[1]}") for step in plan.steps]


INVOICES = [
    {"id": "in_1", "amount_due": 9007199254740993, "lines": {"data": [{"id": "li_1"}]}},
    {"id": "00002", "amount_due": None, "lines": None},
]
STREAMS = ["customers", "products", "prices", "subscriptions", "invoices"]


class Watcher:
    """Syncs Stripe, and keeps what was said; the pace's sleep may do something, too."""

    def __init__(self, stand_in: StandIn, warehouse: Warehouse) -> None:
        self.stand_in = stand_in
        self.warehouse = warehouse
        self.said: list[str] = []
        self.runs = 0
        self.vendor = replace(
            TEST_VENDORS["stripe"], streams=tuple(ConfiguredStream(name) for name in STREAMS)
        )

    def sync(
        self,
        *,
        limit: float = 3600.0,
        outage: float = 600.0,
        sleep: Callable[[float], None] = lambda _: None,
        refresh: bool = False,
    ) -> dict[str, int]:
        self.runs += 1
        client = self.stand_in.client()
        try:
            return sync_on_server(
                client,
                self.warehouse,
                self.stand_in.settings,
                self.vendor,
                run_id=f"run{self.runs}",
                say=self.said.append,
                refresh=refresh,
                pace=Pace(limit, 0.0, outage, sleep),
            )
        finally:
            client.close()

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def connection_id(self) -> str:
        rows = self.stand_in.rows("connection")
        return str(next(row["connectionId"] for row in rows if "stripe" in row["name"]))

    def start_by_hand(self, job_type: str = "sync") -> None:
        body = {"connectionId": self.connection_id, "jobType": job_type}
        self.stand_in.api("POST", "jobs", body)

    def jobs(self) -> list[dict[str, Any]]:
        return self.stand_in.api("GET", "jobs?limit=100")["data"]


@pytest.fixture
def watcher(stand_in: StandIn, warehouse: Warehouse) -> Watcher:
    """Apply, with two invoices to be read."""
    stand_in.offer("stripe", records={"invoices": INVOICES})
    walk(stand_in, warehouse, applies=True)
    stand_in.admin("DELETE", "faults")
    return Watcher(stand_in, warehouse)
