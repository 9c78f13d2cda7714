"""Score what customers may buy, and which offers stand out; one in trouble is offered nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from psycopg import sql

from ml.common import baserate, registry, rows, store
from ml.common.features import PEERS_SHARE, PRODUCT, PRODUCT_OFFERED, Feature, sentence
from ml.common.frames import ACCOUNT, DATE, KEY, Column, Reader, features_at
from ml.common.lifecycle import RULE_VERSION, ModelSpec, ScoreResult
from ml.common.reasons import Reason, model_reasons, pick, reason
from ml.opportunity.evidence import evidence
from ml.opportunity.schema import (
    CROSS_SELL,
    EXPANSION_SHARE,
    MEAN_SCORE,
    NO_TIER,
    TYPICAL,
    UPSELL,
    rule_parts,
    stands_out,
)
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

FloatArray = NDArray[np.float64]
DIGITS = 12
ABSURD = 1e11
"""A monthly revenue from here on is an error in the data, and counts as not known."""
BASE_RATE_TEXT = "Nothing is known that tells this customer from others; the figure is the average"


def score(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> ScoreResult:
    """Score both kinds for a date. Run it after churn, whose published tiers it heeds.

    Raises
    ------
    CopilotError
        No model was trained yet, a table is absent, or the date was not built.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        standings = {
            spec.name: registry.standing(reader, spec.name, spec.declared, as_of)
            for spec in (UPSELL, CROSS_SELL)
        }
        customers = features_at(reader, as_of)
        untroubled = _untroubled(reader, as_of)
        customers = customers.merge(_growth(reader, as_of), on=KEY, how="left")
        frames = {
            spec.name: offers.merge(customers, on=KEY, how="inner")
            for spec, offers in (
                (UPSELL, reader.upsell_snapshots(as_of, as_of)),
                (CROSS_SELL, reader.product_snapshots(as_of, as_of)),
            )
        }
        found: list[dict[str, Any]] = []
        for spec in (UPSELL, CROSS_SELL):
            found += _score_kind(reader, settings, spec, standings[spec.name], frames[spec.name])
        for row in found:
            row["is_published"] = row["is_published"] and row["account_id"] in untroubled
        scored = [version for standing in standings.values() for version in standing.versions]
        versions = [RULE_VERSION, *scored]
        written = rows.write_scores(reader, rows.OPPORTUNITY, as_of, found, versions)
        connection.commit()
    return ScoreResult(
        as_of_date=as_of,
        rows=len(found),
        published=sum(row["is_published"] for row in found),
        changed=written.changed,
        deleted=written.deleted,
        basis={name: standing.basis for name, standing in standings.items()},
        reason={name: standing.reason for name, standing in standings.items()},
    )


def withhold(warehouse: Warehouse, as_of: dt.date, accounts: Sequence[str]) -> None:
    """Keep the last night's offers to some customers, but for those who are in trouble since.

    What an offer rests on compares a customer with all others, so nothing else of it moves before
    the next night. Run it after their churn scores.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        published = []
        for spec in (UPSELL, CROSS_SELL):
            champion = registry.standing(reader, spec.name, spec.declared, as_of).champion
            published.append((spec.name, champion.model_version if champion else RULE_VERSION))
        well = list(_untroubled(reader, as_of).intersection(accounts))
        columns = [*rows.OPPORTUNITY.key, "model_version", *rows.OPPORTUNITY.values]
        named = sql.SQL(", ").join(map(sql.Identifier, columns[:-1]))
        statement = sql.SQL(
            "insert into {table} as kept (as_of_date, {named}, is_published)"
            " select %(as_of)s, {named}, account_id = any(%(well)s) and (kind, model_version) in"
            " (select * from unnest(%(kinds)s::text[], %(versions)s::text[]))"
            " from {table} where account_id = any(%(accounts)s)"
            " and as_of_date = (select max(as_of_date) from {night} where as_of_date <= %(as_of)s)"
            " on conflict (as_of_date, {key}) do update"
            " set is_published = excluded.is_published, scored_at = now()"
            " where kept.is_published <> excluded.is_published"
        ).format(
            table=reader.table("ml", rows.OPPORTUNITY.name),
            night=reader.table("ml", "score_reference"),
            named=named,
            key=sql.SQL(", ").join(map(sql.Identifier, [*rows.OPPORTUNITY.key, "model_version"])),
        )
        kinds, versions = zip(*published, strict=True)
        values = {
            "as_of": as_of,
            "well": well,
            "kinds": list(kinds),
            "versions": list(versions),
            "accounts": list(accounts),
        }
        connection.execute(statement, values)
        connection.commit()


def _untroubled(reader: Reader, as_of: dt.date) -> frozenset[str]:
    """Return the customers to whom something may be offered, by their published risk tier.

    What trouble is stands in the table, for each tier. One of whom it says nothing is not offered
    anything.
    """
    tier, trouble = Column("risk_tier", "text"), Column("trouble", "text")
    on_date = sql.SQL("as_of_date = %s")
    rules = reader.read(
        "marts", "fct_account_health_trouble", [ACCOUNT, tier, trouble], on_date, (as_of,)
    )
    where = sql.SQL("as_of_date = %s and is_published")
    churn = reader.read("ml", "churn_score", [ACCOUNT, tier], where, (as_of,))
    tiers = rules["account_id"].map(churn.set_index("account_id")["risk_tier"]).fillna(NO_TIER)
    is_well = (rules["risk_tier"] == tiers) & rules["trouble"].isna()
    return frozenset(rules.loc[is_well, "account_id"])


def _growth(reader: Reader, as_of: dt.date) -> pd.DataFrame:
    columns = [
        ACCOUNT, DATE, Column("since_date", "date"), Column("new_users"), Column("new_event_types")
    ]  # fmt: skip
    found = reader.read(
        "features", "ftr_account_growth", columns, sql.SQL("as_of_date = %s"), (as_of,)
    )
    return found.assign(since_month=found["since_date"].dt.month).drop(columns="since_date")


def _score_kind(
    reader: Reader,
    settings: Settings,
    spec: ModelSpec,
    standing: registry.Standing,
    frame: pd.DataFrame,
) -> list[dict[str, Any]]:
    if frame.empty:
        return []
    newest = standing.newest
    gain = expected_gain(spec.name, frame, newest.params["typical"])
    found = rule_rows(frame, spec, newest, gain, settings.reporting_currency)
    _mark(found, spec, frame, settings)
    for row in found:
        row["is_published"] = standing.champion is None
    for run in standing.models:
        model = store.load_model(reader, run.model_version)
        parts, _ = model.contributions(frame)
        by_name = {feature.name: feature for feature in (*spec.features, PRODUCT_OFFERED)}
        features = [by_name[name] for name in model.features]
        why = model_reasons(
            frame.to_dict("records"), parts, features, model.typical, settings.reporting_currency
        )
        made = _rows(
            frame, spec, run.model_version, model.probability(frame), gain, why,
            settings.reporting_currency,
        )  # fmt: skip
        for row in made:
            row |= {"basis": "model", "is_published": run is standing.champion}
        _mark(made, spec, frame, settings)
        found += made
    return found


def _mark(
    offers: list[dict[str, Any]], spec: ModelSpec, frame: pd.DataFrame, settings: Settings
) -> None:
    """Say of each row of one version whether it stands out; where nothing is known none does."""
    propensity = np.array([row["propensity"] for row in offers])
    marks = stands_out(spec.name, frame, propensity, settings.opportunity.least_use)
    for row, mark in zip(offers, marks, strict=True):
        row["stands_out"] = bool(mark) and row["basis"] != "base_rate"


def expected_gain(name: str, frame: pd.DataFrame, typical: Mapping[str, Any]) -> FloatArray:
    """Return the ARR that each row would bring if it came about.

    Upsell: what the next plan costs more, where that is known; else the account's ARR times the
    median observed growth by seats, plan or usage, else by any of them, else `EXPANSION_SHARE`
    (nothing where the ARR is not known). Cross-sell: the median price of the product, else of any
    product, else the same share of the account's ARR.
    """
    mrr = frame["mrr"].to_numpy(dtype=np.float64)
    arr = 12 * np.where(np.abs(mrr) < ABSURD, mrr, 0.0)
    if name == UPSELL.name:
        seen = frame["product"].map(typical["share"]).to_numpy(dtype=np.float64)
        other = EXPANSION_SHARE if typical["any"] is None else typical["any"]
        step = frame["step_mrr"].to_numpy(dtype=np.float64)
        return np.where(
            np.abs(step) < ABSURD, step * 12, arr * np.where(np.isfinite(seen), seen, other)
        )
    fallback = arr * EXPANSION_SHARE if typical["any"] is None else arr * 0 + 12 * typical["any"]
    prices = frame["product"].map(typical["mrr"]).to_numpy(dtype=np.float64) * 12
    return np.where(np.isfinite(prices), prices, fallback)


def rule_rows(
    frame: pd.DataFrame, spec: ModelSpec, run: store.ModelRun, gain: FloatArray, currency: str
) -> list[dict[str, Any]]:
    """Return the rule's rows; the rule is described in `ml.opportunity.schema`."""
    rate = baserate.BaseRate(**run.params["base_rate"])
    rule = rule_parts(spec.name, frame)
    mean = baserate.rule_mean(rule.score)
    propensity, _, _ = baserate.rule_probability(rate, baserate.rule_factors(rule.score, mean))
    scale = rate.value / mean if mean > 0 else 0.0
    by_name: dict[str, Feature] = {f.name: f for f in (*spec.features, PEERS_SHARE)}
    features = [by_name[name] for name in rule.parts]
    shares = np.column_stack([(part - part.mean()) * scale for part in rule.parts.values()])
    why = [
        _rule_reasons(record, features, parts, currency)
        for record, parts in zip(frame.to_dict("records"), shares, strict=True)
    ]
    known = np.isfinite(frame[list(rule.parts)].to_numpy(dtype=np.float64)).any(axis=1)
    found = _rows(frame, spec, RULE_VERSION, propensity, gain, why, currency)
    for i, (row, is_known) in enumerate(zip(found, known, strict=True)):
        row["features"] |= {"base_rate": rate.value, MEAN_SCORE: mean}
        row["features"] |= {TYPICAL + name: float(one[i]) for name, one in rule.typical.items()}
        row["basis"] = "rule" if is_known else "base_rate"
    return found


def _rule_reasons(
    record: Mapping[Any, Any], features: Sequence[Feature], parts: FloatArray, currency: str
) -> list[Reason]:
    row = {str(key): value for key, value in record.items()}
    chosen = [
        reason(features[i].name, parts[i], sentence(features[i], row, currency=currency))
        for i in pick(parts)
    ]
    return chosen or [reason("base_rate", 0.0, BASE_RATE_TEXT)]


def _rows(
    frame: pd.DataFrame,
    spec: ModelSpec,
    version: str,
    propensity: FloatArray,
    gain: FloatArray,
    reasons: list[list[Reason]],
    currency: str,
) -> list[dict[str, Any]]:
    names = [feature.name for feature in spec.features]
    return [
        {
            "account_id": record["account_id"],
            "model_version": version,
            "kind": spec.name,
            "product": record[PRODUCT],
            "propensity": round(float(value), DIGITS),
            "expected_arr": round(round(float(value), DIGITS) * float(one), 2),
            "evidence": evidence(spec.name, record, currency),
            "reasons": why,
            "features": rows.feature_vector(record, [*names, PRODUCT]),
        }
        for record, value, one, why in zip(
            frame.to_dict("records"), propensity, gain, reasons, strict=True
        )
    ]
