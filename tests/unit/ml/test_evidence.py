"""What an offer rests on, said with the account's own numbers."""

from typing import Any

import pytest

from ml.opportunity.evidence import evidence

NAN = float("nan")
SNAPSHOT = {"since_month": 5.0, "new_users": 3.0, "new_event_types": 0.0}


def lever(product: str, used: float, allowed: float, **more: Any) -> dict[str, Any]:
    offer = {"product": product, "used": used, "allowed": allowed, "unit": None, "step_mrr": NAN}
    return {**SNAPSHOT, **offer, **more}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (lever("seats", 14, 15), "14 of 15 seats in use, 3 new users since May"),
        (lever("seats", 14, 15, new_users=0.0), "14 of 15 seats in use"),
        (lever("seats", 1, 1, new_users=1.0), "1 of 1 seat in use, 1 new user since May"),
        (
            lever("plan", 9, 11, step_mrr=1250.0, new_users=0.0, new_event_types=2.0),
            "9 of 11 kinds of action in use, the next plan costs EUR 1,250 more a month,"
            " 2 new kinds of action since May",
        ),
        (
            lever("usage", 8200, 10000, unit="api_call", since_month=NAN),
            "8,200 of 10,000 api_call in 28 days",
        ),
        (lever("seats", NAN, 15), "3 new users since May"),
        (lever("seats", NAN, 15, new_users=NAN, new_event_types=NAN), None),
    ],
)
def test_an_upsell_says_how_full_it_is_and_what_is_new(
    row: dict[str, Any], said: str | None
) -> None:
    assert evidence("upsell", row, "EUR") == said


def test_a_further_product_says_who_has_it() -> None:
    row = {**SNAPSHOT, "product": "Analytics", "peers_share": 0.346}
    assert evidence("cross_sell", row, "EUR") == (
        "35% of customers own Analytics, 3 new users since May"
    )
