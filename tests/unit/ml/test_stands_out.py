"""Which offers are worth making: likelier than most, and with evidence that speaks for them."""

import numpy as np
import pandas as pd

from ml.opportunity.schema import stands_out

NAN = float("nan")
USE = 0.8


def marks(name: str, propensity: list[float], fullness: list[float] | None = None) -> list[bool]:
    frame = pd.DataFrame({"fullness": fullness} if fullness else {"peers_share": propensity})
    return stands_out(name, frame, np.array(propensity), USE).tolist()


def test_nobody_who_leaves_room_is_told_to_buy_more_of_it() -> None:
    likely = [0.2, 0.2, 0.2, 0.01]
    assert marks("upsell", likely, [8 / 21, 0.8, 1.2, 1.0]) == [False, True, True, False]


def test_of_an_unknown_share_nothing_speaks_for_more() -> None:
    assert marks("upsell", [0.2, 0.01], [NAN, 0.1]) == [False, False]


def test_a_further_product_is_offered_to_who_is_likelier_than_most() -> None:
    assert marks("cross_sell", [0.01, 0.02, 0.06]) == [False, False, True]


def test_where_all_are_as_likely_nobody_stands_out() -> None:
    assert marks("cross_sell", [0.1] * 3) == [False] * 3
    assert marks("upsell", [0.1] * 3, [1.0] * 3) == [False] * 3
