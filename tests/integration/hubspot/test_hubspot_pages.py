"""A person sees in the browser what the copilot wrote, and nothing of it is taken for HTML."""

from connectors.destinations.common.crm import Change, NewTask
from connectors.destinations.hubspot.client import HubspotCrm
from tests.integration.hubspot.conftest import Account, company

EVIL = "<script>alert(1)</script>"


def _page(account: Account, path: str = "/") -> str:
    answer = account.http.get(f"{account.url}{path}", headers={"Authorization": ""}, timeout=10)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    return answer.text


def _link(account: Account) -> str:
    listed = _page(account)
    start = listed.index("/contacts/")
    return listed[start : listed.index('"', start)]


def test_a_csm_sees_fields_by_group_tasks_and_people(account: Account, ready: HubspotCrm) -> None:
    person = {"id": "9", "properties": {"firstname": "Ada", "email": f"{EVIL}@x.y"}}
    account.seed(
        ("owners", {"id": "5", "email": "csm@x.y", "firstName": "Grace", "lastName": "Hopper"}),
        company(1, name=f"Acme {EVIL}", hubspot_owner_id="5", city="Rome"),
        ("contacts", person),
        ("associations", {"from": ["companies", 1001], "to": ["contacts", 9], "types": [280]}),
    )
    url = "https://reports.example/accounts/1"
    values = {
        "health_score": 41.5,
        "health_band": "at_risk",
        "as_of_date": "2026-01-09",
        "arr_at_risk": 12345.5,
        "reasons": f"Fewer logins\n{EVIL}",
        "report_url": url,
    }
    assert ready.write([Change("1001", dict(values))])[0].code is None
    body = f"Because\n{EVIL}"
    task = NewTask("cp1", "1001", None, "Call Acme", body, "2026-03-29", "high")
    assert ready.create_tasks([task])[0].code is None
    page = _page(account, _link(account))
    assert page.index("Customer Success Copilot") < page.index("Company information")
    for shown in (
        *("At risk", "41.5", "9 Jan 2026", "12,345.5", "Copilot ARR At Risk (EUR)", "Rome"),
        *("Grace Hopper", "Call Acme", "due 29 Mar 2026", "HIGH priority", "Ada"),
        f'<a href="{url}"',
    ):
        assert shown in page, shown
    assert EVIL not in page
    assert page.count("&lt;script&gt;") >= 4
    assert "41.5 At risk" in _page(account)


def test_archived_and_merged_companies_are_marked(account: Account) -> None:
    account.seed(company(1), company(2), company(3))
    link = _link(account).rpartition("/")[0]
    account.call("DELETE", "/crm/v3/objects/companies/1001")
    body = {"primaryObjectId": "1003", "objectIdToMerge": "1002"}
    account.call("POST", "/crm/v3/objects/companies/merge", body)
    assert "In the recycling bin" in _page(account, f"{link}/1001")
    assert "was merged into this one" in _page(account, f"{link}/1002")
    assert "No such company" in _page(account, f"{link}/<b>x")
    assert "1 company" in _page(account)
    assert "0 companies" in _page(account, "/?q=nobody&page=999")


def test_faults_spare_the_pages(account: Account) -> None:
    account.seed(company(1))
    account.fault(path=".", status=500)
    assert "Company 1" in _page(account)
    assert account.call("GET", "/crm/v3/objects/companies").status_code == 500
