"""What somebody who saw the hidden causes would have said, and whether it came true."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from connectors.sources.sample_company.simulation.contracts import GRACE_DAYS, Contracts
from connectors.sources.sample_company.simulation.hazards import (
    HORIZON_DAYS,
    MID_TERM_WEIGHT,
    QUARTER,
    RENEWAL_WEIGHT,
    SUDDEN,
    Hazards,
    expected_ahead,
)
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.timeline import Array, Timeline
from connectors.sources.sample_company.simulation.world import World

_MONTH_DAYS = 30.44


def churn_probability(
    world: World, latent: Latent, hazards: Hazards, contracts: Contracts, timeline: Timeline
) -> Array:
    """Probability of being lost within 90 days of each Monday, shape (weeks, accounts).

    Given the latent state of that week: hazard already piled up plus the expected hazard until
    the last billing date inside the horizon (monthly), or around the renewal if it falls inside
    (annual), plus the sudden hazard. 1 once the decision to leave has been made.
    """
    out = np.zeros((timeline.weeks, world.count), dtype=np.float32)
    columns = np.arange(world.count)
    for week in range(timeline.weeks):
        monday = int(timeline.mondays[week])
        ahead = expected_ahead(hazards, latent, week).cumsum(axis=0)
        annual = contracts.is_annual[week]
        until = np.clip(contracts.next_billing[week] - monday, 0, 400)
        inside = until <= HORIZON_DAYS
        periods = np.where(annual, 0, (HORIZON_DAYS - until) // _MONTH_DAYS)
        last = until + _MONTH_DAYS * np.maximum(periods, 0)
        steps = np.clip((last / 7).astype(np.int64), 0, QUARTER - 1)
        coming = ahead[steps, columns]
        recent = hazards.weekly[max(0, week - QUARTER) : week]
        tail = np.vstack([np.zeros((1, world.count)), recent[::-1].cumsum(axis=0)])
        past = tail[np.clip(QUARTER - 1 - steps, 0, len(tail) - 1), columns]
        risk = np.where(annual, RENEWAL_WEIGHT * (past + coming), contracts.piled[week] + coming)
        total = np.where(inside, risk, 0.0) + SUDDEN * HORIZON_DAYS / 7
        total += MID_TERM_WEIGHT * ahead[-1] * annual
        out[week] = np.where(contracts.is_leaving[week], 1.0, -np.expm1(-total))
    return out


def churned_within_horizon(contracts: Contracts, world: World, timeline: Timeline) -> Array:
    """1 lost within 90 days, 0 not, -1 not known by the last day of data; (weeks, accounts)."""
    out = np.zeros((timeline.weeks, world.count), dtype=np.int8)
    for account, days in enumerate(contracts.lost_on(world.count)):
        for day in days:
            since = day - timeline.mondays
            out[(since > 0) & (since <= HORIZON_DAYS), account] = 1
    known = timeline.mondays + HORIZON_DAYS + GRACE_DAYS <= timeline.end_day
    out[~known] = -1
    return out


def auc(truth: Array, score: Array) -> float:
    """Area under the ROC curve by ranks (ties share their mean rank)."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    ranks = mean_rank[inverse]
    positives = int(truth.sum())
    negatives = len(truth) - positives
    return float(
        (ranks[truth == 1].sum() - positives * (positives + 1) / 2) / positives / negatives
    )


def second_year(timeline: Timeline) -> Array:
    """Tell which weeks belong to the last twelve months, or the last half of a shorter history."""
    cut = max(timeline.end_day - 365, (timeline.start_day + timeline.end_day) // 2)
    late: Array = timeline.mondays > cut
    return late


def hazards_table(
    world: World, latent: Latent, hazards: Hazards, contracts: Contracts, timeline: Timeline
) -> Iterable[pa.RecordBatch]:
    """Yield the paying accounts of each Monday with state, probability and what came of it."""
    probability = churn_probability(world, latent, hazards, contracts, timeline)
    outcome = churned_within_horizon(contracts, world, timeline)
    ids = np.array(world.account_ids())
    for week in range(timeline.weeks):
        paying = contracts.is_paying[week]
        known = outcome[week, paying] >= 0
        monday = np.full(int(paying.sum()), timeline.mondays[week])
        yield pa.record_batch(
            {
                "salesforce_account_id": pa.array(ids[paying].tolist(), pa.string()),
                "date": pa.array(monday.tolist(), pa.int32()).cast(pa.date32()),
                "p_churn_90d": pa.array(probability[week, paying].astype(np.float64)),
                "churned_90d": pa.array(outcome[week, paying] == 1, mask=~known),
                "weekly_hazard": pa.array(hazards.weekly[week, paying].astype(np.float64)),
                "adoption": pa.array(latent.adoption[week, paying].astype(np.float64)),
                "pain": pa.array(latent.pain[week, paying].astype(np.float64)),
                "champion_gone": pa.array(latent.no_champion[week, paying]),
                "in_trouble": pa.array(latent.in_trouble[week, paying]),
                "is_leaving": pa.array(contracts.is_leaving[week, paying]),
            }
        )
