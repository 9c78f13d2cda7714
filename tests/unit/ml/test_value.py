"""What staying is worth, and that it agrees with the published churn scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.value.curve import fit
from ml.value.survival import Customers, Estimate, staying
from ml.value.worth import price_ratio, renewed_arr, worth
from tests.unit.ml.lives import chains, customers_frame, weibull_company

CURVE = fit(weibull_company(1, 1500))
# A hundredth a month: 99.5 + 0.5 ends in 9,980 + 20 months would do; here one end is as good.
FLAT = fit(chains([0.0] * 10, [498.0] * 10, [1] * 10))


def scored(probability: float, low: float, high: float, age: float = 10.0) -> Customers:
    return Customers.of(customers_frame([age], [(probability, low, high)]), CURVE)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.001, 0.9),
    st.floats(0.1, 0.99),
    st.floats(0.01, 0.9),
    st.floats(0, 200),
)
def test_the_chance_to_leave_within_the_horizon_is_the_published_one(
    probability: float, below: float, above: float, age: float
) -> None:
    low, high = probability * below, probability + (0.999 - probability) * above
    found = staying(CURVE, scored(probability, low, high, age), np.array([age + 3]))
    assert 1 - found.value[0] == pytest.approx(probability, abs=1e-9)
    assert 1 - found.high[0] == pytest.approx(low, abs=1e-9)
    assert 1 - found.low[0] == pytest.approx(high, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.9), st.floats(0, 200))
def test_chances_fall_with_time_and_lie_within_their_intervals(
    probability: float, age: float
) -> None:
    months = age + np.arange(0, 61, 0.5)
    found = staying(CURVE, scored(probability, probability / 2, 0.95, age), months[None, :])
    value, low, high = (one[0] for one in (found.value, found.low, found.high))
    assert value[0] == 1
    assert (np.diff(value) <= 0).all()
    assert ((low <= value) & (value <= high) & (low >= 0) & (high <= 1)).all()


def test_a_bad_score_weighs_on_the_horizon_and_not_on_the_years_after() -> None:
    later = np.array([13.0, 40.0])[None, :]
    good = staying(CURVE, scored(0.02, 0.01, 0.04), later).value[0]
    bad = staying(CURVE, scored(0.5, 0.3, 0.7), later).value[0]
    assert bad[0] / good[0] == pytest.approx(0.5 / 0.98)
    assert bad[1] / good[1] == pytest.approx(0.5 / 0.98)


def test_a_customer_without_a_score_follows_the_curve() -> None:
    unscored = Customers.of(customers_frame([10.0]), CURVE)
    expected, _ = CURVE.between(np.array([True]), np.array([10.0]), np.array([40.0]))
    found = staying(CURVE, unscored, np.array([40.0]))
    assert found.value[0] == pytest.approx(float(np.exp(-expected[0])))


def test_value_of_a_constant_hazard_is_the_annuity() -> None:
    hazard = FLAT.constant.value
    customers = Customers.of(customers_frame([10.0]), FLAT)
    found = worth(FLAT, customers, np.array([100.0]), 60, 0.1)
    interest = np.log(1.1) / 12
    assert found.months.value[0] == pytest.approx((1 - np.exp(-60 * hazard)) / hazard, rel=1e-4)
    assert found.value.value[0] == pytest.approx(
        100 * (1 - np.exp(-60 * (hazard + interest))) / (hazard + interest), rel=1e-4
    )
    assert found.months.low[0] < found.months.value[0] < found.months.high[0] <= 60
    assert found.value.low[0] < found.value.value[0] < found.value.high[0]


def test_what_comes_after_the_horizon_counts_nothing() -> None:
    nobody_leaves = fit(chains([0.0] * 1000, [1000.0] * 1000, [0] * 1000))
    customers = Customers.of(customers_frame([10.0]), nobody_leaves)
    found = worth(nobody_leaves, customers, np.array([100.0]), 12, 0.0)
    assert found.months.value[0] == pytest.approx(12, abs=1e-3)
    assert found.value.value[0] == pytest.approx(1200, abs=0.1)


def test_a_customer_at_notice_pays_until_it_leaves() -> None:
    leaving = customers_frame([10.0], [(0.02, 0.01, 0.04)], leaving_tenure_months=12.5)
    customers = Customers.of(leaving, CURVE)
    found = worth(CURVE, customers, np.array([100.0]), 60, 0.0)
    assert [one[0] for one in (found.months.low, found.months.value, found.months.high)] == [
        2.5
    ] * 3
    assert found.value.value[0] == pytest.approx(250)
    chance = staying(CURVE, customers, np.array([[12.4, 12.5]])).value[0]
    assert list(chance) == [1, 0]


def outcomes(rows: list[tuple[str, float, float, float, int]]) -> pd.DataFrame:
    names = ["account_id", "term_months", "mrr_before", "mrr_after", "is_renewed"]
    return pd.DataFrame(rows, columns=names)


def test_price_ratio_is_drawn_to_one_and_counts_accounts_not_renewals() -> None:
    risen = [(f"a{i}", 12.0, 100.0, 120.0, 1) for i in range(20)]
    value, low, high = price_ratio(outcomes(risen))[True]
    assert value == pytest.approx(1.1)  # twenty at 1.2, and the prior's twenty at 1
    assert low < value < high
    often = [("one", 12.0, 100.0, 120.0, 1)] * 500
    assert price_ratio(outcomes(often))[True][0] == pytest.approx((20 + 1.2) / 21)


def test_price_ratio_knows_terms_apart_and_leaves_out_who_left() -> None:
    found = price_ratio(
        outcomes(
            [(f"m{i}", 1.0, 100.0, 90.0, 1) for i in range(20)]
            + [(f"y{i}", 6.0, 100.0, 100.0, 1) for i in range(20)]
            + [(f"g{i}", 12.0, 100.0, 0.0, 0) for i in range(20)]
        )
    )
    assert found[False][0] == pytest.approx(0.95)
    assert found[True][0] == pytest.approx(1.0)


def test_price_ratio_without_renewals_is_one_and_says_how_little_is_known() -> None:
    value, low, high = price_ratio(outcomes([]).astype({"mrr_after": float}))[True]
    assert value == 1
    assert low == pytest.approx(0.946, abs=1e-3)
    assert high == pytest.approx(1.057, abs=1e-3)


def test_an_absurd_price_does_not_set_the_price_of_all() -> None:
    wild = [("a", 12.0, 1.0, 1e9, 1), *[(f"a{i}", 12.0, 100.0, 100.0, 1) for i in range(19)]]
    assert price_ratio(outcomes(wild))[True][0] == pytest.approx(1 + 1 / 40)


def test_expected_arr_is_arr_times_chance_times_price_with_both_errors() -> None:
    def estimate(value: float, low: float, high: float) -> Estimate:
        return Estimate(np.array([value]), np.array([low]), np.array([high]))

    certain = estimate(1.1, 1.1, 1.1)
    alone = renewed_arr(np.array([1000.0]), estimate(0.8, 0.6, 0.9), certain)
    assert alone.value[0] == pytest.approx(880)
    assert (alone.low[0], alone.high[0]) == (pytest.approx(660), pytest.approx(990))
    both = renewed_arr(np.array([1000.0]), estimate(0.8, 0.6, 0.9), estimate(1.1, 1.0, 1.2))
    assert both.low[0] < 660 < 990 < both.high[0]
    gone = renewed_arr(np.array([1000.0]), estimate(0, 0, 0), certain)
    assert (gone.value[0], gone.low[0], gone.high[0]) == (0, 0, 0)
