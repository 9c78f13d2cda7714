"""Who would have been called, and what became of it: literal customers, literal departures."""

import datetime as dt
import math

import numpy as np
import pytest

from ml.churn.backtest import (
    Departure,
    Listed,
    call_list,
    figures,
    foretold,
    judge,
    list_dates,
    not_announced,
    weighted_median,
)
from ml.churn.tiers import a_month
from ml.common.reasons import Reason, reason

HORIZON = 90
APRIL, MAY, JUNE = dt.date(2026, 4, 6), dt.date(2026, 5, 4), dt.date(2026, 6, 1)


def listed(
    account: str,
    probability: float,
    date: dt.date = APRIL,
    arr: float = 100.0,
    is_known: bool = True,
    reasons: tuple[Reason, ...] = (),
) -> Listed:
    return Listed(account, date, probability, 0.0, 1.0, "model", arr, is_known, reasons)


def gone(
    account: str,
    left_on: dt.date,
    known_on: dt.date | None = None,
    arr: float = 100.0,
    first_seen: dt.date = dt.date(2025, 1, 6),
    invoices_overdue: float = math.nan,
) -> Departure:
    return Departure(account, left_on, known_on or left_on, arr, first_seen, invoices_overdue)


def days(date: dt.date, number: int) -> dt.date:
    return date + dt.timedelta(days=number)


class TestTheLists:
    def test_they_are_of_the_first_mondays_of_the_last_months(self) -> None:
        mondays = [dt.date(2026, 3, 30) + dt.timedelta(weeks=week) for week in range(10)]
        assert list_dates([*mondays, dt.date(2026, 6, 2)], 12) == [APRIL, MAY, JUNE]
        assert list_dates(mondays, 2) == [MAY, JUNE]
        assert list_dates([dt.date(2026, 6, 8)], 12) == []

    def test_the_capacity_is_called_from_the_top_and_the_larger_of_equals_first(self) -> None:
        customers = [
            listed("small", 0.3, arr=10),
            listed("last", 0.1, arr=999),
            listed("b", 0.3, arr=50),
            listed("a", 0.3, arr=50),
            listed("top", 0.4, arr=1),
        ]
        found = call_list(customers, 3)
        assert [one.account_id for one in found] == ["top", "a", "b", "small", "last"]
        assert [one.rank for one in found] == [1, 2, 3, 4, 5]
        assert [one.is_called for one in found] == [True, True, True, False, False]
        assert {one.customers for one in found} == {5}

    def test_the_capacity_is_a_share_of_the_customers_rounded_up(self) -> None:
        assert [a_month(0.05, customers) for customers in (0, 1, 20, 21, 1000)] == [0, 1, 1, 2, 50]
        assert a_month(0.07, 100) == 7

    def test_nobody_needs_a_score_to_know_of_a_notice(self) -> None:
        left = gone("a", left_on=JUNE, known_on=MAY)
        customers = [listed("a", 0.5, date) for date in (APRIL, MAY, days(MAY, 7), JUNE)]
        assert [one.list_date for one in not_announced(customers, [left])] == [APRIL, JUNE]


class TestWhoLeft:
    def test_it_is_who_leaves_within_the_horizon_of_the_list_and_not_on_its_day(self) -> None:
        dates = {0: False, 1: True, HORIZON: True, HORIZON + 1: False}
        for after, is_foretold in dates.items():
            left = gone("a", days(APRIL, after))
            assert (foretold([listed("a", 0.5)], [left], HORIZON) == [left]) is is_foretold, after

    def test_the_second_departure_of_a_customer_that_came_back_counts_too(self) -> None:
        first, second = gone("a", days(APRIL, 10)), gone("a", days(JUNE, 10))
        rows = [listed("a", 0.5, date) for date in (APRIL, JUNE)]
        assert foretold(rows, [second, first], 30) == [first, second]


class TestDaysOfWarning:
    def test_they_run_from_the_first_call_that_foretold_it_to_the_day_it_was_known(self) -> None:
        calls = {APRIL: 0.9, MAY: 0.1, JUNE: 0.9, dt.date(2026, 7, 6): 0.9}
        rows = [
            one
            for date, probability in reversed(calls.items())
            for one in call_list([listed("a", probability, date), listed("b", 0.5, date)], 1)
        ]
        left = gone("a", left_on=days(JUNE, 60), known_on=days(JUNE, 50))
        (judged,) = judge(rows, [left], HORIZON)
        assert judged.called_on == JUNE  # April lies beyond the horizon
        assert judged.days_of_warning == 50

    def test_a_call_on_the_day_of_the_notice_is_too_late(self) -> None:
        rows = call_list([listed("a", 0.9)], 1)
        early = judge(rows, [gone("a", JUNE, known_on=days(APRIL, 1))], HORIZON)[0]
        assert (early.called_on, early.days_of_warning) == (APRIL, 1)
        late = judge(rows, [gone("a", JUNE, known_on=APRIL)], HORIZON)[0]
        assert (late.called_on, late.days_of_warning) == (None, None)


class TestWhyOneWasMissed:
    def missed(self, one: Listed, left: Departure) -> tuple[str, str]:
        others = [listed(f"other{i}", 0.9, one.list_date) for i in range(3)]
        (judged,) = judge(call_list([*others, one], 2), [left], HORIZON)
        assert judged.called_on is None
        return judged.kind, judged.reason

    def test_below_the_capacity_with_what_spoke_against_it(self) -> None:
        why = (
            reason("seats", -0.5, "14 of 15 seats active"),
            reason("tickets", 0.2, "9 tickets"),
            reason("tenure", -0.1, "Customer for 900 days"),
            reason("mrr", -0.05, "Pays a lot"),
        )
        assert self.missed(listed("a", 0.031, reasons=why), gone("a", MAY)) == (
            "below_capacity",
            "Ranked 4 of 4 at best (2026-04-06, 3.1%), below the capacity; what spoke against it: "
            "14 of 15 seats active; Customer for 900 days.",
        )

    def test_the_place_told_is_the_best_of_those_that_could_have_foretold_it(self) -> None:
        april = call_list([listed("b", 0.9), listed("c", 0.8), listed("a", 0.1)], 1)
        may = call_list([listed("b", 0.9, MAY), listed("a", 0.5, MAY), listed("c", 0.1, MAY)], 1)
        late = call_list([listed("a", 0.9, JUNE)], 1)
        (judged,) = judge([*april, *may, *late], [gone("a", days(MAY, 14))], HORIZON)
        assert judged.reason == "Ranked 2 of 3 at best (2026-05-04, 50.0%), below the capacity."

    def test_with_invoices_overdue_it_is_a_matter_of_payment(self) -> None:
        kind, words = self.missed(listed("a", 0.1), gone("a", MAY, invoices_overdue=2))
        assert kind == "payment"
        assert words.startswith("Left with 2 invoices overdue. Ranked 4 of 4")
        assert self.missed(listed("a", 0.1), gone("a", MAY, invoices_overdue=0))[0] != "payment"

    def test_too_little_was_known(self) -> None:
        unknown = listed("a", 0.1, is_known=False)
        assert self.missed(unknown, gone("a", MAY))[0] == "too_little_known"

    def test_it_joined_after_the_list(self) -> None:
        left = gone("new", days(MAY, -1), first_seen=days(APRIL, 7))
        assert self.missed(listed("a", 0.1), left) == (
            "joined_between",
            "A customer from 2026-04-13 on, known to leave on 2026-05-03: no list lay in between.",
        )

    def test_it_gave_notice_before_any_list_within_the_horizon(self) -> None:
        kind, words = self.missed(listed("a", 0.1), gone("a", days(JUNE, 60), known_on=MAY))
        assert kind == "known_early"
        assert "88 days ahead, on 2026-05-04" in words


class TestFigures:
    def test_each_is_what_one_counts_by_hand(self) -> None:
        customers = [listed("a", 0.9), listed("b", 0.8), listed("c", 0.2), listed("d", 0.1)]
        april = call_list([*customers, listed("stays", 0.05)], 2)
        may = call_list([listed("b", 0.8, MAY), listed("c", 0.3, MAY), listed("d", 0.1, MAY)], 2)
        left = [
            gone("a", days(APRIL, 20), arr=100),
            gone("c", days(MAY, 30), arr=300),
            gone("d", days(MAY, 60), arr=600),
        ]
        rows = [*april, *may]
        found = figures(rows, judge(rows, left, HORIZON), HORIZON)
        # Called: a (left), b, then b, c (left). All that left: a, c, d, then c, d, of 8.
        assert found["precision"].value == pytest.approx(2 / 4)
        assert found["event_rate"].value == pytest.approx(5 / 8)
        assert found["lift"].value == pytest.approx((2 / 4) / (5 / 8))
        assert found["false_alarms"].value == pytest.approx(2 / 2)
        assert found["caught_share"].value == pytest.approx(2 / 3)
        assert found["caught_arr"].value == pytest.approx(400)
        assert found["caught_arr_share"].value == pytest.approx(400 / 1000)
        assert found["days_of_warning"].value == pytest.approx((20 + 30) / 2)

    def test_intervals_come_from_resampled_accounts_not_rows(self) -> None:
        dates = [days(APRIL, 28 * month) for month in range(8)]
        names = [f"account{i}" for i in range(6)]
        rows = [one for d in dates for one in call_list([listed(n, 0.5, d) for n in names], 6)]
        left = [gone(name, days(dates[-1], 10), arr=100) for name in names[:3]]
        found = figures(rows, judge(rows, left, 300), 300)
        precision, caught = found["precision"], found["caught_arr"]
        assert precision.value == pytest.approx(0.5)
        assert precision.high - precision.low > 0.5  # 48 independent rows would give 0.24
        assert (caught.value, caught.low < 200, caught.high > 400) == (300, True, True)

    def test_without_departures_there_is_nothing_to_catch(self) -> None:
        rows = call_list([listed("a", 0.5), listed("b", 0.1)], 1)
        found = figures(rows, [], HORIZON)
        assert found["precision"].value == 0
        assert math.isnan(found["caught_share"].value)
        assert math.isnan(found["days_of_warning"].value)
        assert figures([], [], HORIZON) == {}

    def test_the_median_counts_each_value_by_its_weight(self) -> None:
        values = np.array([30.0, 10.0, 20.0])
        assert weighted_median(values, np.array([1.0, 1.0, 1.0])) == 20
        assert weighted_median(values, np.array([1.0, 2.0, 1.0])) == 15
        assert weighted_median(values, np.array([0.0, 5.0, 1.0])) == 10
        assert math.isnan(weighted_median(values, np.zeros(3)))
