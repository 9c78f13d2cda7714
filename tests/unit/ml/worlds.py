"""Small synthetic companies with a known signal, for the tests of the models."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.common.features import PEERS_SHARE, SNAPSHOT_FEATURES, SNAPSHOT_NAMES
from ml.common.gate import Words
from ml.common.lifecycle import make_dataset
from ml.common.training import Dataset

FIRST_MONDAY = np.datetime64("2024-07-01")
HORIZON, GRACE = 90, 30
CHURN_WORDS = Words("customer left", "customers left", "churn")


def company(
    accounts: int = 180,
    weeks: int = 80,
    signal: float = 1.8,
    weekly_log_odds: float = -6.0,
    seed: int = 1,
) -> pd.DataFrame:
    """One row an account and week until it leaves: features, labels and a weak rule score.

    A hidden, slowly wandering misery drives weekly departure with the given strength; it shows in
    the share of active seats and in the days since the last event. Everything else is noise.
    """
    rng = np.random.default_rng(seed)
    moods = [rng.normal(size=accounts)]
    for _ in range(weeks + HORIZON // 7):
        moods.append(0.97 * moods[-1] + 0.243 * rng.normal(size=accounts))
    leaves = [rng.random(accounts) < _sigmoid(weekly_log_odds + signal * mood) for mood in moods]
    left_in = np.where(np.any(leaves, axis=0), np.argmax(leaves, axis=0), 10_000)
    # Noise of its own, so that one more feature changes nothing else of the world.
    noise = np.random.default_rng([seed, len(SNAPSHOT_NAMES)])
    base = noise.normal(size=(accounts, len(SNAPSHOT_NAMES)))
    parts = []
    for week in range(weeks):
        here = np.flatnonzero(left_in >= week)
        misery = moods[week]
        values = np.abs(np.round(10 + 3 * base[here] + noise.normal(size=base[here].shape), 3))
        frame = pd.DataFrame(values, columns=list(SNAPSHOT_NAMES))
        seats = 15.0
        users = np.clip(np.round(seats * (0.5 - 0.2 * misery[here])), 0, seats)
        users = np.clip(users + rng.integers(-1, 2, len(here)), 0, seats)
        frame = frame.assign(
            seats=seats,
            mrr=1000.0,
            cancelled_share=0.0,
            active_users_28d=users,
            seat_utilisation=users / seats,
            usage_trend=np.round(rng.uniform(-1, 1, len(here)), 6),
            days_since_last_event=np.round(np.exp(misery[here] + 1)),
            days_since_touchpoint=np.where(base[here, 3] > 1, np.nan, frame["events_28d"]),
        )
        health = _sigmoid(-(misery[here] * 0.4 + rng.normal(size=len(here))))
        frame.insert(0, "as_of_date", FIRST_MONDAY + np.timedelta64(7 * week, "D"))
        frame.insert(0, "account_id", [f"account-{i:05d}" for i in here])
        frame["is_churned"] = (left_in[here] < week + HORIZON / 7).astype(int)
        frame["health_score"] = np.round(health, 6)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def dataset(frame: pd.DataFrame) -> Dataset:
    """Return a company's known history as the churn model sees it."""
    last = frame["as_of_date"].max() - pd.Timedelta(days=HORIZON + GRACE)
    known = frame[frame["as_of_date"] <= last].reset_index(drop=True)
    return make_dataset(known, "is_churned", -known["health_score"], SNAPSHOT_FEATURES)


def last_date(frame: pd.DataFrame) -> dt.date:
    """Return the last snapshot date of a company."""
    return pd.Timestamp(frame["as_of_date"].max()).date()


PEERS = PEERS_SHARE.name
