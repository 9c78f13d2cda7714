"""Watching the model in use: what moved since it learnt, kept in ``ml.model_monitor``.

Whether anything asks for training is read from there: see `asks_for_training`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from psycopg import sql

from ml.common import baserate, drift, registry, store
from ml.common.features import SNAPSHOT_NAMES, Feature
from ml.common.frames import ACCOUNT, DATE, KEY, Column, Reader, days, features_at
from ml.common.metrics import Estimate
from ml.common.rows import ScoreTable

REFERENCE_DATES = 8
"""Dates of the training window that stand for it: weekly rows of one account hardly differ."""
JUDGED_DAYS = 365
"""How far back published scores are judged."""
LEAST_DAYS = 7
"""However loud an alarm, a model is not trained again sooner."""
DISTRIBUTION, UNKNOWN_SHARE = "distribution", "unknown_share"
CALIBRATION, CALIBRATION_SLOPE = "calibration", "calibration_slope"
ALL = "published scores"
AGEING = frozenset({"tenure_days"})
"""That customers grow older is no news: of these only the share of unknown values is watched."""


@dataclass(frozen=True)
class Figure:
    """One monitored figure: an effect size with its 90% interval, flagged or not."""

    monitor: str
    subject: str
    found: Estimate
    threshold: float
    is_flagged: bool
    text: str

    @property
    def tells(self) -> bool:
        """Whether enough was known to measure it."""
        return bool(np.isfinite(self.found.value))


def watched(reader: Reader, model_name: str, as_of: dt.date) -> store.ModelRun | None:
    """Return the model to watch: the published one, else the newest, None where there is none."""
    champion = registry.champion_of(reader, model_name, as_of)
    newest = store.latest_run(reader, model_name, as_of)
    return champion or (newest if newest and newest.has_model else None)


def drifted(
    reader: Reader, run: store.ModelRun, features: Iterable[Feature], as_of: dt.date
) -> list[Figure]:
    """Compare the customers of a date with those that a model learnt from, feature by feature."""
    now = features_at(reader, as_of)
    if now.empty:
        return []
    last = _last_of_sample(now["account_id"])
    now = now if last is None else now[now["account_id"] <= last]
    then = _with_health(reader, _reference(reader, run, last))
    if then.empty:
        return []
    now = _with_health(reader, now)
    codes = pd.factorize(pd.concat([then["account_id"], now["account_id"]]))[0].astype(np.int64)
    old, new = np.split(codes, [len(then)])
    found: list[Figure] = []
    for feature in features:
        if feature.name in run.params["features"] and feature.name in now:
            before = drift.Sample(then[feature.name].to_numpy(dtype=np.float64), old)
            after = drift.Sample(now[feature.name].to_numpy(dtype=np.float64), new)
            found += _figures(feature.name, *drift.shifts(before, after, feature.shape))
    return [one for one in found if one.monitor != DISTRIBUTION or one.subject not in AGEING]


def _figures(name: str, distance: Estimate, unknown: Estimate) -> list[Figure]:
    moved = (
        f"{name}: customers lie {distance.value:.2f} standard deviations from those learnt "
        f"from ({distance.low:.2f} to {distance.high:.2f})"
    )
    lost = (
        f"{name}: not known of {unknown.value:+.0%} customers against those learnt from "
        f"({unknown.low:+.0%} to {unknown.high:+.0%})"
    )
    shift, share = drift.SHIFT_MATTERS, drift.UNKNOWN_MATTERS
    figures = (
        Figure(DISTRIBUTION, name, distance, shift, drift.is_shifted(distance, shift), moved),
        Figure(UNKNOWN_SHARE, name, unknown, share, drift.is_shifted(unknown, share), lost),
    )
    return [figure for figure in figures if figure.tells]


def _last_of_sample(accounts: pd.Series[str]) -> str | None:
    """Return the last id that is compared; None for all. Ids are hashes: the first are a sample."""
    few = drift.ACCOUNTS
    return sorted(accounts)[few - 1] if len(accounts) > few else None


def _reference(reader: Reader, run: store.ModelRun, last: str | None) -> pd.DataFrame:
    """Return the customers of some dates of a model's training window, up to the last id."""
    window = run.params["fitted_on"]
    statement = sql.SQL(
        "select distinct as_of_date from {} where as_of_date between %s and %s order by 1"
    ).format(reader.table("features", "ftr_account_snapshot"))
    rows = reader.connection.execute(statement, (window["start"], window["end"])).fetchall()
    chosen = [rows[i][0] for i in np.linspace(0, len(rows) - 1, REFERENCE_DATES, dtype=int)]
    columns = [ACCOUNT, DATE, *[Column(name) for name in SNAPSHOT_NAMES]]
    where = sql.SQL(
        "is_customer and as_of_date = any(%s)"
        ' and (%s::text is null or account_id collate "C" <= %s)'
    )
    bounds = (chosen, last, last)
    return reader.read("features", "ftr_account_snapshot", columns, where, bounds)


def _with_health(reader: Reader, frame: pd.DataFrame) -> pd.DataFrame:
    where = sql.SQL("as_of_date = any(%s) and account_id = any(%s)")
    keys = [day.item() for day in np.unique(days(frame))], sorted(set(frame["account_id"]))
    columns = [ACCOUNT, DATE, Column("health_score")]
    health = reader.read("marts", "fct_account_health", columns, where, keys)
    return frame.merge(health, on=KEY, how="left", validate="one_to_one")


def decided_scores(
    reader: Reader, table: ScoreTable, value: str, until: dt.date, kind: str | None = None
) -> pd.DataFrame:
    """Return published model scores of the last `JUDGED_DAYS` whose outcome is decided.

    One date a week stands for it: the scores of the days between say the same again.
    """
    columns = [*[Column(name, "text") for name in table.key], DATE, Column(value)]
    where: sql.Composable = sql.SQL(
        "is_published and basis = 'model' and as_of_date > %s and as_of_date <= %s"
    )
    bounds: list[object] = [until - dt.timedelta(days=JUDGED_DAYS), until]
    if kind:
        where, bounds = where + sql.SQL(" and kind = %s"), [*bounds, kind]
    statement = sql.SQL("select distinct as_of_date from {} where {} order by 1").format(
        reader.table("ml", table.name), where
    )
    dates = [row[0] for row in reader.connection.execute(statement, bounds).fetchall()]
    where = where + sql.SQL(" and as_of_date = any(%s)")
    return reader.read("ml", table.name, columns, where, [*bounds, weekly(dates)])


def weekly(dates: Iterable[dt.date]) -> list[dt.date]:
    """Return those of rising dates that lie a week or more from the last one returned."""
    found: list[dt.date] = []
    for day in dates:
        if not found or (day - found[-1]).days >= 7:
            found.append(day)
    return found


def slipped(judged: pd.DataFrame, value: str, label: str, horizon_days: int) -> list[Figure]:
    """Compare what published scores foretold with what came about; nothing where there is none."""
    if judged.empty:
        return []
    seen, foretold = (judged[name].to_numpy(dtype=np.float64) for name in (label, value))
    account = pd.factorize(judged["account_id"])[0].astype(np.int64)
    ratio = drift.calibration(seen, foretold, account, baserate.overlap(days(judged), horizon_days))
    level = (
        f"{ratio.value:.2f} events came about for each one foretold "
        f"({ratio.low:.2f} to {ratio.high:.2f}; {len(judged):,} published scores)"
    )
    slope = drift.slope(seen, foretold, account)
    boldness = (
        f"the chances given differ from each other as 1 to {slope.value:.2f} of what they should "
        f"(calibration slope, {slope.low:.2f} to {slope.high:.2f})"
    )
    few, flat = drift.RATIO_MATTERS, drift.SLOPE_MATTERS
    figures = (
        Figure(CALIBRATION, ALL, ratio, few, drift.is_slipped(ratio, few), level),
        Figure(CALIBRATION_SLOPE, ALL, slope, flat, drift.is_slipped(slope, flat), boldness),
    )
    return [figure for figure in figures if figure.tells]


def write(reader: Reader, run: store.ModelRun, as_of: dt.date, figures: Iterable[Figure]) -> None:
    """Write the figures of a model and date in the connection's transaction, in place of others.

    The same again writes nothing.
    """
    rows = sorted(
        (run.model_version, one.monitor, one.subject, one.found.value, one.found.low,
         one.found.high, one.threshold, one.is_flagged, one.text)
        for one in figures
    )  # fmt: skip
    table, key = reader.table("ml", "model_monitor"), (run.model_name, as_of)
    names = sql.SQL(
        "model_version, monitor, subject, value, low, high, threshold, is_flagged, text"
    )
    of_date = sql.SQL("from {} where model_name = %s and as_of_date = %s").format(table)
    kept = reader.connection.execute(sql.SQL("select {} {}").format(names, of_date), key)
    if sorted(kept.fetchall()) == rows:
        return
    reader.connection.execute(sql.SQL("delete {}").format(of_date), key)
    statement = sql.SQL(
        "insert into {} (model_name, as_of_date, {})"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    ).format(table, names)
    with reader.connection.cursor() as cursor:
        cursor.executemany(statement, [(*key, *row) for row in rows])


def asks_for_training(reader: Reader, run: store.ModelRun, as_of: dt.date) -> list[str]:
    """Return the alarms that training anew may answer, in words; empty if there are none.

    An alarm that stood on the day of the newest training, when everything known was learnt, does
    not ask again: what moved lately has no outcome yet to learn from. Only days before ``as_of``
    count, as it is measured after training: a repeated run decides as the first one did.
    """
    if (as_of - run.as_of_date).days < LEAST_DAYS:
        return []
    statement = sql.SQL(
        "with watched as (select * from {table} where model_name = %s"
        " and as_of_date >= %s and as_of_date < %s)"
        " select text from watched where is_flagged"
        " and as_of_date = (select max(as_of_date) from watched)"
        " and (monitor, subject) not in (select monitor, subject from watched where is_flagged"
        " and as_of_date = (select min(as_of_date) from watched)) order by monitor, subject"
    ).format(table=reader.table("ml", "model_monitor"))
    found = reader.connection.execute(statement, (run.model_name, run.as_of_date, as_of))
    return [str(row[0]) for row in found.fetchall()]
