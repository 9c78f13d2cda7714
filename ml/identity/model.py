"""How probable it is that a record is an account: Fellegi and Sunter's model, in Splink.

The parameters are fixed. A name and a domain are two comparisons only, from which expectation
maximisation cannot tell three unknowns for each; and what it estimated would differ from run to
run. They are stated for a company of 1,000 accounts: with more accounts both the prior of each pair
and the chance that a stranger's name equals this account's fall alike, so the odds stay.

- ``m``: of records that are the account, the share that compare so.
- ``u``: of records that are not, the share. 0.00001 for equal names says that one stranger in 100
  bears the name of some one of 1,000 accounts.
- The prior: one unmatched record in two belongs to one of the accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml.identity.names import block_keys, compact, label, telling_keys, words

PRIOR = 0.0005
LEAST_PROBABILITY = 0.1
"""A pair below it is not suggested."""
SHORTEST = 5
"""In a shorter text one other character makes another word, not a typo."""


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison; ``sql`` is None for what no other level holds."""

    words: str
    sql: str | None
    m: float
    u: float


NAME_LEVELS = (
    Level("the same", "name_l = name_r", 0.60, 0.00001),
    Level(
        "one character apart",
        f"least(length(name_l), length(name_r)) >= {SHORTEST}"
        " and damerau_levenshtein(name_l, name_r) = 1",
        0.15,
        0.00002,
    ),
    Level("alike", "jaro_winkler_similarity(name_l, name_r) >= 0.92", 0.10, 0.0002),
    Level(
        "one holds all words of the other",
        "list_has_all(words_l, words_r) or list_has_all(words_r, words_l)",
        0.10,
        0.0003,
    ),
    Level("different", None, 0.05, 0.99947),
)
DOMAIN_LEVELS = (
    # A domain that speaks for one account would have linked the record: an equal one says little.
    Level("the same, which several accounts have", "domain_l = domain_r", 0.20, 0.002),
    Level(
        "one character apart",
        f"least(length(label_l), length(label_r)) >= {SHORTEST}"
        " and damerau_levenshtein(domain_l, domain_r) = 1",
        0.25,
        0.00002,
    ),
    Level(
        "the same but for its ending",
        f"length(label_l) >= {SHORTEST} and label_l = label_r",
        0.25,
        0.0001,
    ),
    Level("different", None, 0.30, 0.99788),
)


@dataclass(frozen=True)
class Party:
    """A record or an account as it is compared; ``domain`` is None where it says nothing."""

    key: str
    name: str
    domain: str | None


@dataclass(frozen=True)
class Pair:
    """A record, an account that it may be, how probably, and how name and domain compare."""

    record: str
    account: str
    probability: float
    name: str
    domain: str


def likely_pairs(records: Sequence[Party], accounts: Sequence[Party]) -> list[Pair]:
    """Return the pairs that are probable enough, each record's most probable first.

    The same parties give the same pairs, in whatever order they come.
    """
    record_keys, account_keys = telling_keys(
        (block_keys(party.name, party.domain) for party in records),
        (block_keys(party.name, party.domain) for party in accounts),
    )
    left = _rows("record", records, record_keys)
    right = _rows("account", accounts, account_keys)
    if not left or not right:
        return []
    return sorted(
        (_pair(row) for row in _predict(left, right)),
        key=lambda pair: (pair.record, -pair.probability, pair.account),
    )


def _rows(side: str, parties: Sequence[Party], keys: Sequence[list[str]]) -> list[dict[str, Any]]:
    pairs = zip(parties, keys, strict=True)
    # A name of punctuation alone has no words, and would be held by every other one.
    return [_row(side, party, found) for party, found in pairs if found and words(party.name)]


def _row(side: str, party: Party, keys: list[str]) -> dict[str, Any]:
    return {
        "unique_id": f"{side} {party.key}",
        "name": compact(party.name),
        "words": sorted(set(words(party.name))),
        "domain": party.domain,
        "label": label(party.domain) if party.domain else None,
        "block_key": keys,
    }


def _predict(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Late: Splink takes a second to import, and only this command needs it.
    import duckdb  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    texts, text = pa.list_(pa.string()), pa.string()
    schema = pa.schema(
        {
            "unique_id": text,
            "name": text,
            "words": texts,
            "domain": text,
            "label": text,
            "block_key": texts,
        }
    )
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison("name", NAME_LEVELS), _comparison("domain", DOMAIN_LEVELS)],
        blocking_rules_to_generate_predictions=[
            block_on("block_key", arrays_to_explode=["block_key"])
        ],
        probability_two_random_records_match=PRIOR,
        retain_intermediate_calculation_columns=True,
        # Drawn at random otherwise; it names tables only.
        linker_uid="suggest",
    )
    with duckdb.connect() as connection:
        api = DuckDBAPI(connection)
        tables = [
            api.register(pa.Table.from_pylist(rows, schema), dataset_display_name=name)
            for name, rows in (("a_record", left), ("b_account", right))
        ]
        linker = Linker(tables, settings, log_level=None)
        predicted = linker.inference.predict(
            threshold_match_probability=LEAST_PROBABILITY, warning_mode="never"
        )
        return predicted.as_record_list()


def _comparison(column: str, levels: tuple[Level, ...]) -> Any:
    import splink.comparison_level_library as cll  # noqa: PLC0415
    from splink.comparison_library import CustomComparison  # noqa: PLC0415

    made: list[Any] = [cll.NullLevel(column)]
    for level in levels:
        given = cll.ElseLevel() if level.sql is None else cll.CustomLevel(level.sql, level.words)
        made.append(given.configure(m_probability=level.m, u_probability=level.u))
    return CustomComparison(made, output_column_name=column)


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(
        record=str(row["unique_id_l"]).removeprefix("record "),
        account=str(row["unique_id_r"]).removeprefix("account "),
        probability=round(float(row["match_probability"]), 6),
        name=_words_of(NAME_LEVELS, int(row["gamma_name"])),
        domain=_words_of(DOMAIN_LEVELS, int(row["gamma_domain"])),
    )


def _words_of(levels: tuple[Level, ...], gamma: int) -> str:
    # Splink counts the levels down to 0 and says -1 where one side is null.
    return "not known of both" if gamma < 0 else levels[len(levels) - 1 - gamma].words
