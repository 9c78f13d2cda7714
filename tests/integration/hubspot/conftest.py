"""A fresh HubSpot account for each test, over real HTTP."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from hubspot import HubSpot

from connectors.destinations.common.transport import RetryPolicy
from connectors.destinations.hubspot.client import HubspotCrm
from connectors.sandbox.common.serving import serving
from connectors.sandbox.hubspot.app import build
from connectors.sandbox.hubspot.portal import Portal


@dataclass
class Account:
    """A running stand-in and the ways in which tests talk to it."""

    url: str
    token: str
    http: requests.Session

    def seed(self, *entries: tuple[str, dict[str, Any]]) -> None:
        lines = [json.dumps({"object": name, "record": record}) for name, record in entries]
        answer = self.http.post(f"{self.url}/__sandbox__/seed", data="\n".join(lines).encode())
        assert answer.status_code == 200, answer.text

    def fault(self, **settings: Any) -> None:
        answer = self.http.post(f"{self.url}/__sandbox__/faults", json=settings)
        assert answer.status_code == 201, answer.text

    def forget(self) -> None:
        self.http.delete(f"{self.url}/__sandbox__/faults")

    def settings(self, **changes: int) -> None:
        answer = self.http.post(f"{self.url}/__sandbox__/settings", json=changes)
        assert answer.status_code == 200, answer.text

    def seen(self) -> dict[str, int]:
        seen: dict[str, int] = self.http.get(f"{self.url}/__sandbox__/requests").json()
        return seen

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
        return self.http.request(method, f"{self.url}{path}", json=body, params=params)

    def properties(self, record_id: str, *names: str) -> dict[str, Any]:
        """Return properties of a company as the API tells them."""
        path = f"/crm/v3/objects/companies/{record_id}"
        found: dict[str, Any] = self.call("GET", path, properties=",".join(names)).json()
        return {name: found["properties"][name] for name in names}

    def edit(self, record_id: str, **values: str) -> None:
        """Change properties of a company as a person does in the browser."""
        address = f"{self.url}/crm/v3/objects/companies/{record_id}"
        headers = {"X-Sandbox-Source": "CRM_UI"}
        answer = self.http.patch(address, json={"properties": values}, headers=headers)
        assert answer.status_code == 200, answer.text

    def environment(self) -> dict[str, str]:
        """Return the variables that point the destination here."""
        return {"HUBSPOT_API_URL": self.url, "HUBSPOT_ACCESS_TOKEN": self.token}

    def client(self) -> HubSpot:
        """Return the vendor's own client."""
        return HubSpot(access_token=self.token, host=self.url)


@contextlib.contextmanager
def serving_account() -> Iterator[Account]:
    """Serve a fresh, empty account."""
    portal = Portal()
    with serving(build(portal)) as url, requests.Session() as http:
        http.trust_env = False
        token = portal.credentials["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Account(url, token, http)


@pytest.fixture
def account() -> Iterator[Account]:
    """Serve a fresh, empty account."""
    with serving_account() as opened:
        yield opened


@pytest.fixture
def client(account: Account) -> HubSpot:
    """Return hubspot-api-client itself."""
    return account.client()


def company(number: int, **properties: Any) -> tuple[str, dict[str, Any]]:
    """Return a company to seed."""
    record = {"id": str(1000 + number), "createdAt": "2025-01-02T03:04:05.678Z"}
    return "companies", {**record, "properties": {"name": f"Company {number}", **properties}}


@pytest.fixture
def policy() -> RetryPolicy:
    """Retry at once, three times in all."""
    return RetryPolicy(attempts=3, first_wait=0.0, read_timeout=0.5)


@pytest.fixture
def crm(account: Account, policy: RetryPolicy) -> HubspotCrm:
    """Return what publishes into the account, before its fields are made."""
    return HubspotCrm(account.environment(), policy)


@pytest.fixture
def ready(account: Account, crm: HubspotCrm) -> HubspotCrm:
    """Return what publishes into an account that has the copilot's fields; nothing was spent."""
    crm.set_up("EUR")
    account.forget()
    return HubspotCrm(account.environment(), RetryPolicy(3, 0.0, 5.0, read_timeout=0.5))
