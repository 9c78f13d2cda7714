"""From hidden causes to the weekly risk of leaving, and what an oracle would say of 90 days.

The weekly log hazard is linear in the causes. A monthly account decides at each billing date
with the risk piled up since the last one, an annual one mostly at its renewal with the last
quarter's risk and seldom in mid-term; a small constant hazard (insolvency, take-over) strikes at
any time and nobody could see it.
"""

from dataclasses import dataclass

import numpy as np

from connectors.sources.sample_company.simulation import latent as lt
from connectors.sources.sample_company.simulation.latent import Latent
from connectors.sources.sample_company.simulation.timeline import Array, Timeline, add_months
from connectors.sources.sample_company.simulation.world import World

HORIZON_DAYS = 90
BASE_LOG_HAZARD = -7.50
ADOPTION = -1.45
PAIN = 0.60
NO_CHAMPION = 0.80
IN_TROUBLE = 1.50
PRICE_RISE = 0.80
WINTER = 0.25
BY_SEGMENT = np.array([0.30, -0.10, -0.60])
SUDDEN = 0.0003
QUARTER = 13
RENEWAL_WEIGHT = 1.6
MID_TERM_WEIGHT = 0.35
PRICE_MEMORY_WEEKS = 10


@dataclass
class Hazards:
    """Weekly risk.

    Attributes
    ----------
    weekly : shape (weeks + QUARTER, accounts); only the first `weeks` rows carry state
    fixed : the part of the log hazard that is known ahead (price, season, segment, frailty)
    """

    weekly: Array
    fixed: Array


def price_pressure(world: World, timeline: Timeline, rise_day: int) -> Array:
    """Tell in which weeks an account feels a price rise, shape (weeks + QUARTER, accounts)."""
    weeks = timeline.weeks + QUARTER
    mondays = timeline.start_day + 7 * np.arange(weeks)[:, None]
    renewal = add_months(world.start_day, np.full(world.count, 12))
    second = add_months(world.start_day, np.full(world.count, 24))
    renewal = np.where(renewal >= rise_day, renewal, second)
    moment = np.where(world.term == 12, renewal - 30, world.price_move_day - 14)
    affected = (world.start_day >= 0) & (world.start_day < rise_day)
    since = mondays - moment[None, :]
    felt: Array = affected[None, :] & (since >= 0) & (since < 7 * PRICE_MEMORY_WEEKS)
    return felt


def make_hazards(world: World, latent: Latent, timeline: Timeline, rise_day: int) -> Hazards:
    """Compute the weekly hazards."""
    weeks = timeline.weeks
    mondays = (timeline.start_day + 7 * np.arange(weeks + QUARTER)).astype("datetime64[D]")
    month = mondays.astype("datetime64[M]").astype(np.int64) % 12
    winter = np.isin(month, (11, 0))[:, None]
    fixed = (
        BASE_LOG_HAZARD
        + PRICE_RISE * price_pressure(world, timeline, rise_day)
        + WINTER * winter
        + (BY_SEGMENT[world.segment] + world.frailty)[None, :]
    ).astype(np.float32)
    moving = (
        ADOPTION * latent.adoption
        + PAIN * latent.pain
        + NO_CHAMPION * latent.no_champion
        + IN_TROUBLE * latent.in_trouble
    )
    weekly = np.zeros_like(fixed)
    weekly[:weeks] = np.exp(fixed[:weeks] + moving)
    return Hazards(weekly=weekly, fixed=fixed)


def expected_ahead(hazards: Hazards, latent: Latent, week: int) -> Array:
    """Return the hazard expected from `week` on given its state, shape (QUARTER, accounts).

    Means of the processes are carried forward exactly, the log-normal correction for the noise
    of adoption is applied, jumps of the others enter through their means.
    """
    ahead = np.arange(QUARTER)[:, None]
    absent = lt.CHAMPION_LEAVES / (lt.CHAMPION_LEAVES + lt.CHAMPION_REPLACED)
    keep = (1 - lt.CHAMPION_LEAVES - lt.CHAMPION_REPLACED) ** ahead
    no_champion = keep * latent.no_champion[week] + (1 - keep) * absent
    broke = lt.TROUBLE_STARTS / (lt.TROUBLE_STARTS + lt.TROUBLE_ENDS)
    keep = (1 - lt.TROUBLE_STARTS - lt.TROUBLE_ENDS) ** ahead
    in_trouble = keep * latent.in_trouble[week] + (1 - keep) * broke
    keep = lt.PAIN_MEMORY**ahead
    mean_pain = lt.PAIN_SHOCK_CHANCE * 1.1 / (1 - lt.PAIN_MEMORY)
    pain = keep * latent.pain[week] + (1 - keep) * mean_pain
    target = (
        latent.drift
        + lt.CHAMPION_TO_ADOPTION * latent.no_champion[week]
        + lt.PAIN_TO_ADOPTION * latent.pain[week] * 0.5
    )
    keep = lt.ADOPTION_MEMORY**ahead
    adoption = target + keep * (latent.adoption[week] - target)
    variance = lt.ADOPTION_NOISE**2 * (1 - keep**2) / (1 - lt.ADOPTION_MEMORY**2)
    moving = (
        ADOPTION * adoption
        + PAIN * pain
        + NO_CHAMPION * no_champion
        + IN_TROUBLE * in_trouble
        + 0.5 * ADOPTION**2 * variance
    )
    expected: Array = np.exp(hazards.fixed[week : week + QUARTER] + moving)
    return expected
