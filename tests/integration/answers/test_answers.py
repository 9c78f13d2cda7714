"""What people answer in the CRM comes back by the ordinary sync, and counts."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.destinations.common.crm import Crm, NewTask
from connectors.destinations.common.task_ledger import KnownTask, TaskLedger
from connectors.sandbox.process import ensure_running, stop
from orchestration.resources.crm import open_crm
from tests.dbt import dbt
from tests.integration.answers.people import ANSWERED, PEOPLE
from tests.integration.combinations.company import SAMPLE, sync
from warehouse.database import Role, Warehouse
from warehouse.migrations import migrate
from warehouse.settings import Settings

# The synthetic company's data end long before today, so those paid furthest ahead.
PAYING = """
    select customers.metadata ->> '{key}' from "{stripe}".customers
    inner join "{stripe}".subscriptions on subscriptions.customer = customers.id
    where subscriptions.status = 'active' and customers.metadata ->> '{key}' != ''
    group by 1 order by max(current_period_end) desc limit 2
"""
FEEDBACK = """
    select kind, coalesce(verdict, ''), coalesce(outcome, ''), coalesce(detail, '')
    from {success}.feedback order by 1
"""
ACCOUNT = "select account_id from {marts}.dim_account where anchor_source_id = '{record}'"
HEALTH = """
    select round(health_score, 3), override_id is not null from {marts}.fct_account_health
    inner join {marts}.dim_account using (account_id)
    where as_of_date = '{today}' and anchor_source_id = '{record}'
"""

PULSE = """
    select round(value, 3), weight > 0 from {marts}.fct_account_health_measure
    inner join {marts}.dim_account using (account_id)
    where as_of_date = '{today}' and anchor_source_id = '{record}' and measure = 'pulse'
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the stand-ins a state of their own."""
    monkeypatch.setenv("COPILOT_HOME", str(tmp_path))
    yield tmp_path
    stop(tmp_path)


def _company(crm: str, prefix: str) -> Settings:
    return Settings(
        company_name="Answering test company (synthetic)",
        sources=[crm, "stripe"],  # type: ignore[list-item]
        crm=crm,  # type: ignore[arg-type]
        sample_company=True,
        sample=SAMPLE,
        schema_prefix=prefix,
    )


def _rows(warehouse: Warehouse, query: str, **names: Any) -> list[tuple[Any, ...]]:
    schemas = {name: f'"{warehouse.schema(name)}"' for name in ("marts", "success")}
    with warehouse.connect(Role.TRANSFORMER) as connection:
        return connection.execute(query.format(**schemas, **names).encode()).fetchall()


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _task(crm: Crm, record_id: str) -> str:
    """Make a task as the copilot does; return its id."""
    wanted = NewTask("m0123", record_id, None, "Call them", "Use fell", _today().isoformat())
    (made,) = crm.create_tasks([wanted])
    assert made.code is None, made.words
    return made.record_id


def _remember(warehouse: Warehouse, crm: Crm, record_id: str, task_id: str) -> None:
    """Put the task into the ledger, as the run that makes one does."""
    ((account_id,),) = _rows(warehouse, ACCOUNT, record=record_id)
    known = KnownTask(
        "m0123", account_id, record_id, None, "usage_drop", "call", "Call them", _today(), _today(),
        "open", task_id=task_id,
    )  # fmt: skip
    TaskLedger(warehouse, crm.name).keep("run", [known])


def _build(
    warehouse: Warehouse, settings: Settings, home: Path, *chosen: str, as_of: dt.date
) -> None:
    kinds = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    target = home / "dbt"
    dbt(warehouse, settings, target, "build", *kinds, "--select", *chosen, as_of=as_of)


@pytest.mark.parametrize("name", PEOPLE)
def test_what_people_answer_comes_back_and_counts(
    name: str, warehouse: Warehouse, home: Path
) -> None:
    settings = _company(name, f"{warehouse.schema_prefix}{name}_")
    mine = Warehouse(warehouse.url(), settings.schema_prefix)
    migrate(mine, settings)
    sync(mine, settings)
    crm = open_crm(settings)
    crm.set_up("EUR")
    who = PEOPLE[name]
    raw = f'"{mine.schema(f"raw_{name}")}"'
    user = _rows(mine, who.users, raw=raw)[0][0] if hasattr(who, "users") else ""
    (first,), (second,) = _rows(mine, PAYING, stripe=mine.schema("raw_stripe"), key=who.key)
    person = who(ensure_running(home, name), user)
    task_id = _task(crm, second)
    person.answer(first)
    person.complete(task_id)
    has_pulse = hasattr(person, "worry")  # Pipedrive has no picklist for it
    if has_pulse:
        person.worry(second)
    sync(mine, settings)

    today = _today()  # of after the answers: on the day before they are not known yet
    _build(mine, settings, home, "+feedback", "+fct_account_health_measure", as_of=today)
    _remember(mine, crm, second, task_id)
    _build(
        mine, settings, home, "stg_operations__task", "int_task__answer", "feedback", as_of=today
    )
    pulse = [("pulse", "yellow", "", "")] if has_pulse else []
    assert _rows(mine, FEEDBACK) == [
        ("override", "", "counted", f"13 of 100 until {ANSWERED['override_expires']}: "
         f"{ANSWERED['override_reason']}"),
        *pulse,
        ("task", "", "completed", ""),
        ("verdict", "wrong", "", ""),
    ]  # fmt: skip
    health = _rows(mine, HEALTH, today=today, record=first)
    assert [(float(score), is_set) for score, is_set in health] == [(0.125, True)]
    counted = _rows(mine, PULSE, today=today, record=second)
    assert [float(value) for value, has_weight in counted if has_weight] == [0.5] * has_pulse
    mine.dispose()
