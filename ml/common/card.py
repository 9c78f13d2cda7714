"""The card of a model version: what it was made from, how good it showed itself, and its limits.

Readers are managers and whoever audits the models; every sentence stands in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.common import metrics
from ml.common.gate import Words
from ml.common.store import ModelRun

if TYPE_CHECKING:
    from ml.common.training import Judged

MEASURES = ("auc", "pr_auc", "brier", "calibration_slope")
MIN_EVENTS = 5
"""Accounts with the event in the exam, below which a segment is not judged apart."""
NO_SEGMENT = "No segment given"


def card_of(
    run: ModelRun,
    judged: Judged,
    words: Words,
    segments: Mapping[str, str],
    capacity_share: float,
) -> dict[str, Any]:
    """Return the card of a trained version as plain JSON.

    Parameters
    ----------
    run, judged
        The version, and what its training showed.
    segments
        Segment by account; accounts without one are judged together.
    capacity_share
        Share of the customers that can be called, above 0 to 1: *at capacity* means among the
        highest forecasts of the exam, that share of them, within a segment of the segment's.
    """
    # One thread, as in training: the same sums on any machine, and no spinning on a busy one.
    with threadpool_limits(limits=1):
        parts = _segments(judged, segments, capacity_share)
        measures = _overall(run, judged, capacity_share)
    fitted = run.params["fitted_on"]
    return {
        "horizon_days": run.params["horizon_days"],
        "capacity_share": capacity_share,
        "data": {
            "start": fitted["start"],
            "end": fitted["end"],
            "snapshots": fitted["rows"],
            "accounts": run.accounts,
            "events": fitted["events"],
        },
        "exam": {
            "start": run.test_start.isoformat() if run.test_start else None,
            "end": run.test_end.isoformat() if run.test_end else None,
            "snapshots": run.rows_test,
            "accounts": len(np.unique(judged.test.account)),
            "events": run.events_test,
        },
        "metrics": measures,
        "segments": parts,
        "limits": list(_limits(run, words, parts)),
        "not_for": list(_not_for(run, words)),
    }


def _overall(run: ModelRun, judged: Judged, share: float) -> dict[str, Any]:
    found = {name: run.metrics[name] for name in MEASURES if name in run.metrics}
    if not found:
        return {}
    bootstrap = metrics.ClusterBootstrap(judged.test.account)
    return found | _as_json(
        metrics.at_capacity(judged.test.label, judged.forecast, bootstrap, share)
    )


def _segments(judged: Judged, segments: Mapping[str, str], share: float) -> list[dict[str, Any]]:
    """Judge each segment of the exam's accounts, the largest first."""
    test = judged.test
    of_row = np.array([segments.get(str(one), NO_SEGMENT) for one in test.account], dtype=object)
    found = []
    for name in sorted(set(of_row)):
        rows = of_row == name
        part = test.part(rows)
        is_judged = len(judged.forecast) > 0 and part.events >= MIN_EVENTS and part.can_fit
        found.append(
            {
                "segment": name,
                "snapshots": len(part),
                "accounts": len(np.unique(part.account)),
                "events": part.events,
                "metrics": _measured(part.label, judged.forecast[rows], part.account, share)
                if is_judged
                else {},
            }
        )
    return sorted(found, key=lambda one: -one["accounts"])


def _measured(
    label: metrics.FloatArray, forecast: metrics.FloatArray, account: Any, share: float
) -> dict[str, Any]:
    bootstrap = metrics.ClusterBootstrap(account)
    found = metrics.evaluate(label, forecast, bootstrap, MEASURES)
    return _as_json(found | metrics.at_capacity(label, forecast, bootstrap, share))


def _as_json(found: Mapping[str, metrics.Estimate]) -> dict[str, Any]:
    return {name: estimate.as_json() for name, estimate in found.items()}


def _limits(run: ModelRun, words: Words, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    fitted = run.params["fitted_on"]
    accounts = f"{run.accounts:,} account{'' if run.accounts == 1 else 's'}"
    until = f" up to {fitted['end']}" if fitted["end"] else ""
    yield (
        f"It knows the past of {accounts} of this company{until} and no other"
        f" ({words.count(fitted['events'])}); what has changed since (prices, products, a new kind"
        " of customer) it cannot know."
    )
    yield from _exam_limits(run)
    unjudged = [one["segment"] for one in parts if not one["metrics"]]
    if run.metrics and unjudged:
        yield f"Too few events to judge apart: {', '.join(unjudged)}."
    blind = [one["segment"] for one in parts if _low(one["metrics"], "auc") <= 0.5]
    if blind:
        yield f"Ranking no better than chance, as far as one can tell, in: {', '.join(blind)}."
    unused = [
        name for name in run.params["declared_features"] if name not in run.params["features"]
    ]
    if run.rows_train and unused:
        yield f"Not learnt from, as the history begins too late: {', '.join(unused)}."


def _exam_limits(run: ModelRun) -> Iterator[str]:
    if not run.metrics:
        yield "It was not examined: the held-out time tells too little, or there is none."
        return
    announced = run.params["fitted_on"]["announced"]
    if announced:
        yield (
            f"Customers who had given notice are learnt from ({announced:,} snapshot"
            f"{'' if announced == 1 else 's'}) and are no part of its exam."
        )
    auc, slope = run.metrics["auc"], run.metrics["calibration_slope"]
    if auc["low"] is not None:
        yield (
            f"How well it ranks is known only to lie between AUC {auc['low']:.2f} and"
            f" {auc['high']:.2f} (90% confidence)."
        )
    if slope["high"] is not None and slope["high"] < 1:
        yield "Its probabilities are too bold: high ones are in truth lower, low ones higher."
    if slope["low"] is not None and slope["low"] > 1:
        yield "Its probabilities are too timid: high ones are in truth higher, low ones lower."


def _low(measures: Mapping[str, Any], name: str) -> float:
    low = measures[name]["low"] if measures else None
    return float("inf") if low is None else float(low)


def _not_for(run: ModelRun, words: Words) -> Iterator[str]:
    if run.verdict != "model":
        yield "Anything: it has not passed its test, and something else is published in its place."
    yield f"{words.noun.capitalize()} beyond {run.params['horizon_days']} days, or other companies."
    yield (
        "Judging or paying the people who look after customers: it ranks customers, not their work."
    )
    yield (
        "Proof of causes: reasons say what a score rests on, not what would change if one acted"
        " on it."
    )
    yield "Refusing service, support or prices to a customer without a person's own judgement."
