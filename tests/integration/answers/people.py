"""What a person does in a CRM's stand-in: answers on an account, and completes a task."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from connectors.destinations.common.answers import ANSWERS
from connectors.sandbox.info import SandboxInfo

ANSWERED: Mapping[str, Any] = {
    "feedback": "wrong",
    "override_score": 12.5,
    "override_reason": "Their board decided to leave",
    "override_expires": (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat(),
}
WORD, SAID_ON = "Yellow", dt.datetime.now(dt.UTC).date().isoformat()


@dataclass
class Salesforce:
    """A user of the org who is not bound by the copilot's permission sets."""

    info: SandboxInfo
    user_id: str
    key = "salesforce_account_id"
    users = 'select "Id" from {raw}."User" where "IsActive" order by "Id" limit 1'

    def answer(self, record_id: str) -> None:
        values = {f"Copilot_{column.title()}__c": value for column, value in ANSWERED.items()}
        self._edit("Account", record_id, values)

    def worry(self, record_id: str) -> None:
        pulse = {"CSM_Pulse__c": WORD, "CSM_Pulse_Date__c": SAID_ON}
        self._edit("Account", record_id, pulse)

    def complete(self, task_id: str) -> None:
        self._edit("Task", task_id, {"Status": "Completed"})

    def _edit(self, name: str, record_id: str, values: Mapping[str, Any]) -> None:
        edit = {"object": name, "id": record_id, "values": values, "by": self.user_id}
        answer = _http().post(f"{self.info.url}/__sandbox__/edits", json=edit)
        assert answer.ok, answer.text


@dataclass
class Hubspot:
    """A user of the portal; there they write what the app may write too."""

    info: SandboxInfo
    user_id: str = ""
    key = "hubspot_company_id"

    def answer(self, record_id: str) -> None:
        values = {f"copilot_{column}": value for column, value in ANSWERED.items()}
        self._edit("companies", record_id, values)

    def worry(self, record_id: str) -> None:
        pulse = {"csm_pulse": WORD, "csm_pulse_date": SAID_ON}
        self._edit("companies", record_id, pulse)

    def complete(self, task_id: str) -> None:
        self._edit("tasks", task_id, {"hs_task_status": "COMPLETED"})

    def _edit(self, name: str, record_id: str, values: Mapping[str, Any]) -> None:
        url = f"{self.info.url}/crm/v3/objects/{name}/{record_id}"
        token = self.info.credentials["access_token"]
        answer = _http(f"Bearer {token}").patch(url, json={"properties": dict(values)})
        assert answer.ok, answer.text


@dataclass
class Pipedrive:
    """A user of the company, who sees the fields by their names and the options by their labels."""

    info: SandboxInfo
    user_id: str = ""
    key = "pipedrive_organization_id"

    def answer(self, record_id: str) -> None:
        page = self._http().get(f"{self.info.url}/api/v2/organizationFields?limit=500").json()
        fields = {field["field_name"]: field for field in page["data"]}
        values = {}
        for outbound in ANSWERS:
            field, value = fields[outbound.label], ANSWERED[outbound.column]
            chosen = [one["id"] for one in field.get("options") or () if one["label"] == value]
            values[field["field_code"]] = chosen[0] if chosen else value
        self._edit(f"organizations/{record_id}", {"custom_fields": values})

    def complete(self, task_id: str) -> None:
        self._edit(f"activities/{task_id}", {"done": True})

    def _edit(self, path: str, body: Mapping[str, Any]) -> None:
        answer = self._http().patch(f"{self.info.url}/api/v2/{path}", json=dict(body))
        assert answer.ok, answer.text

    def _http(self) -> requests.Session:
        session = _http()
        session.headers["x-api-token"] = self.info.credentials["api_token"]
        return session


PEOPLE = {"salesforce": Salesforce, "hubspot": Hubspot, "pipedrive": Pipedrive}


def _http(authorization: str = "") -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    if authorization:
        session.headers["Authorization"] = authorization
    return session
