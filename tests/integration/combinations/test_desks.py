"""The synthetic company's desk as Zendesk, Intercom and Freshdesk: the same tickets of accounts."""

from collections import defaultdict
from typing import Any

import pytest

from tests.dbt import dbt
from tests.integration.combinations.company import company, rows, sync
from warehouse.database import Warehouse

DESKS = ("zendesk", "intercom", "freshdesk")
FIRST_CONVERSATION = 215_470_000_000_000
TICKETS = """
    select
        ticket.source, source_ticket_id, account_name, requester_email, subject, ticket.created_at,
        first_response_at, solved_at, satisfaction_score, satisfaction_at, is_open, priority, status
    from {marts}.fct_ticket as ticket left join {marts}.dim_account using (account_id)
"""
STATES = """
    select ticket.source, ticket.source_ticket_id, state.valid_from, state.is_open
    from {intermediate}.int_support__ticket_state as state
    inner join {intermediate}.int_support__ticket as ticket using (ticket_id)
    where state.origin = 'history'
    order by 1, 2, 3
"""
RATINGS = """
    select rating.source, ticket.source_ticket_id, rating.rated_at, rating.score
    from {intermediate}.int_support__rating as rating
    inner join {intermediate}.int_support__ticket as ticket using (ticket_id)
    order by 1, 2, 3
"""
Tickets = dict[int, dict[str, Any]]


def _number(source: str, identifier: str) -> int:
    return int(identifier) - (FIRST_CONVERSATION if source == "intercom" else 0)


def history(warehouse: Warehouse, query: str) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
    """Return by desk and ticket what held from when on, without what changed nothing."""
    found: dict[str, dict[int, list[tuple[Any, ...]]]] = {desk: {} for desk in DESKS}
    for source, identifier, moment, value in rows(warehouse, query):
        turns = found[source].setdefault(_number(source, identifier), [])
        if not turns or turns[-1][1] != value:
            turns.append((moment, value))
    return found


@pytest.fixture(scope="module")
def desks(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tickets]:
    """Tickets by desk and number, all three desks read by the runner and built at once."""
    settings = company("salesforce", *DESKS, prefix=warehouse.schema_prefix)
    sync(warehouse, settings)
    chosen = (
        "--exclude-resource-type",
        "unit_test",
        "test",
        "--select",
        "+fct_ticket",
        "+dim_account",
    )
    dbt(warehouse, settings, tmp_path_factory.mktemp("dbt"), "build", *chosen)
    names = ("account", "email", "subject", "created", "answered", "solved", "score", "rated")
    found: dict[str, Tickets] = defaultdict(dict)
    for source, identifier, *values in rows(warehouse, TICKETS):
        fields = (*names, "is_open", "priority", "status")
        found[source][_number(source, identifier)] = dict(zip(fields, values, strict=True))
    return found


def test_each_desk_tells_the_same_of_every_account_s_tickets(desks: dict[str, Tickets]) -> None:
    shared = ("account", "email", "subject", "created", "answered", "solved", "score", "rated")
    told = {
        desk: {number: [ticket[name] for name in shared] for number, ticket in tickets.items()}
        for desk, tickets in desks.items()
    }
    assert len(told["zendesk"]) > 100
    assert told["intercom"] == told["zendesk"]
    assert told["freshdesk"] == told["zendesk"]
    tickets = desks["zendesk"].values()
    accounts = {ticket["account"] for ticket in tickets}
    assert len(accounts) > 10
    assert None in accounts, "strangers belong to no account"
    for name in ("answered", "solved", "score"):
        assert {ticket[name] is None for ticket in tickets} == {True, False}


def test_what_is_open_is_open_in_each_desk_but_what_was_deleted(desks: dict[str, Tickets]) -> None:
    lasting = {n for n, ticket in desks["zendesk"].items() if ticket["status"] != "deleted"}
    assert len(lasting) < len(desks["zendesk"])
    for desk in ("intercom", "freshdesk"):
        assert all(
            desks[desk][number]["is_open"] == desks["zendesk"][number]["is_open"]
            for number in lasting
        )
    states = {desk: {t["status"] for t in tickets.values()} for desk, tickets in desks.items()}
    assert states["intercom"] == {"open", "hold", "solved"}
    assert states["freshdesk"] == {"open", "pending", "solved", "closed"}


def test_priorities_agree_as_far_as_a_desk_has_them(desks: dict[str, Tickets]) -> None:
    two = {"urgent": "high", "high": "high"}
    for number, ticket in desks["zendesk"].items():
        set_there = ticket["priority"]
        assert desks["intercom"][number]["priority"] == two.get(set_there, "normal")
        assert desks["freshdesk"][number]["priority"] == (set_there or "low")


def test_intercom_s_parts_tell_when_a_ticket_was_open(
    desks: dict[str, Tickets], warehouse: Warehouse
) -> None:
    lasting = {n for n, ticket in desks["zendesk"].items() if ticket["status"] != "deleted"}
    found = history(warehouse, STATES)
    assert found["freshdesk"] == {}, "it keeps no history"
    told = {desk: {n: found[desk][n] for n in lasting} for desk in ("zendesk", "intercom")}
    assert told["intercom"] == told["zendesk"]
    assert max(len(turns) for turns in told["intercom"].values()) >= 4, "some were opened again"


@pytest.mark.usefixtures("desks")
def test_ratings_of_the_past_stay_where_the_desk_keeps_them(warehouse: Warehouse) -> None:
    found = history(warehouse, RATINGS)
    assert found["freshdesk"] == found["zendesk"]
    changed = {number for number, given in found["zendesk"].items() if len(given) > 1}
    assert changed, "some customers changed their mind"
    assert found["intercom"] == {n: given[-1:] for n, given in found["zendesk"].items()}
