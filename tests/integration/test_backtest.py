"""Last year's call lists, made again from real tables of a small synthetic company."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from psycopg import sql

from ml.churn import replay
from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.churn.backtest_store import latest
from ml.churn.replay import Backtest, CallList
from ml.churn.tiers import a_month
from ml.common.frames import Reader
from orchestration.cli.backtest import shown_at_the_end
from tests.integration.test_ml_scores import BACKTEST, load, rows_of
from tests.unit.ml.worlds import GRACE, HORIZON, company
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

DECIDED = dt.timedelta(days=HORIZON + GRACE)


def world(weeks: int = 75) -> pd.DataFrame:
    return company(weeks=weeks).assign(invoices_overdue=0.0)


@pytest.fixture(scope="module")
def as_of(warehouse: Warehouse) -> dt.date:
    return load(warehouse, world())


@pytest.fixture(scope="module")
def found(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> Iterator[Backtest]:
    yield replay.backtest(warehouse, settings, as_of, 12)


def test_the_lists_are_monthly_and_decided_by_now_and_had_something_to_learn_from(
    found: Backtest, as_of: dt.date
) -> None:
    dates = [made.list_date for made in found.lists]
    assert [date.weekday() for date in dates] == [0] * len(dates)
    assert [date.replace(day=1) for date in dates] == sorted({d.replace(day=1) for d in dates})
    assert dates[-1] == dt.date(2025, 7, 7) <= as_of - DECIDED
    assert dates[0] == dt.date(2024, 11, 4) >= dt.date(2024, 7, 1) + DECIDED
    assert {made.basis for made in found.lists} == {"rule", "model"}


@pytest.mark.parametrize("basis", ["rule", "model"])
def test_a_list_is_what_train_and_score_publish_on_its_day(
    warehouse: Warehouse, settings: Settings, found: Backtest, basis: str
) -> None:
    made = [one for one in found.lists if one.basis == basis][-1]
    churn_train.train(warehouse, settings, made.list_date)
    churn_score.score(warehouse, settings, made.list_date)
    published = {
        row["account_id"]: row["churn_probability"]
        for row in rows_of(warehouse, "churn_score")
        if row["is_published"] and row["as_of_date"] == made.list_date
    }
    assert _probabilities(made) == published


def _probabilities(made: CallList) -> dict[str, float]:
    return {one.account_id: one.probability for one in made.customers}


def test_the_ledger_holds_who_was_called_or_left_and_each_departure(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, found: Backtest
) -> None:
    calls = rows_of(warehouse, "backtest_call", "*", "list_date, rank")
    listed = {(one.list_date, one.account_id): one for one in found.listed}
    assert all(row["is_called"] or row["left_on"] for row in calls)
    called = {key for key, one in listed.items() if one.is_called}
    assert {(row["list_date"], row["account_id"]) for row in calls if row["is_called"]} == called
    assert [row["rank"] for row in calls if row["list_date"] == calls[0]["list_date"]][:3] == [
        1,
        2,
        3,
    ]
    departures = rows_of(warehouse, "backtest_departure", "*", "account_id, left_on")
    assert len(departures) == len(found.judged) > 20
    assert all((row["called_on"] is None) == bool(row["missed_reason"]) for row in departures)
    assert {row["left_on"] for row in calls} - {None} <= {row["left_on"] for row in departures}


def test_who_left_is_told_from_who_stayed_with_the_revenue_of_its_last_week(
    warehouse: Warehouse, as_of: dt.date, found: Backtest
) -> None:
    frame = world()
    last_seen = frame.groupby("account_id")["as_of_date"].max()
    left = (last_seen + pd.Timedelta(days=6))[last_seen < pd.Timestamp(as_of)]
    first, last = found.lists[0].list_date, found.lists[-1].list_date
    until = pd.Timestamp(last) + pd.Timedelta(days=HORIZON)
    expected = left[(left > pd.Timestamp(first)) & (left <= until)]
    assert {(one.departure.account_id, one.departure.left_on) for one in found.judged} == {
        (account, day.date()) for account, day in expected.items()
    }
    assert {one.departure.arr for one in found.judged} == {12_000.0}


def test_the_figures_are_better_than_chance_where_there_is_a_signal(found: Backtest) -> None:
    lift = found.figures["lift"]
    assert 1 < lift.low < lift.value < lift.high
    hits = [one.called_on for one in found.judged if one.called_on]
    assert found.figures["caught_share"].value == pytest.approx(len(hits) / len(found.judged))
    assert found.figures["caught_arr"].value == pytest.approx(12_000 * len(hits))


def test_a_second_backtest_of_the_date_takes_the_place_of_the_first(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, found: Backtest
) -> None:
    settings = settings.model_copy(
        update={"churn": settings.churn.model_copy(update={"capacity_share": 0.01})}
    )
    again = replay.backtest(warehouse, settings, as_of, 2)
    assert [made.list_date for made in again.lists] == [made.list_date for made in found.lists[-2:]]
    assert [_probabilities(made) for made in again.lists] == [
        _probabilities(made) for made in found.lists[-2:]
    ]
    calls = rows_of(warehouse, "backtest_call", "*", "list_date, rank")
    places = [a_month(0.01, len(made.customers)) for made in again.lists]
    assert sum(row["is_called"] for row in calls) == sum(places) < 6
    assert len(rows_of(warehouse, "backtest_run", "*", "as_of_date")) == 1


def test_the_command_s_table_says_it_in_words(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError), shown_at_the_end(warehouse, "EUR"):
        made = replay.backtest(warehouse, settings, as_of, 1)
        raise RuntimeError("the report pages failed")
    said = capsys.readouterr().out
    (only,) = made.lists
    left = sum(one.called_on is not None or one.best is not None for one in made.judged)
    row = next(line for line in said.splitlines() if line.startswith(f"  {only.list_date}"))
    called = sum(one.is_called for one in only.customers)
    counts = [len(only.customers), called, left, sum(bool(one.called_on) for one in made.judged)]
    assert row.split() == [str(only.list_date), only.basis, *map(str, counts)]
    precision = made.figures["precision"]
    assert f"{precision.value:.1%}  ({precision.low:.1%} to {precision.high:.1%})" in said
    assert f"Missed: {sum(one.called_on is None for one in made.judged)}\n" in said
    assert "ranked below the capacity (EUR " in said
    assert "  Company account-00" in said


def test_an_older_backtest_is_not_shown_in_place_of_one_that_failed(
    warehouse: Warehouse, found: Backtest, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError), shown_at_the_end(warehouse, "EUR"):
        raise RuntimeError("nothing was made")
    assert capsys.readouterr().out == ""


def test_what_happens_after_a_list_changes_nothing_on_it(
    warehouse: Warehouse, settings: Settings
) -> None:
    """Everything after the list's day is turned round: features, health, and who left."""
    frame = world(weeks=65)
    day = load(warehouse, frame)
    made = replay.backtest(warehouse, settings, day, 2).lists[0]
    later = frame["as_of_date"] > pd.Timestamp(made.list_date)
    undecided = frame["as_of_date"] > pd.Timestamp(made.list_date - DECIDED)
    frame.loc[later, "seat_utilisation"] = 1 - frame.loc[later, "seat_utilisation"]
    frame.loc[later, "health_score"] = 1 - frame.loc[later, "health_score"]
    rng = np.random.default_rng(1)
    frame.loc[undecided, "is_churned"] = rng.integers(0, 2, undecided.sum())
    load(warehouse, frame)
    again = replay.backtest(warehouse, settings, day, 2).lists[0]
    assert again.list_date == made.list_date
    assert _probabilities(again) == _probabilities(made)


def test_who_has_given_notice_is_on_no_list_and_the_warning_ends_with_the_notice(
    warehouse: Warehouse, settings: Settings
) -> None:
    frame = world(weeks=65)
    day = load(warehouse, frame, notice_days=40)
    found = replay.backtest(warehouse, settings, day, 12)
    last_seen = frame.groupby("account_id")["as_of_date"].max()
    left = last_seen + pd.Timedelta(days=6)
    first = pd.Timestamp(found.lists[0].list_date)
    announced = set(left.index[(left > first) & (left - pd.Timedelta(days=40) <= first)])
    assert announced
    assert not announced & {one.account_id for one in found.lists[0].customers}
    gone = {one.departure.account_id: one.departure for one in found.judged}
    assert all((one.left_on - one.known_on).days == 40 for one in gone.values())
    assert not [
        one
        for one in found.listed
        if one.account_id in gone and one.list_date >= gone[one.account_id].known_on
    ]
    warned = [one.days_of_warning for one in found.judged if one.days_of_warning is not None]
    assert warned
    assert max(warned) <= HORIZON - 40


def test_too_short_a_history_and_nobody_who_left_are_said(
    warehouse: Warehouse, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    day = load(warehouse, company(accounts=10, weeks=30, weekly_log_odds=-50.0))
    short = replay.backtest(warehouse, settings, day, 12)
    assert short.note.startswith("Nothing to judge: a call list needs outcomes from 120 days")
    assert short.note.endswith("known outcomes begin on 2024-07-01.")
    day = load(warehouse, company(accounts=10, weeks=10, weekly_log_odds=-50.0))
    with shown_at_the_end(warehouse, "EUR"):
        none = replay.backtest(warehouse, settings, day, 12)
    assert none.note.endswith("no outcome is known yet.")
    assert "no outcome is known yet" in capsys.readouterr().out
    day = load(warehouse, company(accounts=10, weeks=45, weekly_log_odds=-50.0))
    with shown_at_the_end(warehouse, "EUR"):
        nobody = replay.backtest(warehouse, settings, day, 12)
    assert len(nobody.lists) >= 1
    assert nobody.note.startswith("Nothing to judge: no customer left between 2024-")
    said = capsys.readouterr().out
    assert nobody.note in said
    assert "  2024-12-02  rule" in said


def test_before_the_first_backtest_there_is_nothing_to_show(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        for name in BACKTEST:
            table = sql.Identifier(warehouse.schema("ml"), name)
            connection.execute(sql.SQL("delete from {}").format(table))
    with warehouse.connect(Role.SCIENTIST) as connection:
        assert latest(Reader(warehouse, connection)) is None
