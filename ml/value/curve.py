"""How the hazard of leaving runs with a customer's age: a Nelson-Aalen curve, steadied.

Each chain counts from the age at which it came under observation (left truncation) to that at
which it ended or was last seen (right censoring). The estimate, and Cox's coefficients where there
are enough ends for them, are `lifelines`'; what is added is a constant hazard that shares the
weight, so that a curve of few ends is no staircase, and that carries on where nobody was old enough
to be seen.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.value.rate import FloatArray, Rate, rate

MIN_ENDS = 15
"""With fewer ends there is no curve, only a constant hazard; each term's curve needs as many."""
CONSTANT_ENDS = 5.0
"""The constant hazard weighs as much as so many ends."""
MIN_AT_RISK = 10
"""Where fewer chains were under observation the constant hazard stands alone."""
RECENT_MONTHS = 24.0
"""The hazard beyond the oldest chains is that of so many months before."""
LONG_TERM_MONTHS = 6
"""Customers of terms at least this long leave at other times than those who may leave monthly."""
SIGNIFICANCE = 0.05
MOST_CHAINS = 10_000
"""A curve of so many chains is exact enough; their ids are hashes, so the first are any."""
COVARIATES = ("log_start_mrr", "came_back")


@dataclass(frozen=True)
class Steps:
    """A cumulative hazard by age: jumps at some ages, a steady rise between them.

    Parameters
    ----------
    ages : array of shape (n,)
        Months, rising, the first one 0.
    jumps, variances : array of shape (n,)
        Jump at each age, and its variance.
    rises : array of shape (n,)
        Rise a month after each age, the last one for good.
    """

    ages: FloatArray
    jumps: FloatArray
    variances: FloatArray
    rises: FloatArray

    def parts(self, age: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return sum of jumps, of their variances, and the steady part, up to ages >= 0."""
        before = np.searchsorted(self.ages, age, side="right") - 1
        steady = np.concatenate([[0.0], np.cumsum(self.rises[:-1] * np.diff(self.ages))])
        return (
            np.cumsum(self.jumps)[before],
            np.cumsum(self.variances)[before],
            steady[before] + self.rises[before] * (age - self.ages[before]),
        )


@dataclass(frozen=True)
class Cox:
    """Coefficients of the covariates with their covariance, scaled to the average customer.

    Parameters
    ----------
    means, coefficients : array of shape (covariates,)
    covariance : array of shape (covariates, covariates)
    average
        Mean multiple over the months under observation; a curve is that of this customer.
    """

    means: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    average: float = 1.0


@dataclass(frozen=True)
class Curve:
    """The hazard of leaving by age, for short and long terms.

    Parameters
    ----------
    steps
        By whether the term is long; the same for both where ends are too few to tell.
    constant
        The constant hazard.
    cox
        None where no covariate tells customers apart.
    """

    steps: dict[bool, Steps]
    constant: Rate
    cox: Cox | None
    chains: int
    ends: int

    @property
    def basis(self) -> str:
        """What it rests on: ``cox``, ``curve`` or ``constant``."""
        if self.cox is not None:
            return "cox"
        return "curve" if self.ends >= MIN_ENDS else "constant"

    def multiples(self, covariates: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return each customer's multiple of the curve, and the variance of its logarithm."""
        if self.cox is None:
            return np.ones(len(covariates)), np.zeros(len(covariates))
        apart = covariates - self.cox.means
        variance = np.einsum("ij,jk,ik->i", apart, self.cox.covariance, apart)
        return np.exp(apart @ self.cox.coefficients) / self.cox.average, variance

    def between(
        self, is_long: NDArray[np.bool_], start: FloatArray, end: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the cumulative hazard between two ages, and its variance.

        Parameters
        ----------
        is_long : array of shape (n,)
            Whether each customer's term is long.
        start, end : arrays that broadcast, the first axis being customers
            Ages in months.
        """
        start, end = np.broadcast_arrays(start, end)
        value, variance = np.empty(end.shape), np.empty(end.shape)
        for long, steps in self.steps.items():
            rows = is_long == long
            first, last = steps.parts(start[rows]), steps.parts(end[rows])
            steady = last[2] - first[2]
            value[rows] = last[0] - first[0] + steady
            variance[rows] = last[1] - first[1] + steady**2 / self.constant.ends
        return value, variance


def covariates_of(frame: pd.DataFrame) -> FloatArray:
    """Return what was known of a customer when its chain began, shape (rows, covariates)."""
    mrr = np.maximum(np.nan_to_num(frame["start_mrr"].to_numpy(dtype=float)), 0.0)
    came_back = frame["chain_no"].to_numpy(dtype=float) > 1
    return np.column_stack([np.log1p(mrr), came_back.astype(float)])


def is_long_term(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return whether the term at the chain's beginning was a long one."""
    return np.asarray(frame["start_term_months"].to_numpy(dtype=float) >= LONG_TERM_MONTHS)


def fit(chains: pd.DataFrame) -> Curve:
    """Fit the curve to the chains of a company.

    Parameters
    ----------
    chains
        ``entry_months``, ``exit_months``, ``is_ended``, ``start_mrr``, ``start_term_months`` and
        ``chain_no`` of each chain; may be empty.
    """
    chains = chains.iloc[:MOST_CHAINS]
    ended = chains["is_ended"].to_numpy(dtype=float)
    ends = int(ended.sum())
    months = float((chains["exit_months"] - chains["entry_months"]).sum())
    constant = rate(ends, months)
    if ends < MIN_ENDS:
        nothing = np.zeros(1)
        flat = Steps(nothing, nothing, nothing, np.array([constant.value]))
        return Curve({False: flat, True: flat}, constant, None, len(chains), ends)
    stratum = is_long_term(chains)
    if min(ended[stratum].sum(), ended[~stratum].sum()) < MIN_ENDS:
        stratum = np.zeros(len(chains), dtype=bool)
    cox, baselines = _fit_cox(chains, stratum)
    found = {
        bool(long): _steps(chains[stratum == long], constant, ends, baselines.get(bool(long)))
        for long in np.unique(stratum)
    }
    both = {long: found.get(long, found[min(found)]) for long in (False, True)}
    return Curve(both, constant, cox, len(chains), ends)


def _steps(chains: pd.DataFrame, constant: Rate, ends: int, baseline: pd.Series | None) -> Steps:
    from lifelines import NelsonAalenFitter  # noqa: PLC0415 - costs seconds to import

    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False)
    fitter.fit(chains["exit_months"], chains["is_ended"], entry=chains["entry_months"])
    table = fitter.event_table
    ages = table.index.to_numpy(dtype=float)
    at_risk = (table["at_risk"] - table["entrance"]).to_numpy(dtype=float)
    jumps = np.diff(fitter.cumulative_hazard_.iloc[:, 0].to_numpy(dtype=float), prepend=0.0)
    deviations = np.divide(np.sqrt(table["observed"].to_numpy(dtype=float)), at_risk,
                           out=np.zeros_like(jumps), where=at_risk > 0)  # fmt: skip
    if baseline is not None:
        known = baseline.reindex(table.index.union(baseline.index)).ffill().fillna(0.0)
        cox = np.diff(known.loc[table.index].to_numpy(dtype=float), prepend=0.0)
        deviations *= np.divide(cox, jumps, out=np.zeros_like(jumps), where=jumps > 0)
        jumps = cox
    share = ends / (ends + CONSTANT_ENDS)
    is_seen = at_risk >= MIN_AT_RISK
    jumps, deviations = jumps * is_seen * share, deviations * is_seen * share
    # Who is at risk at an age was so since the age before, whence the rise up to it.
    rises = np.where(is_seen, (1 - share) * constant.value, constant.value)[1:]
    oldest = int(np.flatnonzero(is_seen).max(initial=0))
    rises = np.append(rises, 0.0)
    rises[oldest:] = _rise_beyond(chains, float(ages[oldest]), constant)
    return Steps(ages, jumps, deviations**2, rises)


def _rise_beyond(chains: pd.DataFrame, until: float, constant: Rate) -> float:
    """Return the hazard a month of the oldest chains under observation."""
    since = max(0.0, until - RECENT_MONTHS)
    exit_, entry = chains["exit_months"], chains["entry_months"]
    months = (exit_.clip(upper=until) - entry.clip(lower=since)).clip(lower=0).sum()
    ends = (chains["is_ended"].astype(bool) & (exit_ > since) & (exit_ <= until)).sum()
    return rate(float(ends), float(months), CONSTANT_ENDS, CONSTANT_ENDS / constant.value).value


def _fit_cox(
    chains: pd.DataFrame, stratum: NDArray[np.bool_]
) -> tuple[Cox | None, dict[bool, pd.Series]]:
    """Return coefficients that tell customers apart beyond chance, with the curves beneath.

    Chains of one account follow each other, so what each adds to the likelihood is uncorrelated
    given what came before: no allowance for clusters is needed.
    """
    from lifelines import CoxPHFitter  # noqa: PLC0415
    from lifelines.exceptions import ConvergenceError  # noqa: PLC0415

    values = covariates_of(chains)
    used = [i for i in range(values.shape[1]) if _tells(values[:, i], chains["is_ended"])]
    if not used:
        return None, {}
    names = [COVARIATES[i] for i in used]
    frame = pd.DataFrame(values[:, used], columns=names)
    frame["stratum"] = stratum.astype(int)
    for column in ("entry_months", "exit_months", "is_ended"):
        frame[column] = chains[column].to_numpy(dtype=float)
    fitter = CoxPHFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitter.fit(frame, "exit_months", "is_ended", entry_col="entry_months",
                       strata=["stratum"])  # fmt: skip
            is_chance = fitter.log_likelihood_ratio_test().p_value > SIGNIFICANCE
        except ConvergenceError:
            return None, {}
    if is_chance:
        return None, {}
    means, coefficients = np.zeros(len(COVARIATES)), np.zeros(len(COVARIATES))
    covariance = np.zeros((len(COVARIATES), len(COVARIATES)))
    means[used], coefficients[used] = values[:, used].mean(axis=0), fitter.params_[names]
    covariance[np.ix_(used, used)] = fitter.variance_matrix_.to_numpy()
    months = (chains["exit_months"] - chains["entry_months"]).to_numpy(dtype=float)
    average = float(np.average(np.exp((values - means) @ coefficients), weights=months))
    curves = fitter.baseline_cumulative_hazard_ * average
    cox = Cox(means, coefficients, covariance, average)
    return cox, {bool(one): curves[one] for one in curves}


def _tells(values: FloatArray, ended: pd.Series) -> bool:
    """Return whether there are enough chains and ends of two kinds to compare."""
    if len(np.unique(values)) > 2:
        return True
    kinds = pd.Series(ended.to_numpy(dtype=float)).groupby(values)
    return len(kinds) == 2 and bool(kinds.sum().min() >= CONSTANT_ENDS)
