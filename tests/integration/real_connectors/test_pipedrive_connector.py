"""Pipedrive's unmodified connector against its stand-in: what the copilot wrote comes back."""

from collections.abc import Callable

from connectors.destinations.common.crm import NewTask
from connectors.destinations.pipedrive.client import PipedriveCrm
from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company
from connectors.sources.pipedrive import SOURCE
from connectors.sources.source import VendorSource
from tests.integration.real_connectors.reading import Connector, keyed
from tests.integration.standins import running
from warehouse.database import Warehouse
from warehouse.settings import Settings


def test_every_stream_arrives_and_the_copilots_task_with_its_marker(
    warehouse: Warehouse, connector: Callable[[VendorSource], list[str]]
) -> None:
    company = Company()
    command = connector(SOURCE)
    with running(build(company)) as standin:
        token = company.credentials["api_token"]
        standin.http.headers["x-api-token"] = token
        standin.seed("users", {"id": 7, "name": "Ann", "email": "ann@example.com"})
        rows = [{"id": n, "name": f"Org {n}", "owner_id": 7} for n in range(1, 61)]
        standin.seed("organizations", *rows)  # two pages of the connector's fifty
        standin.seed("persons", {"id": 1, "name": "Zoë", "org_id": 3, "is_deleted": True})
        standin.seed("deals", {"id": 1, "title": "Deal", "org_id": 3, "value": 12.5})
        environment = {"PIPEDRIVE_API_URL": standin.url, "PIPEDRIVE_API_TOKEN": token}
        crm = PipedriveCrm(environment)
        (made,) = crm.create_tasks([NewTask("aa11", "3", None, "Call", "x", "2026-05-06")])
        crm.close_tasks([made.record_id])
        crm.set_up("EUR")
        feedback = crm._fields["feedback"]
        answer = {"custom_fields": {feedback.key: feedback.options["wrong"]}}
        standin.call("PATCH", "/api/v2/organizations/3", json=answer)
        standin.fault("/v1/recents", status=429, retry_after=1)
        config = SOURCE.configure(Settings(sources=["pipedrive"]), {"PIPEDRIVE_API_TOKEN": token})
        pipedrive = Connector("pipedrive", command, config, {Company.hosts: standin.url})
        pipedrive.sync(warehouse, list(SOURCE.streams))
        assert standin.faults_left() == []

    def read(name: str, columns: str) -> dict[object, object]:
        return keyed(warehouse, "pipedrive", name, columns)

    organizations = read("organizations", "id, name, owner_id")
    assert len(organizations) == 60
    name, owner = organizations[3]
    assert (name, owner["name"]) == ("Org 3", "Ann")
    held = read("organizations", "id, custom_fields")[3][0]
    fields = read("organization_fields", "key, name, edit_flag, options")
    label, is_own, options = fields[feedback.key]
    assert (label, is_own) == ("Copilot Feedback", True)
    words = {str(option["id"]): option["label"] for option in options}
    assert words[held[feedback.key]] == "wrong"
    assert read("persons", "id, name, active_flag") == {1: ("Zoë", False)}
    assert read("deals", "id, title, value") == {1: ("Deal", 12.5)}
    assert len(read("stages", "id, name")) == 5
    assert set(read("users", "id, name")) == {1, 7}
    ((subject, kind, is_done, note),) = read("activities", "id, subject, type, done, note").values()
    assert (subject, kind, is_done) == ("Call", "task", True)
    assert note.endswith("Copilot action aa11")
