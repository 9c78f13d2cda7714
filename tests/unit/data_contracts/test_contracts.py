"""The project's contracts: valid by the standard, and covering what staging reads."""

import datetime as dt
import json
import re
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from connectors.runner.types import postgres_type
from connectors.sources.app.contract import TABLES
from connectors.sources.registry import VENDORS as SOURCES
from data_contracts.contract import (
    Column,
    Contract,
    Quality,
    contract_names,
    contract_path,
    load_contract,
    read_contract,
)
from data_contracts.suites import Place, build_suite, table_rules
from data_contracts.types import is_compatible
from warehouse.database import Role
from warehouse.errors import CopilotError
from warehouse.settings import CRMS, PROJECT_ROOT, VENDORS, Settings

PUBLISHED = tuple(f"publish_{crm}" for crm in CRMS)
NAMES = (*(f"raw_{vendor}" for vendor in VENDORS), "raw_app", "scores", *PUBLISHED)
PLACE = Place("ml", lambda name: f"t_{name}", dt.date(2026, 6, 30))
STAGING = PROJECT_ROOT / "dbt_project" / "models" / "staging"
_READ = re.compile(r'read_raw\(\s*"(\w+)",\s*"(\w+)",\s*\{(.*?)\}\s*\)', re.DOTALL)
_ADDED_BY_CONNECTORS = {"_airbyte_raw_id": "varchar", "_airbyte_extracted_at": "timestamptz"}
_ANSWERS = {  # made by the set-up of the CRM, so in no catalogue
    "feedback": "varchar", "override_score": "numeric",
    "override_reason": "varchar", "override_expires": "date",
}  # fmt: skip
_ADDED_BY_CONNECTORS |= {f"properties_copilot_{name}": kind for name, kind in _ANSWERS.items()}
_ADDED_BY_CONNECTORS |= {f"Copilot_{name.title()}__c": kind for name, kind in _ANSWERS.items()}


@pytest.fixture(scope="module")
def standard() -> jsonschema.Draft201909Validator:
    schema = resources.files("open_data_contract_standard").joinpath("schema.json").read_text()
    return jsonschema.Draft201909Validator(json.loads(schema))


@pytest.mark.parametrize("name", NAMES)
def test_contracts_are_valid_by_the_standard(
    name: str, standard: jsonschema.Draft201909Validator
) -> None:
    loaded = yaml.safe_load(contract_path(name).read_text(encoding="utf-8"))
    assert [error.message for error in standard.iter_errors(loaded)] == []


@pytest.mark.parametrize("name", NAMES)
def test_rules_can_be_made_of_every_contract(name: str) -> None:
    for table in load_contract(name).tables:
        assert len(table_rules(table, PLACE)) > len(table.columns)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_a_contract_that_some_settings_use(name: str) -> None:
    files = set((PROJECT_ROOT / "data_contracts").rglob("*.odcs.yaml"))
    assert files == {contract_path(name) for name in NAMES}
    load_contract(name)


def read_by_staging(source: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in (STAGING / source).glob("*.sql"):
        for _, table, columns in _READ.findall(path.read_text(encoding="utf-8")):
            found.setdefault(table, set()).update(re.findall(r'"([^"]+)": ', columns))
    return found


@pytest.mark.parametrize("source", [*VENDORS, "app"])
def test_contracts_cover_exactly_what_staging_reads(source: str) -> None:
    contract = load_contract(f"raw_{source}")
    covered = {table.name: {item.name for item in table.columns} for table in contract.tables}
    assert covered == read_by_staging(source)


@pytest.mark.parametrize("source", VENDORS)
def test_types_are_those_that_the_connectors_land(source: str) -> None:
    path = PROJECT_ROOT / f"connectors/sources/{source}/catalog.json"
    streams = {item["name"]: item for item in json.loads(path.read_text())["streams"]}
    for table in load_contract(f"raw_{source}").tables:
        stream = streams[table.name]
        properties = stream["json_schema"]["properties"]
        rests = {item.rest_column: "jsonb" for item in SOURCES[source].streams}
        for column in table.columns:
            added = {**rests, **_ADDED_BY_CONNECTORS}.get(column.name)
            landed = added or postgres_type(properties[column.name])
            assert is_compatible(column.physical_type, landed), (table.name, column.name)
        keys = [part for (part,) in stream.get("source_defined_primary_key", [])]
        chosen = {item.name: list(item.primary_key) for item in SOURCES[source].streams}
        # Mixpanel's parts of a key may be null: only what is one column is under contract.
        alone = chosen[table.name] if len(chosen[table.name]) == 1 else []
        assert table.primary_key == (keys or alone)


def _column(path: str) -> Column:
    source, table, name = path.split(".")
    tables = {item.name: item for item in load_contract(f"raw_{source}").tables}
    column = tables[table].column(name)
    assert column is not None, path
    return column


@pytest.mark.parametrize(
    "path",
    [
        "salesforce.Account.Website",
        "salesforce.Account.OwnerId",
        "salesforce.Contact.Email",
        "salesforce.Task.Subject",
        "hubspot.contacts.properties_jobtitle",
        "hubspot.companies.properties_website",
        "hubspot.deals_archived.properties_dealname",
        "pipedrive.organizations.address_country",
        "stripe.customers.email",
        "zendesk.organizations.domain_names",
        "freshdesk.tickets.subject",
        "intercom.companies.website",
        "amplitude.events.event_properties",
        "mixpanel.engage.last_seen",
    ],
)
def test_what_only_describes_may_be_absent(path: str) -> None:
    assert _column(path).is_optional


@pytest.mark.parametrize(
    "path",
    [
        "salesforce.Opportunity.Amount",
        "salesforce.Contact.AccountId",
        "salesforce.Account.IsDeleted",
        "salesforce.AccountHistory.NewValue",
        "salesforce.AccountHistory.DataType",
        "hubspot.companies.archived",
        "hubspot.deals.properties_amount",
        "hubspot.deals.updatedAt",
        "hubspot.engagements_meetings.properties_hs_meeting_outcome",
        "hubspot.contacts.companies",
        "pipedrive.deals.value",
        "pipedrive.deals.currency",
        "pipedrive.organizations.active_flag",
        "stripe.prices.unit_amount",
        "stripe.prices.recurring",
        "stripe.invoices.lines",
        "stripe.invoices.status_transitions",
        "stripe.subscriptions.trial_end",
        "stripe.customers.metadata",
        "zendesk.organizations.external_id",
        "zendesk.users.email",
        "freshdesk.agents.contact",
        "intercom.admins.email",
        "amplitude.events.user_properties",
        "google_analytics.copilot_events.eventCount",
    ],
)
def test_what_makes_results_wrong_by_its_lack_may_not_be_absent(path: str) -> None:
    assert not _column(path).is_optional


@pytest.mark.parametrize("source", VENDORS)
def test_nothing_may_be_absent_that_a_key_or_a_rule_needs(source: str) -> None:
    for table in load_contract(f"raw_{source}").tables:
        rules = [*table.quality, *(rule for column in table.columns for rule in column.quality)]
        queries = " ".join(str(rule.implementation) for rule in rules if rule.implementation)
        for column in table.columns:
            if column.is_optional:
                assert not (column.required or column.primary_key or column.unique), column.name
                assert not re.search(rf"\b{re.escape(column.name)}\b", queries), column.name


def test_own_tables_have_the_types_and_needs_of_the_own_tables_contract() -> None:
    tables = {table.name: table for table in load_contract("raw_app").tables}
    for own in TABLES:
        table = tables[own.name]
        assert table.is_optional is not own.is_required
        for rule in own.columns:
            column = table.column(rule.name)
            if column is not None:
                assert column.physical_type == rule.kind.value
                assert column.required is rule.is_required
                assert column.is_optional is not rule.is_required
                limits = column.logical_type_options
                assert (limits.minimum, limits.maximum) == (rule.low, rule.high)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *((f"raw_{source}", Role.TRANSFORMER) for source in (*VENDORS, "app")),
        ("scores", Role.SCIENTIST),
        *((name, Role.PUBLISHER) for name in PUBLISHED),
    ],
)
def test_each_contract_is_read_by_the_role_that_may(name: str, role: Role) -> None:
    assert load_contract(name).reader is role


@pytest.mark.parametrize(
    ("name", "table", "columns"),
    [
        ("raw_salesforce", "Contact", {"Name", "FirstName", "LastName", "Email", "Title"}),
        ("raw_zendesk", "users", {"email"}),
        ("raw_intercom", "contacts", {"email"}),
        ("raw_freshdesk", "contacts", {"email"}),
        ("raw_mixpanel", "export", {"email", "distinct_id"}),
        ("raw_stripe", "customers", {"name", "email", "metadata"}),
        ("raw_app", "user", {"email", "name"}),
    ],
)
def test_columns_about_people_are_classified(name: str, table: str, columns: set[str]) -> None:
    (found,) = [item for item in load_contract(name).tables if item.name == table]
    assert {item.name for item in found.columns if item.is_personal} == columns


@pytest.mark.parametrize("name", ["scores", *PUBLISHED])
def test_scores_and_outbound_rows_hold_no_personal_column(name: str) -> None:
    columns = [column for table in load_contract(name).tables for column in table.columns]
    assert not any(column.is_personal for column in columns)


def test_contracts_follow_the_configured_sources() -> None:
    settings = Settings(sources=["salesforce", "app"], crm="salesforce")
    assert contract_names(settings) == ["raw_salesforce", "raw_app", "scores", "publish_salesforce"]
    assert contract_names(Settings(sources=["app"])) == ["raw_app", "scores"]


def test_a_contract_that_is_not_there_is_named() -> None:
    with pytest.raises(CopilotError, match="no data contract 'raw_sugarcrm'"):
        load_contract("raw_sugarcrm")


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.odcs.yaml"
    text = contract_path("publish_salesforce").read_text(encoding="utf-8")
    path.write_text(text.replace("mustBeGreaterThan", "mustBeGreater"), encoding="utf-8")
    with pytest.raises(CopilotError, match=r"quality\.0\.mustBeGreater"):
        read_contract(path)


def test_text_that_is_not_yaml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wrong.odcs.yaml"
    path.write_text("schema: [", encoding="utf-8")
    with pytest.raises(CopilotError, match="not valid YAML"):
        read_contract(path)


def test_a_rule_that_nothing_can_check_is_refused() -> None:
    loaded = load_contract("publish_salesforce")
    rule = Quality.model_validate({"metric": "nullValues", "mustBe": 3})
    table = loaded.tables[0]
    column = table.columns[0].model_copy(update={"quality": [rule]})
    changed = table.model_copy(update={"columns": [column]})
    with pytest.raises(CopilotError, match="no expectation is made for"):
        table_rules(changed, PLACE)


def test_schema_names_and_the_date_are_filled_in() -> None:
    contract: Contract = load_contract("scores")
    (query,) = [
        str(rule.arguments["unexpected_rows_query"])
        for rule in table_rules(contract.tables[0], PLACE)
        if "every customer" in rule.text
    ]
    assert '"t_features".ftr_account_snapshot' in query
    assert "date '2026-06-30'" in query
    assert "$" not in query


def test_rules_in_sql_wait_for_the_columns_that_they_read() -> None:
    (table,) = [item for item in load_contract("raw_app").tables if item.name == "subscription"]
    found = {column.name: column.physical_type for column in table.columns}
    rule = "must not end before it starts"

    def texts(stored: dict[str, str]) -> str:
        return " ".join(item.text for item in table_rules(table, PLACE, stored))

    assert rule in texts(found)
    assert rule not in texts({**found, "ended_on": "text"})
    assert rule not in texts({name: kind for name, kind in found.items() if name != "ended_on"})
    assert rule in texts({name: kind for name, kind in found.items() if name != "plan"})


def test_a_suite_holds_one_expectation_for_each_rule() -> None:
    contract = load_contract("scores")
    table = contract.tables[0]
    suite = build_suite(contract, table, PLACE)
    assert len(suite.expectations) == len(table_rules(table, PLACE))
    kinds = {expectation.expectation_type for expectation in suite.expectations}
    assert kinds == {
        "expect_column_to_exist",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_table_row_count_to_be_between",
        "unexpected_rows_expectation",
    }
