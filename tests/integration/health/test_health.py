"""The rule score on own tables: its file, its stages, what people say by hand, why it changes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.sources.app import load_directory
from ml.common.frames import Reader
from ml.health.preview import comparisons, moves
from orchestration.cli.health import build_preview
from orchestration.resources.overrides import Override, set_override, withdraw_override
from orchestration.resources.side_schema import PREVIEW, drop_tables
from tests.dbt import failures, try_dbt
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.health_rules import SHIPPED_RULES
from warehouse.settings import Settings

FIRST, SECOND, LATER = dt.date(2026, 6, 1), dt.date(2026, 6, 2), dt.date(2026, 6, 10)
Change = Callable[[dict[str, Any]], Any]
Build = Callable[..., None]
HEALTH = (
    "int_account__pulse", "stg_operations__health_override", "snapshot_pulse",
    "path:models/health", "fct_account_health", "fct_account_health_measure",
    "snapshot_health", "fct_account_health_change",
    "assert_health_changes_add_up", "assert_health_contributions_add_up",
)  # fmt: skip


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(query.replace("@", warehouse.schema_prefix).encode()).fetchall()


def write(warehouse: Warehouse, folder: Path, overdue: int = 0, pulse: str = "") -> None:
    """Load 24 accounts; P has a pulse, F pays late, C has cancelled, the others do as they do."""
    folder.mkdir(exist_ok=True)
    names = [*"PFCN", *(f"X{n}" for n in range(20))]
    accounts = [f"{n},{n} Inc,{pulse if n == 'P' else ','}" for n in names]
    (folder / "account.csv").write_text(
        "account_id,name,csm_pulse,csm_pulse_on\n" + "\n".join(accounts) + "\n"
    )
    starts = {"N": "2026-05-20"}
    lines = [
        f"S{n},{n},100,{starts.get(n, '2025-01-01')},"
        + ("2026-12-31,2026-05-01" if n == "C" else ",")
        for n in names
    ]
    (folder / "subscription.csv").write_text(
        "subscription_id,account_id,mrr,started_on,ended_on,cancelled_on\n"
        + "\n".join(lines)
        + "\n"
    )
    invoices = [f"I{n},{n},100,USD,2026-05-01,2026-05-10,2026-05-09" for n in names]
    invoices += [f"J{i},F,100,USD,2026-05-15,2026-06-01," for i in range(overdue)]
    (folder / "invoice.csv").write_text(
        "invoice_id,account_id,amount,currency,issued_on,due_on,paid_on\n"
        + "\n".join(invoices)
        + "\n"
    )
    tickets = [f"T{n},X{n % 20},low,open,2026-05-15T00:00:00Z" for n in range(0, 40, 3)]
    (folder / "ticket.csv").write_text(
        "ticket_id,account_id,priority,status,created_at\n" + "\n".join(tickets) + "\n"
    )
    load_directory(folder, warehouse)


def configured(
    warehouse: Warehouse, folder: Path, as_of: dt.date, change: Change | None = None
) -> tuple[Path, Settings]:
    """Write changed rules; return their file, and settings that name it."""
    rules = yaml.safe_load(SHIPPED_RULES.read_text())
    rules["minimum_coverage"] = 0.1
    if change:
        change(rules)
    file = folder / "health.yml"
    file.write_text(yaml.safe_dump(rules))
    settings = Settings(
        company_name="Health (synthetic)",
        sources=["app"],
        as_of_date=as_of,
        health_file=file,
        schema_prefix=warehouse.schema_prefix,
    )
    return file, settings


@pytest.fixture(scope="module")
def build(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build some models as of a day by changed rules, or health with its tests."""
    target = tmp_path_factory.mktemp("target")

    def run(as_of: dt.date, *select: str, change: Change | None = None) -> None:
        _, settings = configured(warehouse, target, as_of, change)
        without = ["unit_test", *(["test"] if select else [])]
        results = try_dbt(
            warehouse, settings, target, "build", "--exclude-resource-type", *without,
            "--select", *(select or HEALTH), as_of=as_of,
        )  # fmt: skip
        assert not failures(results), failures(results)

    return run


def override(warehouse: Warehouse, name: str, score: str, since: dt.date, to: dt.date) -> None:
    """Set a score by hand."""
    one = Override(ids(warehouse)[name], Decimal(score), "Ann", "New sponsor", since, to)
    set_override(warehouse, one)


def ids(warehouse: Warehouse) -> dict[str, str]:
    return dict(rows(warehouse, "select anchor_source_id, account_id from @marts.dim_account"))


def measures(warehouse: Warehouse, day: dt.date) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return value, weight, contribution and reason of each account's measures."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for name, measure, *parts in rows(
        warehouse,
        "select anchor_source_id, measure, value, weight, contribution, reason"
        " from @marts.fct_account_health_measure join @marts.dim_account using (account_id)"
        f" where as_of_date = '{day}'",
    ):
        found.setdefault(name, {})[measure] = tuple(parts)
    return found


def health(warehouse: Warehouse, day: dt.date) -> dict[str, tuple[Any, ...]]:
    """Return score, band, coverage, rule score of each account."""
    return {
        name: tuple(parts)
        for name, *parts in rows(
            warehouse,
            "select anchor_source_id, health_score, health_band, coverage, rule_score"
            " from @marts.fct_account_health join @marts.dim_account using (account_id)"
            f" where as_of_date = '{day}'",
        )
    }


@pytest.fixture(scope="module")
def folder(warehouse: Warehouse, build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build everything as of the first day."""
    folder = tmp_path_factory.mktemp("company") / "own"
    write(warehouse, folder, pulse="Red,2026-05-31")
    build(
        FIRST, "+fct_account_health_measure", "+fct_account_health_change", "+dim_account",
        "fct_account_health", "+ftr_account_outcome",
    )  # fmt: skip
    return folder


def test_stages_follow_their_rules_on_each_day(folder: Path, warehouse: Warehouse) -> None:
    stages = dict(
        rows(warehouse, "select anchor_source_id, lifecycle_stage from @marts.dim_account")
    )
    assert {name: stages[name] for name in "PCN"} == {
        "P": "steady", "C": "at_notice", "N": "onboarding",
    }  # fmt: skip
    past = rows(
        warehouse,
        "select min(as_of_date), max(as_of_date), day.lifecycle_stage"
        " from @intermediate.int_account__day_stage as day"
        " join @marts.dim_account using (account_id)"
        " where anchor_source_id = 'C' group by 3 order by 1",
    )
    assert past == [
        (dt.date(2025, 1, 1), dt.date(2025, 3, 31), "onboarding"),
        (dt.date(2025, 4, 1), dt.date(2025, 6, 29), "adopting"),
        (dt.date(2025, 6, 30), dt.date(2026, 4, 30), "steady"),
        (dt.date(2026, 5, 1), FIRST, "at_notice"),
    ]


def test_a_reason_counts_as_people_do(folder: Path, warehouse: Warehouse) -> None:
    said = {one[3] for parts in measures(warehouse, FIRST).values() for one in parts.values()}
    assert {"1 slow answer or bad rating in 90 days", "0 invoices overdue"} <= said


def test_a_pulse_is_a_measure_that_costs_nobody_else_coverage(
    folder: Path, warehouse: Warehouse
) -> None:
    found, scores = measures(warehouse, FIRST), health(warehouse, FIRST)
    value, _, contribution, reason = found["P"]["pulse"]
    assert (value, contribution) == (0, 0)
    assert reason == "The customer success manager gives the account 0 of 100 points"
    assert "pulse" not in found["X2"]
    assert scores["P"][0] < scores["X2"][0] == 1
    assert scores["X2"][2] == Decimal("0.4")
    assert scores["P"][2] == Decimal("0.5")  # (0.4 + 0.2) / (1 + 0.2)


def test_a_change_splits_into_weights_identity_expiry_and_data(
    folder: Path, warehouse: Warehouse, build: Build
) -> None:
    override(warehouse, "X1", "0.2", FIRST, SECOND)
    override(warehouse, "X2", "0.3", FIRST, LATER)
    build(FIRST)
    before, parts = health(warehouse, FIRST), measures(warehouse, FIRST)
    assert before["X1"][:2] == (Decimal("0.2"), "at_risk")
    assert parts["X1"] == {
        "override": (Decimal("0.2"), 1, Decimal("0.2"), "Set by hand until 2026-06-02: New sponsor")
    }
    # As if an overdue invoice had been known then: by a record that was X3's, or in X4's own.
    for name, identity in (("X3", "'other'"), ("X4", "identity")):
        rows(
            warehouse,
            f"update @snapshots.snapshot_health set identity = {identity},"
            " inputs = jsonb_set(inputs, '{payment:threshold}', '1')"
            f" where account_id = '{ids(warehouse)[name]}' returning 1",
        )
    write(warehouse, folder, overdue=1, pulse="Red,2026-05-31")
    build(
        SECOND, "+fct_account_health_measure", "+fct_account_health_change", "fct_account_health",
        change=lambda rules: rules["measures"]["payment"].update(weight=0.3),
    )  # fmt: skip
    after = health(warehouse, SECOND)
    changes = {
        name: tuple(map(float, found))
        for name, *found in rows(
            warehouse,
            "select anchor_source_id, change, data_part, weights_part, identity_part, expiry_part"
            " from @marts.fct_account_health_change join @marts.dim_account using (account_id)",
        )
    }
    assert len(changes) == 24
    for name, (change, *split) in changes.items():
        assert change == pytest.approx(float(after[name][0] - before[name][0]), abs=1e-9)
        assert sum(split) == pytest.approx(change, abs=1e-9)

    def by_new_rules(name: str, **other: float) -> float:
        weights = {m: float(w) for m, (_, w, _, _) in parts[name].items()}
        weights["payment"] *= 3
        value = {m: float(v) for m, (v, *_) in parts[name].items()} | other
        return sum(value[m] * weights[m] for m in weights) / sum(weights.values())

    def said(name: str) -> tuple[float, ...]:
        return tuple(round(part, 6) for part in changes[name][1:])

    # Data, weights, identity, expiry.
    assert said("P") == (0, round(by_new_rules("P") - float(before["P"][0]), 6), 0, 0)
    assert said("P")[1] > 0.05
    assert said("F") == (round(float(after["F"][0]) - 1, 6), 0, 0, 0)
    assert said("F")[0] < -0.2
    assert said("X1") == (0, 0, 0, round(float(after["X1"][3]) - 0.2, 6))
    assert said("X2") == (0, 0, 0, 0)
    then = by_new_rules("X3", payment=0.5)
    change = (then - float(before["X3"][0]), by_new_rules("X3") - then)
    assert said("X3") == pytest.approx((0, *change, 0), abs=2e-6)
    then = by_new_rules("X4", payment=0.5)
    change = (by_new_rules("X4") - then, then - float(before["X4"][0]))
    assert said("X4") == pytest.approx((*change, 0, 0), abs=2e-6)


def by_place(rules: dict[str, Any]) -> None:
    curve = {"kind": "percentile", "worst": 1, "best": 0}
    rules["measures"]["support_burden"].update(curve=curve, weight=0.3, reason="More than {value}%")


def test_a_preview_shows_who_moves_and_leaves_nothing_behind(
    folder: Path, warehouse: Warehouse, build: Build, tmp_path: Path
) -> None:
    file, settings = configured(warehouse, tmp_path, SECOND, by_place)
    before = rows(warehouse, "select * from @marts.fct_account_health order by 1, 2")
    build_preview(warehouse, settings, file, SECOND)
    with warehouse.connect(Role.SCIENTIST) as connection:
        moved = moves(Reader(warehouse, connection), SECOND)
        assert comparisons(Reader(warehouse, connection), SECOND, 90, 0.05) == []
    # Ten customers have no ticket in 30 days, fourteen have one; P has none, but a red pulse.
    assert {one.account_name[0] for one in moved} == {"P", "X"}
    assert {(one.band, one.new_band) for one in moved} == {("healthy", "watch")}
    burden = "select support_burden_raw, support_burden_value from @preview.int_health__score_now"
    one = f"{burden} where account_id = '{{}}'"
    assert rows(warehouse, one.format(ids(warehouse)["X2"])) == [
        (Decimal("0.207921"), Decimal("0.792079"))
    ]
    # At noon another customer's tickets change; places are told by the night's distribution.
    had = [(Decimal("0.707921"), Decimal("0.292079"))]
    assert rows(warehouse, one.format(ids(warehouse)["X1"])) == had
    rows(
        warehouse,
        "update @intermediate.int_account__day_feature set tickets_30d = 0"
        f" where as_of_date = '{SECOND}' and account_id = '{ids(warehouse)['X1']}' returning 1",
    )
    for name in ("X1", "X2"):
        found = rows(warehouse, one.format(ids(warehouse)[name]))
        assert found == [(Decimal("0.207921"), Decimal("0.792079"))]
    drop_tables(warehouse, PREVIEW)
    left = "select count(*) from information_schema.tables where table_schema = '@preview'"
    assert rows(warehouse, left) == [(0,)]
    assert rows(warehouse, "select * from @marts.fct_account_health order by 1, 2") == before


def test_what_is_set_by_hand_needs_who_why_and_until_when(
    folder: Path, warehouse: Warehouse
) -> None:
    good = Override(ids(warehouse)["X5"], Decimal("0.3"), "Ann", "New sponsor", FIRST, SECOND)
    for wrong, message in (
        (replace(good, account_id="nobody"), "no account nobody"),
        (replace(good, health_score=Decimal("1.1")), "no health score"),
        (replace(good, author=" "), "an author and a reason"),
        (replace(good, reason=""), "an author and a reason"),
        (replace(good, expires_on=FIRST), "before it holds"),
    ):
        with pytest.raises(CopilotError, match=message):
            set_override(warehouse, wrong)
    with pytest.raises(CopilotError, match="No score set by hand"):
        withdraw_override(warehouse, good.account_id, "Bob", FIRST)
    set_override(warehouse, good)
    withdraw_override(warehouse, good.account_id, "Bob", FIRST)
    kept = rows(
        warehouse,
        "select author, withdrawn_by, set_on, withdrawn_on from @ops.health_override"
        f" where account_id = '{good.account_id}'",
    )
    assert kept == [("Ann", "Bob", FIRST, FIRST)]
