"""Suggest accounts for records that no rule could match, for somebody to decide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

from ml.common.frames import Reader
from ml.identity.model import Pair, Party, likely_pairs
from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_A_RECORD = 5
"""So many accounts are suggested for one record at most."""
_COLUMNS = (
    "source", "source_object", "source_id", "account_id", "record_name", "account_name",
    "probability", "evidence", "suggested_at",
)  # fmt: skip


@dataclass(frozen=True)
class Suggested:
    """What a run found.

    Parameters
    ----------
    records
        Unmatched records that have a name.
    accounts
        Accounts they were compared with.
    suggestions
        Rows in ``ops.account_link_suggestion`` now.
    suggested_records
        Records that have a suggestion at least.
    """

    records: int
    accounts: int
    suggestions: int
    suggested_records: int


def suggest(warehouse: Warehouse) -> Suggested:
    """Compare unmatched records with the accounts and replace all suggestions by what is found.

    Nothing else is written, and no linking model reads the table. The same marts give the same
    suggestions.

    Raises
    ------
    CopilotError
        The marts were not built yet.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        records = _read(
            reader,
            "unmatched_account_record",
            ("account_source_link_id", "account_name", "domain", "is_own_domain", "source",
             "source_object", "source_id", "reason"),
        )  # fmt: skip
        accounts = _read(
            reader, "dim_account", ("account_id", "account_name", "domain", "country", "is_deleted")
        )
        pairs = list(_best(likely_pairs(_record_parties(records), _account_parties(accounts))))
        _replace(reader, pairs, records, accounts)
        connection.commit()
    return Suggested(
        records=len(records),
        accounts=len(accounts),
        suggestions=len(pairs),
        suggested_records=len({pair.record for pair in pairs}),
    )


def _read(reader: Reader, table: str, columns: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the rows that have a name, by the first column."""
    reader.columns("marts", table)
    statement = sql.SQL(
        "select {} from {} where nullif(trim(account_name), '') is not null"
    ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), reader.table("marts", table))
    rows = reader.connection.execute(statement).fetchall()
    return {str(row[0]): dict(zip(columns, row, strict=True)) for row in rows}


def _record_parties(records: dict[str, dict[str, Any]]) -> list[Party]:
    return [
        Party(key, row["account_name"], row["domain"] if row["is_own_domain"] else None)
        for key, row in records.items()
    ]


def _account_parties(accounts: dict[str, dict[str, Any]]) -> list[Party]:
    return [Party(key, row["account_name"], row["domain"]) for key, row in accounts.items()]


def _best(pairs: list[Pair]) -> Iterator[Pair]:
    for _, of_record in groupby(pairs, key=lambda pair: pair.record):
        yield from list(of_record)[:MOST_A_RECORD]


def _replace(
    reader: Reader,
    pairs: list[Pair],
    records: dict[str, dict[str, Any]],
    accounts: dict[str, dict[str, Any]],
) -> None:
    table = reader.table("ops", "account_link_suggestion")
    now = utc_now()
    reader.connection.execute(sql.SQL("delete from {}").format(table))
    rows = []
    for pair in pairs:
        record, account = records[pair.record], accounts[pair.account]
        rows.append(
            (
                record["source"], record["source_object"], record["source_id"], pair.account,
                record["account_name"], account["account_name"], pair.probability,
                Jsonb(_evidence(pair, record, account)), now,
            )
        )  # fmt: skip
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        table,
        sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)),
        sql.SQL(", ").join([sql.Placeholder()] * len(_COLUMNS)),
    )
    with reader.connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _evidence(pair: Pair, record: dict[str, Any], account: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": pair.name,
        "domain": pair.domain,
        "record_domain": record["domain"],
        "account_domain": account["domain"],
        "account_country": account["country"],
        "account_is_deleted": account["is_deleted"],
        "why_unmatched": record["reason"],
    }
