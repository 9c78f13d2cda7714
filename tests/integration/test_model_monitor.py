"""Watching a model in a real warehouse: what moved is flagged once, and asks for training once."""

import datetime as dt
from collections.abc import Iterator

import pytest
from psycopg import sql

from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.churn import watch as churn_watch
from ml.common import drift, monitor
from ml.common.monitor import Figure
from tests.integration.test_ml_scores import load, rows_of
from tests.unit.ml.worlds import company
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def as_of(warehouse: Warehouse, settings: Settings) -> Iterator[dt.date]:
    day = load(warehouse, company(weeks=70))
    churn_train.train(warehouse, settings, day - dt.timedelta(days=14))
    churn_watch.watch(warehouse, settings, day - dt.timedelta(days=14))
    yield day


@pytest.fixture(autouse=True)
def only_the_first_day_is_watched(warehouse: Warehouse, as_of: dt.date) -> Iterator[None]:
    yield
    table = sql.Identifier(warehouse.schema("ml"), "model_monitor")
    with warehouse.connect(Role.SCIENTIST) as connection:
        first = as_of - dt.timedelta(days=14)
        connection.execute(sql.SQL("delete from {} where as_of_date > %s").format(table), (first,))
        connection.commit()


class moved:
    """The customers' seats at a date as another world would have them, for a while."""

    def __init__(self, warehouse: Warehouse, day: dt.date) -> None:
        self.warehouse, self.day = warehouse, day

    def _set(self, change: str) -> None:
        table = sql.Identifier(self.warehouse.schema("features"), "ftr_account_snapshot")
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            connection.execute(
                sql.SQL("update {} set tickets_30d = {} where as_of_date >= %s").format(
                    table, sql.SQL(change)
                ),
                (self.day,),
            )
            connection.commit()

    def __enter__(self) -> None:
        self._set("tickets_30d + 40")

    def __exit__(self, *_: object) -> None:
        self._set("tickets_30d - 40")


def flagged(figures: list[Figure]) -> set[tuple[str, str]]:
    return {(one.monitor, one.subject) for one in figures if one.is_flagged}


def test_nothing_moved_and_nothing_is_flagged_nor_due(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    figures = churn_watch.watch(warehouse, settings, as_of)
    watched = {(figure.monitor, figure.subject) for figure in figures}
    assert watched >= {("distribution", "tickets_30d"), ("unknown_share", "tenure_days")}
    assert ("distribution", "tenure_days") not in watched
    assert flagged(figures) == set()
    assert not churn_train.is_due(warehouse, settings, as_of + DAY)


def test_an_input_that_drifted_makes_training_due(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    with moved(warehouse, as_of):
        figures = churn_watch.watch(warehouse, settings, as_of)
        assert flagged(figures) == {("distribution", "tickets_30d")}
        assert not churn_train.is_due(warehouse, settings, as_of)  # a repetition of that day
        assert churn_train.is_due(warehouse, settings, as_of + DAY)


def test_of_many_customers_a_sample_is_compared(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = churn_watch.watch(warehouse, settings, as_of)
    monkeypatch.setattr(drift, "ACCOUNTS", 60)
    with moved(warehouse, as_of):
        figures = churn_watch.watch(warehouse, settings, as_of)
    assert flagged(figures) == {("distribution", "tickets_30d")}
    assert health(figures).found != health(every).found


def test_an_alarm_that_stood_when_it_was_trained_does_not_ask_again(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    first = as_of - dt.timedelta(days=14)
    try:
        with moved(warehouse, first):
            churn_watch.watch(warehouse, settings, first)
            assert flagged(churn_watch.watch(warehouse, settings, as_of))
            assert not churn_train.is_due(warehouse, settings, as_of + DAY)
    finally:
        churn_watch.watch(warehouse, settings, first)


def test_an_alarm_soon_after_training_waits(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = as_of - dt.timedelta(days=7)
    with moved(warehouse, soon):
        assert flagged(churn_watch.watch(warehouse, settings, soon))
        assert churn_train.is_due(warehouse, settings, soon + DAY)
        monkeypatch.setattr(monitor, "LEAST_DAYS", 9)
        assert not churn_train.is_due(warehouse, settings, soon + DAY)


def test_published_scores_that_foretold_too_little_are_noticed(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> None:
    past = as_of - dt.timedelta(days=7 * 19)
    churn_train.train(warehouse, settings, past)
    churn_score.score(warehouse, settings, past)
    figure = calibration(churn_watch.watch(warehouse, settings, as_of))
    assert not figure.is_flagged
    assert figure.found.low < 1 < figure.found.high
    scores = sql.Identifier(warehouse.schema("ml"), "churn_score")
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(
            sql.SQL(
                "update {} set churn_probability = churn_probability / 9,"
                " probability_low = 0 where is_published"
            ).format(scores)
        )
        connection.commit()
    assert calibration(churn_watch.watch(warehouse, settings, as_of)).is_flagged
    kept = [row for row in rows_of_monitor(warehouse) if row[0] == "calibration"]
    assert kept[-1][1:] == ("published scores", True)


def health(figures: list[Figure]) -> Figure:
    return next(one for one in figures if one.subject == "health_score")


def calibration(figures: list[Figure]) -> Figure:
    return next(figure for figure in figures if figure.monitor == "calibration")


def rows_of_monitor(warehouse: Warehouse) -> list[tuple[str, str, bool]]:
    rows = rows_of(warehouse, "model_monitor", "monitor, subject, is_flagged, as_of_date")
    rows.sort(key=lambda row: row["as_of_date"])
    return [(row["monitor"], row["subject"], row["is_flagged"]) for row in rows]
