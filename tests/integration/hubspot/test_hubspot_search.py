"""The stand-in's search, with HubSpot's filters and limits."""

from typing import Any

import pytest
from hubspot.crm.companies import PublicObjectSearchRequest

from tests.integration.hubspot.conftest import Account, company


@pytest.fixture
def filled(account: Account) -> Account:
    """Return an account with five companies."""
    account.seed(
        company(1, name="Acme Tools", annualrevenue="900", city="Rome"),
        company(2, name="Beta GmbH", annualrevenue="1000", city="rome"),
        company(3, name="Gamma", annualrevenue="20000", city="Paris"),
        company(4, name="Delta", city=""),
        ("companies", {"id": "1005", "archived": True, "properties": {"name": "Gone"}}),
    )
    account.settings(searches_per_second=1000)
    return account


def _ids(account: Account, **asked: Any) -> list[int]:
    answer = account.call("POST", "/crm/v3/objects/companies/search", asked)
    assert answer.status_code == 200, answer.text
    return [int(row["id"]) - 1000 for row in answer.json()["results"]]


def _where(name: str, operator: str, **more: Any) -> list[dict[str, Any]]:
    return [{"filters": [{"propertyName": name, "operator": operator, **more}]}]


@pytest.mark.parametrize(
    ("name", "operator", "more", "found"),
    [
        ("city", "EQ", {"value": "rome"}, [1, 2]),
        ("city", "NEQ", {"value": "Rome"}, [3, 4]),
        ("annualrevenue", "GT", {"value": "900"}, [2, 3]),
        ("annualrevenue", "LTE", {"value": "1000"}, [1, 2]),
        ("annualrevenue", "BETWEEN", {"value": "950", "highValue": "30000"}, [2, 3]),
        ("city", "IN", {"values": ["paris", "berlin"]}, [3]),
        ("city", "NOT_IN", {"values": ["paris"]}, [1, 2, 4]),
        ("city", "HAS_PROPERTY", {}, [1, 2, 3]),
        ("city", "NOT_HAS_PROPERTY", {}, [4]),
        ("name", "CONTAINS_TOKEN", {"value": "acme"}, [1]),
        ("name", "CONTAINS_TOKEN", {"value": "acm"}, []),
        ("name", "CONTAINS_TOKEN", {"value": "be*"}, [2]),
        ("createdate", "GTE", {"value": "1735787045678"}, [1, 2, 3]),
    ],
)
def test_filters(
    filled: Account, name: str, operator: str, more: dict[str, Any], found: list[int]
) -> None:
    filled.seed(("companies", {"id": "1004", "createdAt": "2020-01-01T00:00:00Z",
                               "properties": {"name": "Delta", "city": ""}}))  # fmt: skip
    assert sorted(_ids(filled, filterGroups=_where(name, operator, **more))) == found


def test_groups_are_alternatives_and_one_order_is_allowed(filled: Account) -> None:
    groups = [*_where("city", "EQ", value="Paris"), *_where("name", "EQ", value="Acme Tools")]
    order = [{"propertyName": "annualrevenue", "direction": "DESCENDING"}]
    assert _ids(filled, filterGroups=groups, sorts=order) == [3, 1]
    assert _ids(filled, query="gmbh") == [2]
    answer = filled.call("POST", "/crm/v3/objects/companies/search", {"sorts": order * 2})
    assert answer.status_code == 400


def test_a_search_ends_at_ten_thousand(filled: Account) -> None:
    path = "/crm/v3/objects/companies/search"
    assert filled.call("POST", path, {"limit": 200, "after": 9800}).status_code == 200
    assert filled.call("POST", path, {"limit": 200, "after": 9801}).status_code == 400
    assert filled.call("POST", path, {"limit": 201}).status_code == 400


def test_the_client_pages_through_a_search(filled: Account) -> None:
    api = filled.client().crm.companies.search_api
    first = api.do_search(PublicObjectSearchRequest(limit=3, properties=["name"]))
    assert (first.total, len(first.results), first.paging.next.after) == (4, 3, "3")
    rest = api.do_search(PublicObjectSearchRequest(limit=3, after="3"))
    assert (len(rest.results), rest.paging) == (1, None)


def test_searches_have_a_limit_of_their_own(filled: Account) -> None:
    filled.settings(searches_per_second=1)
    answers = [filled.call("POST", "/crm/v3/objects/companies/search", {}) for _ in range(5)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["policyName"] == "SECONDLY"
    assert "X-HubSpot-RateLimit-Max" not in answers[0].headers
