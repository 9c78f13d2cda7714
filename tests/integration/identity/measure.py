"""Links against the truth: how many are right, how many are there."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow.parquet as pq

from tests.integration.combinations.company import rows
from tests.integration.identity.traps import Key, Trap
from warehouse.database import Role, Warehouse

OBJECTS = {"organizations": "organization", "engage": "user", "customers": "customer"}
OBJECTS |= {"Account": "Account"}


@dataclass(frozen=True)
class Quality:
    """Precision and recall of links; `wrong` lists the records linked to a false account."""

    precision: float
    recall: float
    wrong: list[Key]
    missed: list[Key]


def set_traps(warehouse: Warehouse, traps: list[Trap]) -> None:
    """Add the traps' records to the raw tables."""
    with warehouse.connect(Role.LOADER) as connection:
        for trap in traps:
            for source, stream, record in trap.rows:
                table = f'"{warehouse.schema(f"raw_{source}")}"."{stream}"'
                stamped = record | {
                    "_airbyte_raw_id": f"trap-{len(orjson.dumps(record))}",
                    "_airbyte_extracted_at": "2026-06-30T23:00:00Z",
                    "_airbyte_meta": {"changes": [], "sync_id": 0},
                    "_airbyte_generation_id": 0,
                }
                connection.execute(
                    f"insert into {table} select * from jsonb_populate_record(null::{table}, %s)",
                    (orjson.dumps(stamped).decode(),),
                )
        connection.commit()


def read_truth(path: Path) -> dict[Key, str]:
    """Return the Salesforce account of each record of the synthetic company."""
    return {
        (row["source"], OBJECTS[row["source_object"]], row["source_id"]): row[
            "salesforce_account_id"
        ]
        for row in pq.read_table(path).to_pylist()
    }


def read_links(warehouse: Warehouse) -> dict[Key, tuple[str, str, str]]:
    """Return each record's account, by the CRM's id, with the rule and its evidence."""
    found = rows(
        warehouse,
        """
        select link.source, link.source_object, link.source_id, account.anchor_source_id,
            link.match_rule, link.evidence
        from {marts}.account_source_link as link
        inner join {marts}.dim_account as account using (account_id)
        """,
    )
    return {(s, o, i): (account, rule, evidence) for s, o, i, account, rule, evidence in found}


def quality(links: dict[Key, tuple[str, str, str]], truth: dict[Key, str]) -> Quality:
    """Compare links with the truth, over the records that the truth knows."""
    linked = {key: links[key][0] for key in truth if key in links}
    wrong = [key for key, account in linked.items() if account != truth[key]]
    return Quality(
        precision=1 - len(wrong) / max(len(linked), 1),
        recall=(len(linked) - len(wrong)) / len(truth),
        wrong=wrong,
        missed=[key for key in truth if key not in linked],
    )
