"""Customers made up with a known hazard, as a billing system that began late would show them."""

import numpy as np
import pandas as pd


def chains(
    entry: list[float], exit_: list[float], ended: list[int], **more: object
) -> pd.DataFrame:
    frame = pd.DataFrame({"entry_months": entry, "exit_months": exit_, "is_ended": ended})
    return frame.assign(**{"start_mrr": 100.0, "start_term_months": 12.0, "chain_no": 1.0, **more})


def weibull_company(
    seed: int, customers: int, shape: float = 0.6, scale: float = 60.0, seen_months: float = 24.0
) -> pd.DataFrame:
    """Return the chains of a company that is twelve years old and has billing data of the last.

    Customers come evenly; whoever left before the data begin is not in them. Their age counts from
    their true start.
    """
    random = np.random.default_rng(seed)
    start = random.uniform(0, 144, customers)
    life = scale * random.weibull(shape, customers)
    begin, end = 144 - seen_months, 144.0
    is_there = (start + life > begin) & (start < end)
    start, life = start[is_there], life[is_there]
    return chains(
        list(np.maximum(0, begin - start)),
        list(np.minimum(life, end - start)),
        list((start + life <= end).astype(int)),
    )


def weibull_stays(age: float, later: float, shape: float = 0.6, scale: float = 60.0) -> float:
    return float(np.exp((age / scale) ** shape - (later / scale) ** shape))


def customers_frame(
    ages: list[float], churn: list[tuple[float, float, float]] | None = None, **more: object
) -> pd.DataFrame:
    """Return contracts of customers of some ages, with their published churn scores, if any."""
    p = np.array(churn) if churn else np.full((len(ages), 3), np.nan)
    frame = pd.DataFrame({"tenure_months": ages})
    return frame.assign(
        **{
            "horizon_tenure_months": frame["tenure_months"] + 3,
            "leaving_tenure_months": np.nan,
            "churn_probability": p[:, 0],
            "probability_low": p[:, 1],
            "probability_high": p[:, 2],
            "start_mrr": 100.0,
            "start_term_months": 12.0,
            "chain_no": 1.0,
            **more,
        }
    )
