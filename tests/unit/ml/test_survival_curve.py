"""The curve of leaving: late entry, censoring, few ends, and what `lifelines` says of the same."""

import numpy as np
import pandas as pd
import pytest
from lifelines import NelsonAalenFitter

from ml.value import curve as curves
from ml.value.curve import Curve, fit
from ml.value.rate import high_factor, low_factor, rate
from ml.value.survival import Customers, staying
from tests.unit.ml.lives import chains, customers_frame, weibull_company, weibull_stays

# 30 chains from the first day, 20 that came into sight at age 6; sixteen of them end.
LATE = chains(
    [0.0] * 30 + [6.0] * 20,
    [4.0] * 6 + [8.0] * 24 + [8.0] * 10 + [12.0] * 10,
    [1] * 6 + [0] * 24 + [1] * 10 + [0] * 10,
)


def hazard(curve: Curve, start: float, end: float, *, is_long: bool = True) -> float:
    value, _ = curve.between(np.array([is_long]), np.array([start]), np.array([end]))
    return float(value[0])


def stays(curve: Curve, age: float, later: float) -> tuple[float, float, float]:
    customers = Customers.of(customers_frame([age]), curve)
    found = staying(curve, customers, np.array([later]))
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


def test_jumps_are_ends_over_those_under_observation_by_then() -> None:
    curve = fit(LATE)
    share = 16 / (16 + curves.CONSTANT_ENDS)
    # Six of thirty at age 4; at age 8 ten of the 24 that are left and the 20 that came later.
    drift = (1 - share) * rate(16, 6 * 4 + 24 * 8 + 10 * 2 + 10 * 6).value
    assert hazard(curve, 0, 5) == pytest.approx(share * 6 / 30 + 5 * drift)
    assert hazard(curve, 5, 8) == pytest.approx(share * 10 / 44 + 3 * drift)


def test_the_curve_is_that_of_lifelines_beside_the_steady_part() -> None:
    data = weibull_company(1, 3000)
    curve = fit(data)
    theirs = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(
        data["exit_months"], data["is_ended"], entry=data["entry_months"]
    )
    share = curve.ends / (curve.ends + curves.CONSTANT_ENDS)
    for start, end in ((6.0, 12.0), (24.0, 36.0), (60.0, 72.0)):
        jumps = theirs.predict([start, end]).diff().iloc[1]
        steady = (1 - share) * curve.constant.value * (end - start)
        assert hazard(curve, start, end) == pytest.approx(share * jumps + steady, rel=1e-9)


def test_late_entry_is_allowed_for_and_without_it_the_chance_to_stay_is_far_too_high() -> None:
    truth = weibull_stays(12, 36)
    known, ignored = [], []
    for seed in range(20):
        data = weibull_company(seed, 1500)
        known.append(stays(fit(data), 12, 36)[0] - truth)
        ignored.append(stays(fit(data.assign(entry_months=0.0)), 12, 36)[0] - truth)
    assert abs(np.mean(known)) < 0.02
    assert np.mean(ignored) > 0.1


def test_customers_that_have_not_left_yet_count_as_long_as_they_were_seen() -> None:
    truth = weibull_stays(12, 36)
    known, gone_only = [], []
    for seed in range(20):
        data = weibull_company(seed, 1500)
        known.append(stays(fit(data), 12, 36)[0] - truth)
        gone_only.append(stays(fit(data[data["is_ended"] == 1]), 12, 36)[0] - truth)
    assert abs(np.mean(known)) < 0.02
    assert np.mean(gone_only) < -0.2


@pytest.mark.parametrize("customers", [60, 400])
def test_intervals_hold_the_truth_about_nine_times_in_ten(customers: int) -> None:
    held = []
    for seed in range(150):
        _, low, high = stays(fit(weibull_company(seed, customers, shape=1.0)), 12, 30)
        held.append(low <= weibull_stays(12, 30, shape=1.0) <= high)
    assert 0.85 <= np.mean(held) <= 0.97


def test_without_any_end_the_hazard_is_at_most_three_over_the_months_seen() -> None:
    curve = fit(chains([0.0] * 10, [48.0] * 10, [0] * 10))
    value, low, high = stays(curve, 12, 24)
    assert curve.basis == "constant"
    assert high == pytest.approx(1, abs=1e-4)
    assert low == pytest.approx(np.exp(-12 * 3.0 / (480 + 20)), abs=2e-3)
    assert low < value < 1


def test_nobody_was_ever_observed_and_still_all_is_finite() -> None:
    curve = fit(chains([], [], []))
    value, low, high = stays(curve, 0, 60)
    assert 0 < low < value < high <= 1


def test_few_ends_make_a_constant_hazard() -> None:
    few = chains([0.0] * 40, [3.0] * 14 + [24.0] * 26, [1] * 14 + [0] * 26)
    one_more = chains([0.0] * 40, [3.0] * 15 + [24.0] * 25, [1] * 15 + [0] * 25)
    assert fit(few).basis == "constant"
    assert hazard(fit(few), 2, 3) == pytest.approx(hazard(fit(few), 20, 21))
    assert fit(one_more).basis == "curve"
    assert hazard(fit(one_more), 2, 3) > 5 * hazard(fit(one_more), 20, 21)


def test_terms_have_curves_of_their_own_once_each_has_ends_enough() -> None:
    monthly = chains([0.0] * 60, [1.0] * 20 + [24.0] * 40, [1] * 20 + [0] * 40)
    yearly = chains([0.0] * 60, [12.0] * 20 + [24.0] * 40, [1] * 20 + [0] * 40)
    both = pd.concat([monthly.assign(start_term_months=1.0), yearly], ignore_index=True)
    assert hazard(fit(both), 0, 2, is_long=False) > 0.2
    assert hazard(fit(both), 0, 2, is_long=True) < 0.05
    rare = pd.concat([both.iloc[6:60], yearly], ignore_index=True)
    assert hazard(fit(rare), 0, 2, is_long=True) == hazard(fit(rare), 0, 2, is_long=False)


def test_small_customers_that_leave_sooner_are_told_apart() -> None:
    random = np.random.default_rng(5)
    mrr = np.repeat([50.0, 5000.0], 400)
    life = random.exponential(np.where(mrr < 100, 15.0, 60.0))
    data = chains(
        [0.0] * 800, list(np.minimum(life, 24)), list((life < 24).astype(int)), start_mrr=mrr
    )
    curve = fit(data)
    customers = Customers.of(customers_frame([6.0, 6.0], start_mrr=[50.0, 5000.0]), curve)
    found = staying(curve, customers, np.array([18.0, 18.0]))
    assert curve.basis == "cox"
    assert found.value == pytest.approx([np.exp(-12 / 15), np.exp(-12 / 60)], abs=0.05)
    assert (found.low < found.value).all()
    assert (found.value < found.high).all()


def test_a_covariate_that_tells_nothing_is_left_out() -> None:
    random = np.random.default_rng(5)
    data = weibull_company(2, 800)
    noise = data.assign(start_mrr=random.permutation(np.linspace(10, 1000, len(data))))
    assert fit(noise).basis == "curve"


@pytest.mark.parametrize(("ends", "low", "high"), [(0.5, 0.0, 2.996), (10.5, 5.425, 16.962)])
def test_limits_of_a_rate_are_the_exact_ones_of_a_count(
    ends: float, low: float, high: float
) -> None:
    assert ends * low_factor(np.array([ends]))[0] == pytest.approx(low, abs=2e-3)
    assert ends * high_factor(np.array([ends]))[0] == pytest.approx(high, abs=2e-3)
