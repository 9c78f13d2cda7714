"""One interleaving of people's edits, failures and runs, made from a number, and what must hold.

What a person wrote before the copilot last looked is never overwritten against the settings; what
slipped in between is told, by the CRM's history or, where that keeps none, by the write itself if
its run came to the read-back; each row of each run has one state; and where the ledger says
applied, the CRM had at the last look what the warehouse has.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from connectors.destinations.common.apply import apply_plan
from connectors.destinations.common.fields import BY_COLUMN, Value
from connectors.destinations.common.ledger import Ledger
from connectors.destinations.common.plan import make_plan
from connectors.destinations.common.plans import Plans
from tests.integration.publish.memory_crm import Fault, Killed, MemoryCrm, Overwrite
from tests.integration.publish.outbound import AS_OF, ledger_rows, set_outbound
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import BrakeSettings, PublishSettings, Settings

COLUMNS = ("health_score", "next_action", "renewal_date", "as_of_date")
RECORDS = ("r1", "r2", "r3", "r4", "r5")
_FAULTS: tuple[Fault, ...] = (
    "kill_before",
    "kill_after",
    "lost_before",
    "lost_after",
    "refuse",
    "quota",
)
_MOST_REQUESTS = 9


@dataclass
class Interleaving:
    """What happens, and what was seen of it.

    Parameters
    ----------
    seed : int
        Everything follows from it.
    """

    seed: int
    run_ids: list[str] = field(default_factory=list)
    edits: int = 0
    faults: int = 0
    problems: list[str] = field(default_factory=list)

    def play(self, warehouse: Warehouse, settings: Settings) -> "Interleaving":
        """Let it happen, run by run, and one more run in peace; note each broken promise."""
        rng = random.Random(self.seed)
        chosen = _settings(rng, settings)
        keeps_history = rng.random() < 0.5
        crm = MemoryCrm({record_id: {} for record_id in RECORDS}, keeps_history=keeps_history)
        number = 0
        for number in range(rng.randint(2, 4)):
            set_outbound(warehouse, list(_outbound(rng)))
            self._disturb(rng, crm)
            self._run(warehouse, chosen, crm, f"{self.seed}-{number}")
        crm.faults, crm.before = {}, lambda _: None
        self._run(warehouse, chosen, crm, f"{self.seed}-{number + 1}")
        self._run(warehouse, chosen, crm, f"{self.seed}-{number + 2}")
        self._check_states(warehouse)
        self._check_end(warehouse, chosen, crm)
        return self

    def _disturb(self, rng: random.Random, crm: MemoryCrm) -> None:
        """Plan at which requests of the next run people edit, and at which it fails."""
        start = crm.requests
        crm.faults = {}
        if rng.random() < 0.6:
            crm.faults[start + rng.randrange(_MOST_REQUESTS)] = rng.choice(_FAULTS)
            self.faults += 1
        moments: dict[int, list[tuple[str, str, Value]]] = {}
        for _ in range(rng.randrange(4)):
            self.edits += 1
            column = rng.choice(COLUMNS[:3])
            value = _value(column, 1000 + self.edits)
            moment = start + rng.randrange(_MOST_REQUESTS)
            moments.setdefault(moment, []).append((rng.choice(RECORDS), column, value))

        def before(number: int) -> None:
            for record_id, column, value in moments.get(number, []):
                crm.edit(record_id, column, value)

        crm.before = before

    def _run(self, warehouse: Warehouse, settings: Settings, crm: MemoryCrm, run_id: str) -> None:
        self.run_ids.append(run_id)
        crm.overwrites.clear()
        try:
            plan = make_plan(crm, warehouse, settings, AS_OF)
            Plans(Ledger(warehouse, crm.name, crm.object_name)).save(plan, "run")
            apply_plan(crm, warehouse, settings, plan, run_id)
        except Killed:
            self._killed(crm)
            return
        except CopilotError:
            pass
        self._check_overwrites(warehouse, settings, crm, run_id)
        self._check_applied(warehouse, crm, run_id)

    def _killed(self, crm: MemoryCrm) -> None:
        """The edits that it overwrote are told by the run after it, as far as that can know."""
        crm.pending = [
            *crm.pending,
            *(item for item in crm.overwrites if item.was_seen or crm.keeps_history),
        ]

    def _check_overwrites(
        self, warehouse: Warehouse, settings: Settings, crm: MemoryCrm, run_id: str
    ) -> None:
        told = " ".join(
            str(row["message"]) for row in ledger_rows(warehouse) if row["run_id"] in self.run_ids
        )
        ledger = Ledger(warehouse, crm.name, crm.object_name)
        unknown = {intent.record_id for intent in ledger.open_intents()}  # not read back yet
        waiting: list[Overwrite] = []
        for item in [*crm.pending, *crm.overwrites]:
            policy = settings.publish.edited.get(item.column, settings.publish.edited["default"])
            if item.was_seen and policy == "keep":
                self.problems.append(f"{self.seed}: {run_id} overwrote {item}")
            elif item.record_id in unknown:
                if item.was_seen or crm.keeps_history:  # what the write found went with its answer
                    waiting.append(item)
            elif _told(item) not in told:
                self.problems.append(f"{self.seed}: {run_id} did not tell of {item}")
        crm.pending = waiting

    def _check_applied(self, warehouse: Warehouse, crm: MemoryCrm, run_id: str) -> None:
        for row in ledger_rows(warehouse):
            if row["run_id"] != run_id or row["state"] != "applied":
                continue
            for column, change in row["fields"].items():
                there = crm.seen[row["record_id"]].get(column)
                if change.get("edited") != "kept" and there != change["new"]:
                    self.problems.append(
                        f"{self.seed}: {run_id} says applied, {row['record_id']}.{column} is"
                        f" {there}, not {change['new']}"
                    )

    def _check_states(self, warehouse: Warehouse) -> None:
        """Every run that came to a plan has each of its rows once, also the killed ones."""
        found: dict[str, list[str]] = {}
        for row in ledger_rows(warehouse):
            if row["run_id"] in self.run_ids:
                found.setdefault(row["run_id"], []).append(row["record_id"])
                if row["state"] == "unknown":
                    self.problems.append(f"{self.seed}: {row['run_id']} stays unknown")
        for run_id, records in found.items():
            if sorted(records) != sorted(RECORDS):
                self.problems.append(f"{self.seed}: {run_id} has {records}")

    def _check_end(self, warehouse: Warehouse, settings: Settings, crm: MemoryCrm) -> None:
        """In peace everything arrives, but for what people wrote and the settings keep."""
        for record_id, wanted in outbound_values(warehouse).items():
            for column in COLUMNS:
                there = crm.records[record_id].get(column)
                keeps = settings.publish.edited.get(column, settings.publish.edited["default"])
                is_kept = keeps == "keep" and crm.authors.get((record_id, column)) == "person"
                is_full = wanted[column] is None and settings.publish.nulls["default"] == "keep"
                if there != wanted[column] and not is_kept and not is_full:
                    self.problems.append(
                        f"{self.seed}: in the end {record_id}.{column} is {there}, not"
                        f" {wanted[column]}"
                    )


def _told(item: Overwrite) -> str:
    value = "(empty)" if item.value is None else str(item.value)
    return f"{item.column}: a person wrote {value}"


def _settings(rng: random.Random, settings: Settings) -> Settings:
    publish = PublishSettings(
        edited={
            "default": rng.choice(("keep", "overwrite")),
            COLUMNS[0]: rng.choice(("keep", "overwrite")),
            COLUMNS[3]: "overwrite",
        },
        nulls={"default": rng.choice(("clear", "keep"))},
        brake=BrakeSettings(rows=100),
    )
    return settings.model_copy(update={"publish": publish})


def _outbound(rng: random.Random) -> Iterator[dict[str, Any]]:
    for record_id in RECORDS:
        row: dict[str, Any] = {"salesforce_id": record_id, "as_of_date": AS_OF}
        for column in COLUMNS[:3]:
            row[column] = None if rng.random() < 0.2 else _value(column, rng.randrange(6))
        yield row


def _value(column: str, number: int) -> Value:
    """Return a value that only this number stands for, in its normal form."""
    if column == "renewal_date":
        return (dt.date(2026, 1, 1) + dt.timedelta(days=number)).isoformat()
    return BY_COLUMN[column].normal(number)


def outbound_values(warehouse: Warehouse) -> dict[str, dict[str, Value]]:
    """Return the outbound rows as they compare."""
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    table = sql.Identifier(warehouse.schema("publish"), "sync_salesforce_account")
    with warehouse.connect() as connection:
        rows = connection.execute(
            sql.SQL("select salesforce_id, {} from {}").format(names, table)
        ).fetchall()
    return {
        str(record_id): {
            column: BY_COLUMN[column].normal(value)
            for column, value in zip(COLUMNS, values, strict=True)
        }
        for record_id, *values in rows
    }
