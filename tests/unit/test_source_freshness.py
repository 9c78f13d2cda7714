"""Every raw table says how old it may be, and what is too old is told by source."""

import datetime as dt

from connectors.sources.registry import VENDORS, stream_names
from orchestration.resources.freshness import TableFreshness, stale_lines
from tests.unit.dbt_rules import Manifest, Node, layer
from warehouse.settings import SOURCES

AT = dt.datetime(2026, 6, 27, 5, 2, tzinfo=dt.UTC)


def _raw_tables(manifest: Manifest) -> list[Node]:
    return [node for node in manifest["sources"].values() if layer(node) == "source"]


def test_every_raw_table_may_be_a_number_of_days_old(manifest: Manifest) -> None:
    tables = _raw_tables(manifest)
    assert {node["source_name"] for node in tables} == set(SOURCES)
    warned = {node["unique_id"] for node in tables if _days(node, "warn_after") == 2}
    assert warned == {node["unique_id"] for node in tables}


def test_only_what_not_every_company_has_may_be_of_any_age(manifest: Manifest) -> None:
    optional = {
        (vendor.name, stream.name)
        for vendor in VENDORS.values()
        for stream in vendor.streams
        if stream.is_optional
    }
    for node in _raw_tables(manifest):
        is_optional = (node["source_name"], node["name"]) in optional
        asked = (
            "last_synced_at(model, is_optional=true)" if is_optional else "last_synced_at(model)"
        )
        limit = 7 if node["source_name"] == "app" else 3
        assert node["config"]["loaded_at_query"] == f"{{{{ {asked} }}}}", node["unique_id"]
        assert _days(node, "error_after") == (None if is_optional else limit), node["unique_id"]


def test_every_raw_table_is_one_that_a_sync_writes_into_the_ledger(manifest: Manifest) -> None:
    for node in _raw_tables(manifest):
        assert node["name"] in stream_names(node["source_name"]), node["unique_id"]


def _days(node: Node, threshold: str) -> int | None:
    found = (node["config"]["freshness"] or {}).get(threshold)
    if not found or found["count"] is None:
        return None
    assert found["period"] == "day"
    return int(found["count"])


def test_tables_of_a_source_that_were_read_together_share_a_line() -> None:
    found = [
        TableFreshness("zendesk", "users", "error", AT),
        TableFreshness("stripe", "prices", "error", None),
        TableFreshness("zendesk", "tickets", "error", AT),
        TableFreshness("zendesk", "ticket_audits", "error", AT + dt.timedelta(hours=1)),
        TableFreshness("zendesk", "organizations", "warn", AT),
        TableFreshness("mixpanel", "export", "pass", AT),
    ]
    assert stale_lines(found, "error") == [
        "stripe (prices) was never read to the end",
        "zendesk (tickets, users) was last read to the end on 2026-06-27 05:02 UTC",
        "zendesk (ticket_audits) was last read to the end on 2026-06-27 06:02 UTC",
    ]
    assert stale_lines(found, "warn") == [
        "zendesk (organizations) was last read to the end on 2026-06-27 05:02 UTC"
    ]
