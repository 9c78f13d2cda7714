import numpy as np
import pytest

from ml.common.features import SNAPSHOT_FEATURES, sentence
from ml.common.reasons import pick

ROW = {feature.name: 3.0 for feature in SNAPSHOT_FEATURES} | {
    "seats": 15.0,
    "active_users_28d": 3.0,
    "seat_utilisation": 0.2,
    "mrr": 1234.5,
    "days_to_term_end": 1.0,
}
BY_NAME = {feature.name: feature for feature in SNAPSHOT_FEATURES}


@pytest.mark.parametrize(
    ("name", "typical", "words"),
    [
        ("seat_utilisation", 0.6, "Only 3 of 15 seats active in the last 28 days (20%)"),
        ("seat_utilisation", 0.1, "3 of 15 seats active in the last 28 days (20%)"),
        ("days_to_term_end", None, "The term ends in 1 day"),
        ("mrr", None, "Pays EUR 1,234 a month"),
    ],
)
def test_a_sentence_carries_the_accounts_own_numbers(name, typical, words) -> None:
    assert sentence(BY_NAME[name], ROW, typical, "EUR") == words


@pytest.mark.parametrize("feature", SNAPSHOT_FEATURES, ids=lambda feature: feature.name)
@pytest.mark.parametrize("value", [None, np.nan, np.inf, 0.0, 1.0, -4.5, 1e9])
def test_every_sentence_reads_whatever_the_value(feature, value) -> None:
    for row in (ROW | {feature.name: value}, {feature.name: value}):
        text = sentence(feature, row, 2.0)
        assert text[0].isupper() or text[0].isdigit() or text[0] == "-"
        assert not any(bad in text for bad in ("{", "nan", "None", "inf"))


def test_a_pick_tells_three_along_and_two_against_largest_first() -> None:
    parts = np.array([0.1, -0.2, 0.9, 0.5, -0.05, 0.3, -0.01, 0.0])
    assert pick(parts) == [2, 3, 5, 1, 4]
    assert pick(-parts) == [2, 3, 5, 1, 4]


def test_a_pick_fills_up_from_one_side() -> None:
    assert pick(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])) == [5, 4, 3, 2, 1]
    assert pick(np.zeros(4)) == []
