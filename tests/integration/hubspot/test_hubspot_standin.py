"""The stand-in answers as HubSpot's documentation says, to the vendor's own client."""

from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import companies, contacts, deals, owners, properties
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest

from tests.integration.hubspot.conftest import Account, company


def test_the_client_creates_reads_changes_and_archives(client: HubSpot) -> None:
    api = client.crm.companies.basic_api
    given = {"name": "Löwe & Söhne 😀", "domain": "LOEWE.example", "annualrevenue": "12345678.25"}
    made = api.create(companies.SimplePublicObjectInputForCreate(properties=given))
    api.update(made.id, companies.SimplePublicObjectInput(properties={"city": "Köln", "phone": ""}))
    wanted = ["annualrevenue", "city", "country", "phone"]
    found = api.get_by_id(made.id, properties=["domain", "name", *wanted])
    assert {name: found.properties[name] for name in ["domain", "name", *wanted]} == {
        "domain": "loewe.example",
        "name": "Löwe & Söhne 😀",
        "annualrevenue": "12345678.25",
        "city": "Köln",
        "country": None,  # never set
        "phone": "",  # cleared
    }
    assert found.properties["hs_object_id"] == made.id
    assert (found.archived, found.updated_at >= found.created_at) == (False, True)
    api.archive(made.id)
    with pytest.raises(companies.ApiException) as raised:
        api.get_by_id(made.id)
    assert raised.value.status == 404
    gone = api.get_by_id(made.id, archived=True)
    assert (gone.archived, gone.archived_at is not None) == (True, True)
    assert [row.id for row in api.get_page(archived=True).results] == [made.id]
    assert api.get_page().results == []


def test_lists_come_in_pages_with_a_cursor(account: Account, client: HubSpot) -> None:
    account.seed(*(company(number) for number in range(1, 251)))
    api = client.crm.companies.basic_api
    pages = [api.get_page(limit=100)]
    while pages[-1].paging:
        pages.append(api.get_page(limit=100, after=pages[-1].paging.next.after))
    assert [len(page.results) for page in pages] == [100, 100, 50]
    assert [row.id for page in pages for row in page.results] == [
        str(1000 + number) for number in range(1, 251)
    ]
    assert len(api.get_page().results) == 10
    assert account.call("GET", "/crm/v3/objects/companies", limit=101).status_code == 400
    link = account.call("GET", "/crm/v3/objects/companies", limit=2).json()["paging"]["next"]
    assert link["link"].endswith(f"/crm/v3/objects/companies?limit=2&after={link['after']}")


def test_a_record_has_its_history(account: Account, client: HubSpot) -> None:
    account.seed(
        ("deals", {"id": "7", "createdAt": "2025-01-01T00:00:00Z", "properties": {"amount": "5"}})
    )
    api = client.crm.deals.basic_api
    for stage in ("qualifiedtobuy", "closedwon"):
        api.update("7", deals.SimplePublicObjectInput(properties={"dealstage": stage}))
    found = api.get_by_id("7", properties_with_history=["dealstage", "amount"])
    values = [version.value for version in found.properties_with_history["dealstage"]]
    assert values == ["closedwon", "qualifiedtobuy"]
    assert found.properties_with_history["amount"][0].timestamp.isoformat().startswith("2025-01-01")
    derived = api.get_by_id("7", properties=["hs_is_closed_won", "hs_is_closed"]).properties
    assert (derived["hs_is_closed"], derived["hs_is_closed_won"]) == ("true", "true")
    too_many = {"limit": 51, "propertiesWithHistory": "dealstage"}
    assert account.call("GET", "/crm/v3/objects/deals", **too_many).status_code == 400


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("companies", {"nope": "x"}, "PROPERTY_DOESNT_EXIST"),
        ("companies", {"annualrevenue": "much"}, "INVALID_DOUBLE"),
        ("companies", {"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ("companies", {"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ("companies", {"hubspot_owner_id": "5"}, "INVALID_OPTION"),
        ("deals", {"dealstage": "unheard"}, "INVALID_OPTION"),
        ("deals", {"closedate": "soon"}, "INVALID_DATE"),
        ("tasks", {"hs_task_subject": "Call"}, "REQUIRED_PROPERTY_MISSING"),
    ],
)
def test_a_wrong_value_is_refused_in_hubspots_words(
    account: Account, kind: str, values: dict[str, str], code: str
) -> None:
    answer = account.call("POST", f"/crm/v3/objects/{kind}", {"properties": values})
    error = answer.json()
    assert (answer.status_code, error["status"], error["category"]) == (
        400,
        "error",
        "VALIDATION_ERROR",
    )
    assert error["correlationId"]
    assert [item["code"] for item in error["errors"]] == [code]
    assert account.call("GET", f"/crm/v3/objects/{kind}").json()["results"] == []


def test_an_email_address_belongs_to_one_contact(account: Account, client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    given = contacts.SimplePublicObjectInputForCreate(properties={"email": "Ada@example.com"})
    made = api.create(given)
    with pytest.raises(contacts.ApiException) as raised:
        api.create(given)
    assert (raised.value.status, made.id in raised.value.body) == (409, True)
    assert api.get_by_id("ada@example.com", id_property="email").id == made.id


def test_a_time_with_an_offset_is_kept_in_utc(client: HubSpot) -> None:
    given = {"dealname": "x", "closedate": "2026-01-02T01:30:00.500+02:00"}
    made = client.crm.deals.basic_api.create(
        deals.SimplePublicObjectInputForCreate(properties=given)
    )
    assert made.properties["closedate"] == "2026-01-01T23:30:00.500Z"


def _batch(*inputs: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": list(inputs)}


def test_a_batch_read_names_what_is_missing(account: Account, client: HubSpot) -> None:
    account.seed(company(1), company(2))
    asked = companies.BatchReadInputSimplePublicObjectId(
        properties=["name"],
        properties_with_history=[],
        inputs=[companies.SimplePublicObjectId(id=item) for item in ("1001", "99", "1002")],
    )
    found = client.crm.companies.batch_api.read(asked)
    assert [row.properties["name"] for row in found.results] == ["Company 1", "Company 2"]
    assert (found.num_errors, found.errors[0].category) == (1, "OBJECT_NOT_FOUND")
    assert found.errors[0].context["ids"] == ["99"]


def test_a_batch_update_is_whole_or_told_apart_by_traces(account: Account) -> None:
    account.seed(company(1), company(2))
    path = "/crm/v3/objects/companies/batch/update"
    good = {"id": "1001", "properties": {"city": "Rome"}}
    bad = {"id": "1002", "properties": {"annualrevenue": "much"}}
    gone = {"id": "99", "properties": {"city": "Rome"}}
    answer = account.call("POST", path, _batch(good, bad))
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    city = {"properties": "city"}
    read = account.call("GET", "/crm/v3/objects/companies/1001", **city).json()
    assert read["properties"]["city"] is None
    traced = [{**item, "objectWriteTraceId": f"t{n}"} for n, item in enumerate((good, bad, gone))]
    answer = account.call("POST", path, _batch(*traced))
    payload = answer.json()
    assert (answer.status_code, payload["numErrors"]) == (207, 2)
    assert [row["id"] for row in payload["results"]] == ["1001"]
    assert [error["context"]["objectWriteTraceId"] for error in payload["errors"]] == [
        ["t1"],
        ["t2"],
    ]
    answer = account.call("POST", path, _batch(good, gone))
    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")
    too_many = _batch(*({"id": str(number), "properties": {}} for number in range(101)))
    assert account.call("POST", path, too_many).status_code == 400
    twice = account.call("POST", path, _batch(good, good))
    assert (twice.status_code, "Duplicate IDs" in twice.json()["message"]) == (400, True)


def test_properties_are_made_used_and_refused_twice(account: Account, client: HubSpot) -> None:
    api = client.crm.properties.core_api
    asked = properties.PropertyCreate(
        name="copilot_health_score",
        label="Health score",
        type="number",
        field_type="number",
        group_name="companyinformation",
    )
    api.create("companies", asked)
    with pytest.raises(properties.ApiException) as raised:
        api.create("companies", asked)
    assert raised.value.status == 409
    account.seed(company(1))
    changes = companies.SimplePublicObjectInput(properties={"copilot_health_score": "71.5"})
    client.crm.companies.basic_api.update("1001", changes)
    shown = client.crm.companies.basic_api.get_by_id("1001", properties=["copilot_health_score"])
    assert shown.properties["copilot_health_score"] == "71.5"
    assert api.get_by_name("companies", "name").hubspot_defined is True
    assert "copilot_health_score" in {row.name for row in api.get_all("companies").results}
    before = account.call("GET", "/properties/v2/company/properties").json()
    assert "copilot_health_score" in {row["name"] for row in before}


def test_a_task_is_made_with_its_company(account: Account, client: HubSpot) -> None:
    account.seed(company(1), ("owners", {"id": "5", "email": "csm@example.com"}))
    link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}
    body = {
        "properties": {
            "hs_timestamp": "2026-07-01T09:00:00Z",
            "hs_task_subject": "Call the champion",
            "hs_task_status": "NOT_STARTED",
            "hubspot_owner_id": "5",
        },
        "associations": [{"to": {"id": "1001"}, "types": [link]}],
    }
    made = account.call("POST", "/crm/v3/objects/tasks", body)
    assert made.status_code == 201, made.text
    found = client.crm.associations.v4.basic_api.get_page("tasks", made.json()["id"], "companies")
    assert [int(row.to_object_id) for row in found.results] == [1001]
    back = account.call("GET", "/crm/v4/objects/companies/1001/associations/tasks").json()
    assert back["results"][0]["associationTypes"][0]["typeId"] == 191


def test_a_contact_has_one_primary_company(account: Account, client: HubSpot) -> None:
    account.seed(
        company(1), company(2), ("contacts", {"id": "9", "properties": {"email": "a@b.c"}})
    )
    api = client.crm.associations.v4
    for other in ("1001", "1002"):
        api.basic_api.create_default("contact", "9", "company", other)
    read = api.batch_api.get_page(
        "contacts",
        "companies",
        BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": "9"}, {"id": "10"}]),
    )
    types = {
        int(row.to_object_id): {(spec.type_id, spec.label) for spec in row.association_types}
        for row in read.results[0].to
    }
    assert types == {1001: {(1, "Primary"), (279, None)}, 1002: {(279, None)}}
    assert read.num_errors == 1
    listed = account.call("GET", "/crm/v3/objects/contacts", associations="companies").json()
    assert listed["results"][0]["associations"]["companies"]["results"] == [
        {"id": "1001", "type": "contact_to_company"},
        {"id": "1001", "type": "contact_to_company_unlabeled"},
        {"id": "1002", "type": "contact_to_company_unlabeled"},
    ]


def test_owners_and_pipelines(account: Account, client: HubSpot) -> None:
    account.seed(
        ("owners", {"id": "5", "email": "csm@example.com", "firstName": "Ada"}),
        ("owners", {"id": "6", "email": "left@example.com", "archived": True}),
    )
    api = client.crm.owners.owners_api
    assert [row.email for row in api.get_page().results] == ["csm@example.com"]
    assert [row.email for row in api.get_page(archived=True).results] == ["left@example.com"]
    with pytest.raises(owners.ApiException):
        api.get_by_id(6)
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert stages[-2].metadata == {"isClosed": "true", "probability": "1.0"}
    before = account.call("GET", "/crm-pipelines/v1/pipelines/deals").json()["results"][0]
    assert (before["pipelineId"], before["default"], before["createdAt"]) == (
        "default",
        True,
        1_577_836_800_000,
    )


def test_who_may_call_and_how_often(account: Account) -> None:
    path = "/crm/v3/objects/companies"
    stranger = account.http.get(account.url + path, headers={"Authorization": "Bearer pat-wrong"})
    assert (stranger.status_code, stranger.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    answer = account.call("GET", path)
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "190"
    assert int(answer.headers["X-HubSpot-RateLimit-Remaining"]) < 190
    account.settings(requests_per_ten_seconds=3)
    answers = [account.call("GET", path) for _ in range(4)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert int(refused.headers["Retry-After"]) >= 1
    account.settings(requests_per_ten_seconds=190, requests_per_day=1)
    assert account.call("GET", path).json()["policyName"] == "DAILY"
