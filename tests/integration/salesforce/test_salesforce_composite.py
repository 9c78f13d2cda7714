"""Several requests in one call, as Salesforce's documentation says of ``composite``."""

from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.test_salesforce_bulk import used
from tests.integration.salesforce.test_salesforce_standin import client

__all__ = ["client"]
BASE = "/services/data/v59.0"


def part(name: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    content = {} if body is None else {"body": body}
    return {"referenceId": name, "method": method, "url": f"{BASE}/{path}", **content, **more}


def send(sandbox: Sandbox, *parts: dict[str, Any], **flags: bool) -> list[dict[str, Any]]:
    answer = sandbox.http.post(sandbox.url("composite"), json={"compositeRequest": parts, **flags})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return results


def names(sandbox: Sandbox) -> list[str]:
    return [row["Name"] for row in sandbox.query("SELECT Name FROM Account ORDER BY Name")]


def test_later_parts_use_what_earlier_ones_told_and_all_count_as_one_call(
    sandbox: Sandbox, client: Salesforce
) -> None:
    before = used(sandbox)
    answer = client.restful(
        "composite",
        method="POST",
        json={
            "compositeRequest": [
                part("made", "POST", "sobjects/Account", {"Name": "One"}),
                part("again", "GET", "sobjects/Account/@{made.id}?fields=Name"),
                part("found", "GET", "query?q=SELECT+Id+FROM+Account+WHERE+Name='One'"),
                part(
                    "changed",
                    "PATCH",
                    "sobjects/Account/@{found.records[0].Id}",
                    {"Type": "like @{again.Name}", "Industry": "@{again.Name}"},
                ),
            ]
        },
    )
    made, again, _, changed = answer["compositeResponse"]
    account = made["body"]["id"]
    assert (made["httpStatusCode"], made["referenceId"]) == (201, "made")
    assert made["httpHeaders"] == {"Location": f"{BASE}/sobjects/Account/{account}"}
    assert again["body"]["Name"] == "One"
    assert changed == {
        "body": None, "httpHeaders": {}, "httpStatusCode": 204, "referenceId": "changed"
    }  # fmt: skip
    assert used(sandbox) - before == 1
    seen = sandbox.query("SELECT Type, Industry FROM Account")
    assert [(row["Type"], row["Industry"]) for row in seen] == [("like One", "One")]


def test_what_depends_on_a_failed_part_is_not_carried_out_and_the_rest_is(
    sandbox: Sandbox,
) -> None:
    results = send(
        sandbox,
        part("bad", "POST", "sobjects/Account", {"Industry": "Retail"}),
        part("dependent", "POST", "sobjects/Account", {"Name": "of @{bad[0].errorCode}"}),
        part("late", "POST", "sobjects/Account", {"Name": "@{after.id}"}),
        part("after", "POST", "sobjects/Account", {"Name": "After"}),
        part("gone", "GET", "jobs/query"),
    )
    assert [(row["httpStatusCode"], row["referenceId"]) for row in results] == [
        (400, "bad"), (400, "dependent"), (400, "late"), (201, "after"), (404, "gone")
    ]  # fmt: skip
    codes = [row["body"][0]["errorCode"] for row in results[:3]]
    assert codes == ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", "PROCESSING_HALTED"]
    assert names(sandbox) == ["After"]


def test_all_or_none_takes_everything_back_that_of_collections_too(sandbox: Sandbox) -> None:
    typed = {"attributes": {"type": "Account"}}
    rows = [{**typed, "Name": "Two"}, {**typed, "Name": "x" * 256}]
    parts = (
        part("one", "POST", "sobjects/Account", {"Name": "One"}),
        part("many", "POST", "composite/sobjects", {"allOrNone": False, "records": rows}),
        part("last", "POST", "sobjects/Account", {"Name": "Last"}),
    )
    results = send(sandbox, *parts, allOrNone=True)
    assert [row["httpStatusCode"] for row in results] == [400, 200, 400]
    assert {results[place]["body"][0]["errorCode"] for place in (0, 2)} == {"PROCESSING_HALTED"}
    refused = [row["errors"][0]["statusCode"] for row in results[1]["body"]]
    assert refused == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "STRING_TOO_LONG"]
    assert names(sandbox) == []

    send(sandbox, *parts, allOrNone=False)
    assert names(sandbox) == ["Last", "One", "Two"]


def _gets(path: str, count: int) -> list[dict[str, Any]]:
    return [part(f"r{number}", "GET", path) for number in range(count)]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (_gets("sobjects", 26), "LIMIT_EXCEEDED"),
        (_gets("query?q=SELECT+Id+FROM+Account", 6), "LIMIT_EXCEEDED"),
        ([*_gets("sobjects", 1), *_gets("sobjects", 1)], "JSON_PARSER_ERROR"),
        ([part("a-b", "GET", "sobjects")], "JSON_PARSER_ERROR"),
        ([part("a", "get", "sobjects")], "JSON_PARSER_ERROR"),
        ([{"method": "GET", "url": f"{BASE}/sobjects"}], "JSON_PARSER_ERROR"),
        ([{**part("a", "GET", ""), "url": "/sobjects/Account"}], "JSON_PARSER_ERROR"),
        ([{**part("a", "GET", ""), "url": "/services/data/v99.0/sobjects"}], "JSON_PARSER_ERROR"),
        ([part("a", "GET", "sobjects", httpHeaders={"accept": "x"})], "JSON_PARSER_ERROR"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_a_malformed_call_is_refused_as_a_whole(
    sandbox: Sandbox, parts: list[dict[str, Any]], code: str
) -> None:
    made = part("made", "POST", "sobjects/Account", {"Name": "One"})
    answer = sandbox.http.post(
        sandbox.url("composite"), json={"compositeRequest": [made, *parts] if parts else []}
    )
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert names(sandbox) == []


def test_25_parts_of_which_5_are_queries_are_taken(sandbox: Sandbox) -> None:
    queries = _gets("query?q=SELECT+Id+FROM+Account", 5)
    others = [part(f"o{number}", "GET", "sobjects") for number in range(20)]
    assert {row["httpStatusCode"] for row in send(sandbox, *queries, *others)} == {200}
