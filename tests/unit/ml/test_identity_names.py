"""What of a name is compared, and which records are compared at all."""

import pytest

from ml.identity.model import DOMAIN_LEVELS, NAME_LEVELS, Level
from ml.identity.names import MOST_ACCOUNTS_A_KEY, block_keys, telling_keys, words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Müller & Söhne GmbH", ["muller", "and", "sohne"]),
        ("ACME, Inc.", ["acme"]),
        ("O'Hara S.A.", ["ohara"]),
        ("Limited", ["limited"]),
        ("!!!", []),
    ],
)
def test_spelling_and_legal_form_are_left_out(name: str, said: list[str]) -> None:
    assert words(name) == said


@pytest.mark.parametrize("typo", ["Larch Lab", "Larch Labbs", "Larch Lxbs", "Lacrh Labs"])
def test_names_one_character_apart_share_a_key(typo: str) -> None:
    whole = {key for key in block_keys("Larch Labs", None) if key.startswith("name ")}
    assert whole & block_keys(typo, None)


def test_a_key_of_too_many_accounts_or_of_one_side_is_dropped() -> None:
    accounts = [{"common", f"own {number}"} for number in range(MOST_ACCOUNTS_A_KEY + 1)]
    records, kept = telling_keys([{"common", "own 1", "lone"}], accounts)
    assert records == [["own 1"]]
    assert kept[:2] == [[], ["own 1"]]
    assert telling_keys([{"common"}], accounts[1:])[0] == [["common"]]


@pytest.mark.parametrize("levels", [NAME_LEVELS, DOMAIN_LEVELS])
def test_what_each_outcome_is_worth_adds_up_to_one(levels: tuple[Level, ...]) -> None:
    assert sum(level.m for level in levels) == pytest.approx(1)
    assert sum(level.u for level in levels) == pytest.approx(1)
