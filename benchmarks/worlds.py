"""Simulated worlds in which the true probability of leaving is known, given what can be seen.

Weekly features of an account wander (correlated Gaussian processes, each with a memory of its
own); the log of the weekly hazard is linear in some of them, with a jump in the week in which a
term ends, a private frailty of each account that nobody can see, and nothing in the others. What
is *observable* of an account is its whole path so far and that it has stayed; the expected
probability given that is an integral over its future path (Monte Carlo) and its frailty
(Gauss-Hermite, weighted by having survived the path).

All parameters of a world are drawn from its seed. Which way a feature moves the risk is drawn too,
but where the model holds one way impossible (``ml.churn.schema.DIRECTIONS``): a world against its
assumptions says nothing about its intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.churn.schema import DIRECTIONS
from ml.common.features import SNAPSHOT_FEATURES, SNAPSHOT_NAMES
from ml.common.lifecycle import make_dataset
from ml.common.training import Dataset

FloatArray = NDArray[np.float64]
WEEKS = 104
AHEAD = 13
HORIZON, GRACE = 90, 30
FIRST_MONDAY = np.datetime64("2024-07-01")
PATHS = 256
TERM_WEEKS = 52
CHOOSABLE = tuple(
    feature.name
    for feature in SNAPSHOT_FEATURES
    if not feature.cuts and not feature.has_late_history and feature.name != "tenure_days"
)
SHAPE = {feature.name: feature.shape for feature in SNAPSHOT_FEATURES}


@dataclass(frozen=True)
class Laws:
    """Parameters of one world.

    Attributes
    ----------
    names : informative features
    effect : their effects on the log hazard, shape (k,)
    memory : weekly autocorrelation of each, shape (k,)
    loading : share of each in what all have in common, shape (k,)
    base : log of the weekly hazard of the average account
    frailty : standard deviation of what is private to an account
    renewal : what the week of the term's end adds to the log hazard
    rule : weights of the (imperfect) rule score, shape (k,), and of a distraction
    """

    names: tuple[str, ...]
    effect: FloatArray
    memory: FloatArray
    loading: FloatArray
    base: float
    frailty: float
    renewal: float
    rule: FloatArray
    distraction: float

    @property
    def shock(self) -> FloatArray:
        """Covariance of the weekly innovations, shape (k, k)."""
        common = np.outer(self.loading, self.loading)
        correlation = common + np.diag(1 - self.loading**2)
        scale = np.sqrt(1 - self.memory**2)
        return np.asarray(correlation * np.outer(scale, scale))


@dataclass(frozen=True)
class World:
    """One simulated company.

    Attributes
    ----------
    history : rows of known outcome, as the churn model sees them
    today : features of those who are customers on the last Monday
    health : their rule score
    expected : their expected probability of leaving within the horizon, given the observable
    churns : how many left in all
    oracle_auc : AUC of the expected probability over the history's rows (closed form)
    """

    history: Dataset
    today: pd.DataFrame
    health: FloatArray
    expected: FloatArray
    churns: int
    oracle_auc: float


def draw_world(seed: int, accounts: int, churns: float, oracle_auc: float | None) -> World:
    """Draw a world.

    Parameters
    ----------
    churns
        Expected number of accounts that leave within the two years.
    oracle_auc
        AUC of somebody who knows the laws and the observable; None for a world without signal.
    """
    rng = np.random.default_rng([seed, accounts, 17])
    laws = _draw_laws(rng, churns / accounts, oracle_auc)
    states = _wander(rng, laws, accounts)
    term_end = rng.integers(0, TERM_WEEKS, accounts)
    arrives = np.where(rng.random(accounts) < 0.7, 0, rng.integers(0, WEEKS - 30, accounts))
    frailty = laws.frailty * rng.normal(size=accounts)
    seen = _seen_hazard(laws, states, term_end)
    weeks = np.arange(len(states))[:, None]
    leaves = (rng.random(seen.shape) < -np.expm1(-seen * np.exp(frailty))) & (weeks >= arrives)
    left_in = np.where(leaves.any(axis=0), leaves.argmax(axis=0), 10_000)
    frame = _frame(rng, laws, states, term_end, arrives, left_in)
    last = frame["as_of_date"].max()
    known = frame[frame["as_of_date"] <= last - pd.Timedelta(days=HORIZON + GRACE)]
    here = np.flatnonzero((left_in >= WEEKS - 1) & (arrives <= WEEKS - 1))
    today = frame[frame["as_of_date"] == last].reset_index(drop=True)
    past = np.where(weeks >= arrives, seen, 0.0)[: WEEKS - 1].sum(axis=0)[here]
    return World(
        history=make_dataset(
            known.reset_index(drop=True), "is_churned", -known["health_score"], SNAPSHOT_FEATURES
        ),
        today=today,
        health=today["health_score"].to_numpy(dtype=np.float64),
        expected=_expected(rng, laws, states[WEEKS - 1, here], term_end[here], past),
        churns=int((left_in < WEEKS).sum()),
        oracle_auc=_history_auc(laws, known, states, term_end),
    )


def _draw_laws(rng: np.random.Generator, share: float, oracle_auc: float | None) -> Laws:
    count = int(rng.integers(3, 9))
    effect = rng.normal(size=count)
    names = tuple(rng.choice(CHOOSABLE, count, replace=False))
    known = np.array([DIRECTIONS.get(name, 0) for name in names])
    effect = np.where(known, known * np.abs(effect), effect)
    draft = Laws(
        names=names,
        effect=effect / np.linalg.norm(effect),
        memory=rng.uniform(0.9, 0.99, count),
        loading=rng.uniform(0.0, 0.7, count),
        base=0.0,
        frailty=float(rng.uniform(0.0, 0.5)),
        renewal=float(rng.choice([0.0, rng.uniform(1.0, 2.5)])),
        rule=np.sign(effect) * rng.uniform(0.0, 1.0, count),
        distraction=float(rng.uniform(0.3, 1.0)),
    )
    sample = _stationary(rng, draft, 8_000)
    term_end = rng.integers(0, TERM_WEEKS, len(sample))
    low, high = 0.0, 6.0
    if oracle_auc is None:
        low = high = 0.0
        draft = _replaced(draft, renewal=0.0)
    for _ in range(30 if oracle_auc is not None else 0):
        middle = (low + high) / 2
        tried = _with_base(_replaced(draft, effect=middle * draft.effect), sample, share)
        if _auc(_closed_form(tried, sample, term_end)) < (oracle_auc or 0.5):
            low = middle
        else:
            high = middle
    return _with_base(_replaced(draft, effect=low * draft.effect), sample, share)


def _replaced(laws: Laws, **changes: object) -> Laws:
    return Laws(**{**laws.__dict__, **changes})  # type: ignore[arg-type]


def _with_base(laws: Laws, sample: FloatArray, share: float) -> Laws:
    """Return the laws with the base hazard at which the wanted share leaves in two years."""
    risk = np.exp(sample @ laws.effect + laws.frailty**2 / 2)
    jump = 1 + (np.exp(laws.renewal) - 1) / TERM_WEEKS
    # About a tenth of the account weeks lies before the account arrives.
    wanted = -np.log1p(-share) / (WEEKS * 0.9 * jump)
    return _replaced(laws, base=float(np.log(wanted / risk.mean())))


def _stationary(rng: np.random.Generator, laws: Laws, count: int) -> FloatArray:
    ratio = np.sqrt(1 - np.outer(laws.memory, laws.memory))
    covariance = laws.shock / ratio**2
    return rng.multivariate_normal(np.zeros(len(laws.memory)), covariance, size=count)


def _wander(rng: np.random.Generator, laws: Laws, accounts: int) -> FloatArray:
    """Return the informative states, shape (weeks, accounts, k), a quarter beyond the history."""
    now = _stationary(rng, laws, accounts)
    root = np.linalg.cholesky(laws.shock)
    found = np.empty((WEEKS + AHEAD, accounts, len(laws.memory)))
    for week in range(len(found)):
        found[week] = now
        now = laws.memory * now + rng.normal(size=now.shape) @ root.T
    return found


def _renewal(laws: Laws, week: NDArray[np.int64] | int, term_end: NDArray[np.int64]) -> FloatArray:
    return laws.renewal * ((week - term_end) % TERM_WEEKS == 0)


def _seen_hazard(laws: Laws, states: FloatArray, term_end: NDArray[np.int64]) -> FloatArray:
    """Return the weekly hazard at a frailty of 0, shape (weeks, accounts)."""
    weeks = np.arange(len(states))[:, None]
    return np.exp(laws.base + states @ laws.effect + _renewal(laws, weeks, term_end[None, :]))


def _expected(
    rng: np.random.Generator,
    laws: Laws,
    state: FloatArray,
    term_end: NDArray[np.int64],
    past: FloatArray,
) -> FloatArray:
    """Return the expected probability of leaving within the horizon from the last Monday on."""
    root = np.linalg.cholesky(laws.shock)
    now = np.repeat(state[None], PATHS, axis=0)
    coming = np.zeros(now.shape[:2])
    for week in range(AHEAD):
        step = _renewal(laws, WEEKS - 1 + week, term_end)
        coming += np.exp(laws.base + now @ laws.effect + step)
        half = rng.normal(size=(PATHS // 2, *now.shape[1:]))
        now = laws.memory * now + np.concatenate([half, -half]) @ root.T
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    factor = np.exp(laws.frailty * nodes)
    stayed = weights * np.exp(-np.outer(past, factor))
    leaves = -np.expm1(-coming[:, :, None] * factor).mean(axis=0)
    return np.asarray((stayed * leaves).sum(axis=1) / stayed.sum(axis=1))


def _closed_form(laws: Laws, state: FloatArray, until_end: NDArray[np.int64]) -> FloatArray:
    """Return 1 - exp(-expected hazard of the horizon): what ranks rows, without simulating."""
    total = np.zeros(len(state))
    variance, effect = 0.0, laws.effect.copy()
    for week in range(AHEAD):
        mean = state @ (laws.effect * laws.memory**week)
        total += np.exp(laws.base + mean + variance / 2 + laws.renewal * (until_end == week))
        variance += float(effect @ laws.shock @ effect)
        effect = effect * laws.memory
    return -np.expm1(-total * np.exp(laws.frailty**2 / 2))


def _auc(probability: FloatArray) -> float:
    """Return the expected AUC of a probability that is true: pairs weighted by p (1 - q)."""
    p = np.sort(probability)
    below = np.cumsum(1 - p) - (1 - p) / 2
    return float((p * below).sum() / (p.sum() * (1 - p).sum()))


def _history_auc(
    laws: Laws, known: pd.DataFrame, states: FloatArray, term_end: NDArray[np.int64]
) -> float:
    week = known["week"].to_numpy()
    account = known["number"].to_numpy()
    until = (term_end[account] - week) % TERM_WEEKS
    return _auc(_closed_form(laws, states[week, account], until))


def _frame(
    rng: np.random.Generator,
    laws: Laws,
    states: FloatArray,
    term_end: NDArray[np.int64],
    arrives: NDArray[np.int64],
    left_in: NDArray[np.int64],
) -> pd.DataFrame:
    """Return one row for each customer and Monday with every feature, the label and the rule."""
    accounts = len(arrives)
    others = [name for name in SNAPSHOT_NAMES if name not in laws.names]
    noise = rng.normal(size=(accounts, len(others)))
    distraction = rng.normal(size=accounts)
    has_desk = rng.random(accounts) < 0.85
    parts = []
    for week in range(WEEKS):
        here = np.flatnonzero((left_in >= week) & (arrives <= week))
        noise = 0.97 * noise + np.sqrt(1 - 0.97**2) * rng.normal(size=noise.shape)
        distraction = 0.97 * distraction + np.sqrt(1 - 0.97**2) * rng.normal(size=accounts)
        columns = dict(zip(others, noise[here].T, strict=True))
        columns |= dict(zip(laws.names, states[week, here].T, strict=True))
        frame = pd.DataFrame({name: _shown(name, columns[name]) for name in SNAPSHOT_NAMES})
        frame["tenure_days"] = 7.0 * (week - arrives[here]) + 200.0 * (arrives[here] == 0)
        frame["days_to_term_end"] = 7.0 * ((term_end[here] - week) % TERM_WEEKS)
        quiet = [name for name in ("bad_ratings_90d", "slow_responses_90d") if name in others]
        frame.loc[~has_desk[here], quiet] = np.nan
        trouble = states[week, here] @ laws.rule + laws.distraction * distraction[here]
        frame["health_score"] = np.round(1 / (1 + np.exp(trouble - 1)), 6)
        frame["is_churned"] = (left_in[here] < week + AHEAD).astype(int)
        frame.insert(0, "as_of_date", FIRST_MONDAY + np.timedelta64(7 * week, "D"))
        frame.insert(0, "account_id", [f"account-{i:05d}" for i in here])
        frame["week"], frame["number"] = week, here
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _shown(name: str, value: FloatArray) -> FloatArray:
    """Return standardised values as a table shows them: each shape's scale undone."""
    if SHAPE[name] == "share":
        return 1 / (1 + np.exp(-value))
    return np.expm1(2.5 + 0.7 * value) if SHAPE[name] == "log" else 10 + 3 * value
