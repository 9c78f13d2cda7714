"""Score the customers of a date: rows of the model and of the rule, one of them published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ml.churn.reference import Measures, Part, Reference, measures_of
from ml.churn.schema import CANCELLED, SPEC, announced, rule_factors
from ml.churn.tiers import UNKNOWN, Tiers
from ml.common import baserate, registry, rows, store
from ml.common.features import SNAPSHOT_NAMES, sentence
from ml.common.frames import KEY, Reader, features_at
from ml.common.lifecycle import RULE_VERSION, ScoreResult
from ml.common.reasons import Reason, model_reasons, pick, reason
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

if TYPE_CHECKING:
    from ml.common.model import FittedModel

DIGITS = 12
"""Stored probabilities are rounded to this many decimals."""
TOO_LITTLE = "Too little is known of this customer; the figure is the average of all customers"
BY_NAME = {feature.name: feature for feature in SPEC.features}


def score(warehouse: Warehouse, settings: Settings, as_of: dt.date) -> ScoreResult:
    """Score every customer of a date by rule, champion and challenger; one of them is published.

    Uses what was trained and decided up to ``as_of``, so a past date is scored with what was known
    of it and later dates are left alone. Scoring the same again changes no row.

    Raises
    ------
    CopilotError
        No model was trained yet, a table or a feature is absent, or the date was not built.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        standing = registry.standing(reader, SPEC.name, SPEC.declared, as_of)
        frame = with_health(reader, features_at(reader, as_of), as_of)
        measures = measures_of(reader.health_measures(as_of))
        reference = Reference.of(frame, measures, standing.newest.model_version)
        found = _all_rows(reader, settings, standing, frame, measures, reference)
        average = standing.newest.params["base_rate"]["value"]
        published = [row for row in found if row["is_published"]]
        tiers = Tiers.of(published, average, settings.churn)
        reference.save(reader, as_of, tiers)
        return _write(reader, standing, as_of, found, tiers)


def rescore(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, accounts: Sequence[str]
) -> ScoreResult:
    """Score some customers anew, by the averages and bounds of the last night; leave the others.

    Raises
    ------
    CopilotError
        Nothing was scored yet, a table or a feature is absent, or the date was not built.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        standing = registry.standing(reader, SPEC.name, SPEC.declared, as_of)
        _, reference, tiers = Reference.latest(reader, as_of)
        frame = with_health(reader, features_at(reader, as_of), as_of)
        frame = frame[frame["account_id"].isin(accounts)].reset_index(drop=True)
        measures = measures_of(reader.health_measures(as_of))
        found = _all_rows(reader, settings, standing, frame, measures, reference)
        return _write(reader, standing, as_of, found, tiers, accounts)


def _all_rows(
    reader: Reader,
    settings: Settings,
    standing: registry.Standing,
    frame: pd.DataFrame,
    measures: Measures,
    reference: Reference,
) -> list[dict[str, Any]]:
    """Return the rows of rule, champion and challenger, without their tiers."""
    is_rule = standing.champion is None
    found = rule_rows(frame, measures, standing.newest, reference, is_published=is_rule)
    for run in standing.models:
        model = store.load_model(reader, run.model_version)
        is_champion = run is standing.champion
        found += model_rows(
            frame, model, run, settings.reporting_currency, is_published=is_champion
        )
    return found


def _write(
    reader: Reader,
    standing: registry.Standing,
    as_of: dt.date,
    found: Sequence[dict[str, Any]],
    tiers: Tiers,
    accounts: Sequence[str] | None = None,
) -> ScoreResult:
    tiered = [row | {"risk_tier": tiers.tier(row)} for row in found]
    versions = [RULE_VERSION, *standing.versions]
    written = rows.write_scores(reader, rows.CHURN, as_of, tiered, versions, accounts)
    reader.connection.commit()
    return ScoreResult(
        as_of_date=as_of,
        rows=len(found),
        published=sum(row["is_published"] for row in found),
        changed=written.changed,
        deleted=written.deleted,
        basis={SPEC.name: standing.basis},
        reason={SPEC.name: standing.reason},
    )


def with_health(reader: Reader, frame: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Join the rule score of the date; a customer without one has the band ``unknown``."""
    joined = frame.merge(reader.health([as_of]), on=KEY, how="left", validate="one_to_one")
    return joined.assign(health_band=joined["health_band"].fillna(UNKNOWN))


def model_rows(
    frame: pd.DataFrame,
    model: FittedModel,
    run: store.ModelRun,
    currency: str,
    *,
    is_published: bool,
) -> list[dict[str, Any]]:
    """Return the model's rows of customers, without their tiers."""
    if frame.empty:
        return []
    probability, low, high, parts = model.explained(frame)
    features = [BY_NAME[name] for name in model.features]
    names = [feature.name for feature in SPEC.features]
    records = frame.to_dict("records")
    reasons = model_reasons(records, parts, features, model.typical, currency)
    numbers = zip(probability, low, high, strict=True)
    return [
        {
            **_row(record, run.model_version, estimate, why, names),
            "basis": "model",
            "is_published": is_published,
        }
        for record, estimate, why in zip(records, numbers, reasons, strict=True)
    ]


def rule_rows(
    frame: pd.DataFrame,
    measures: Measures,
    run: store.ModelRun,
    reference: Reference,
    *,
    is_published: bool,
) -> list[dict[str, Any]]:
    """Return the rule's rows of customers: base rate x (1 - health) / mean(1 - health).

    Who has given notice leaves as surely as a rule ever says, healthy or not.

    Their tiers come later. The mean is the reference's, whoever is among the given customers.
    """
    rate = baserate.BaseRate(**run.params["base_rate"])
    mean = reference.mean_lacking_health
    scale = rate.value / mean if mean > 0 else 0.0
    numbers = zip(*baserate.rule_probability(rate, rule_factors(frame, mean)), strict=True)
    is_leaving = announced(frame)
    found = []
    for i, (record, estimate) in enumerate(zip(frame.to_dict("records"), numbers, strict=True)):
        known = np.isfinite(record["health_score"])
        parts = measures.get(str(record["account_id"]), ()) if known else ()
        if is_leaving[i]:
            words = sentence(BY_NAME[CANCELLED], record)
            why = [reason(CANCELLED, estimate[0] - rate.value, words)]
        else:
            why = _rule_reasons(parts, reference, scale)
        row = _row(record, RULE_VERSION, estimate, why, SNAPSHOT_NAMES)
        row["features"] |= {
            "health_score": float(record["health_score"]) if known else None,
            "health_band": record["health_band"],
            "base_rate": rate.value,
            "mean_lacking_health": mean,
        }
        row |= {
            "basis": "rule" if known or is_leaving[i] else "base_rate",
            "is_published": is_published,
        }
        found.append(row)
    return found


def _rule_reasons(parts: Sequence[Part], reference: Reference, scale: float) -> list[Reason]:
    """Return how far each measure lies from the average customer's, as probability."""
    if not parts:
        return [reason("base_rate", 0.0, TOO_LITTLE)]
    shares = scale * np.array([reference.lacking(part) for part in parts])
    return [
        reason(parts[i].measure, shares[i], parts[i].text or parts[i].measure) for i in pick(shares)
    ]


def _row(
    record: Mapping[Any, Any],
    version: str,
    estimate: Sequence[float],
    reasons: list[Reason],
    names: Sequence[str],
) -> dict[str, Any]:
    value, low, high = (round(float(one), DIGITS) for one in estimate)
    return {
        "account_id": record["account_id"],
        "model_version": version,
        "churn_probability": value,
        "probability_low": min(low, value),
        "probability_high": max(high, value),
        "reasons": reasons,
        "features": rows.feature_vector(record, names),
    }
