"""The hidden causes: adoption, the champion, support pain, money trouble. Weekly processes.

Everything the systems record later follows from these and from chance; nothing here is recorded.
"""

from dataclasses import dataclass

import numpy as np

from connectors.sources.sample_company.simulation.timeline import Array, Timeline
from connectors.sources.sample_company.simulation.world import World

ADOPTION_MEMORY = 0.96
ADOPTION_NOISE = 0.22
FIT_TO_ADOPTION = 0.60
CHAMPION_TO_ADOPTION = -0.9
PAIN_TO_ADOPTION = -0.25
PAIN_MEMORY = 0.86
PAIN_SHOCK_CHANCE = 0.035
CHAMPION_LEAVES = 0.006
CHAMPION_REPLACED = 0.07
TROUBLE_STARTS = 0.0022
TROUBLE_ENDS = 0.07


@dataclass
class Latent:
    """Weekly state, each array of shape (weeks, accounts).

    Attributes
    ----------
    adoption : standardised, about -2 (hardly used) to 2
    pain : 0 and up, piled-up support trouble
    no_champion : bool, the champion left and nobody took over yet
    champion : how many champions have gone so far (the present one is user number `champion`)
    in_trouble : bool, the account is short of money
    drift : shape (accounts,), the adoption each account returns to
    """

    adoption: Array
    pain: Array
    no_champion: Array
    champion: Array
    in_trouble: Array
    drift: Array


def make_latent(world: World, seed: int, timeline: Timeline) -> Latent:
    """Run the processes over all weeks, whether or not an account is a customer then."""
    rng = np.random.default_rng([seed, 2])
    no_champion, champion = _champions(rng, timeline.weeks, world.count)
    in_trouble = _switch(rng, timeline.weeks, world.count, TROUBLE_STARTS, TROUBLE_ENDS)
    pain = _pain(rng, timeline.weeks, world.count)
    drift = FIT_TO_ADOPTION * world.fit + rng.normal(scale=0.35, size=world.count)
    adoption = np.empty((timeline.weeks, world.count), dtype=np.float32)
    now = drift + rng.normal(scale=0.6, size=world.count)
    for week in range(timeline.weeks):
        adoption[week] = now
        target = drift + CHAMPION_TO_ADOPTION * no_champion[week] + PAIN_TO_ADOPTION * pain[week]
        noise = rng.normal(scale=ADOPTION_NOISE, size=world.count)
        now = target + ADOPTION_MEMORY * (now - target) + noise
    return Latent(adoption, pain, no_champion, champion, in_trouble, drift)


def _champions(rng: np.random.Generator, weeks: int, count: int) -> tuple[Array, Array]:
    gone = np.zeros((weeks, count), dtype=bool)
    number = np.zeros((weeks, count), dtype=np.int16)
    absent = rng.random(count) < 0.06
    left = np.zeros(count, dtype=np.int16)
    for week in range(weeks):
        draw = rng.random(count)
        leaves = ~absent & (draw < CHAMPION_LEAVES)
        returns = absent & (draw < CHAMPION_REPLACED)
        left = left + leaves.astype(np.int16)
        absent = (absent | leaves) & ~returns
        gone[week], number[week] = absent, left
    return gone, number


def _switch(rng: np.random.Generator, weeks: int, count: int, starts: float, ends: float) -> Array:
    out = np.zeros((weeks, count), dtype=bool)
    on = rng.random(count) < starts / (starts + ends)
    for week in range(weeks):
        draw = rng.random(count)
        on = np.where(on, draw >= ends, draw < starts)
        out[week] = on
    return out


def _pain(rng: np.random.Generator, weeks: int, count: int) -> Array:
    out = np.zeros((weeks, count), dtype=np.float32)
    proneness = rng.lognormal(-0.1, 0.45, count)
    now = rng.exponential(0.25, count) * proneness
    for week in range(weeks):
        out[week] = now
        shock = (rng.random(count) < PAIN_SHOCK_CHANCE) * rng.exponential(1.1, count) * proneness
        now = PAIN_MEMORY * now + shock
    return out
