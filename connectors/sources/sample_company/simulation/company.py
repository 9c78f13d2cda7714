"""The whole company: runs every part in order and writes it to a folder."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.sources.sample_company import END_DATE
from connectors.sources.sample_company.config import WorldConfig
from connectors.sources.sample_company.simulation.activities import Activities
from connectors.sources.sample_company.simulation.billing import BillingSystem, customer_id
from connectors.sources.sample_company.simulation.contracts import Contracts, ContractSimulation
from connectors.sources.sample_company.simulation.crm import Crm
from connectors.sources.sample_company.simulation.desk import Desk
from connectors.sources.sample_company.simulation.hazards import make_hazards
from connectors.sources.sample_company.simulation.latent import make_latent
from connectors.sources.sample_company.simulation.oracle import hazards_table
from connectors.sources.sample_company.simulation.people import make_people
from connectors.sources.sample_company.simulation.profiles import write_profiles
from connectors.sources.sample_company.simulation.records import RecordFile
from connectors.sources.sample_company.simulation.timeline import make_timeline
from connectors.sources.sample_company.simulation.usage import UsageSimulation
from connectors.sources.sample_company.simulation.world import World, make_world

PRICE_RISE_AT = 0.375
"""Share of the history after which prices rise."""


class Company:
    """One simulated company.

    Parameters
    ----------
    config : WorldConfig
        Size and seed; the same ones give the same company to the byte.
    log : callable
        Takes one line of progress.
    """

    def __init__(self, config: WorldConfig, log: Callable[[str], None] = lambda _: None) -> None:
        self.config, self.log = config, log
        seed = config.seed
        self.timeline = make_timeline(END_DATE, config.months)
        span = self.timeline.end_day - self.timeline.start_day
        self.rise_day = self.timeline.start_day + int(PRICE_RISE_AT * span)
        self.world: World = make_world(config.accounts, seed, self.timeline, self.rise_day)
        self.latent = make_latent(self.world, seed, self.timeline)
        self.hazards = make_hazards(self.world, self.latent, self.timeline, self.rise_day)
        contracts = ContractSimulation(
            self.world, self.latent, self.hazards, self.timeline, self.rise_day, seed
        )
        self.contracts: Contracts = contracts.run()
        self.people = make_people(self.world, self.contracts, seed)

    def write(self, folder: Path) -> dict[str, int]:
        """Write every stream, the hazards and the truth; returns records by stream."""
        counts = self._write_crm(folder / "salesforce")
        self.log("CRM records written")
        parts = (self.world, self.latent, self.contracts, self.people, self.timeline)
        billing = BillingSystem(*parts, self.rise_day, self.config.seed)
        counts |= billing.write(_made(folder / "stripe"))
        self.log("billing records written")
        desk = Desk(*parts, self.config.seed)
        counts |= desk.write(_made(folder / "zendesk"))
        self.log("support records written")
        usage = UsageSimulation(*parts, self.config.seed)
        counts |= self._write_usage(_made(folder / "mixpanel"), usage)
        self.log("product events written")
        self._write_hazards(folder / "hazards.parquet")
        self._write_truth(folder / "truth.parquet", billing, desk, usage)
        return counts

    def _write_crm(self, folder: Path) -> dict[str, int]:
        _made(folder)
        crm = Crm(self.world, self.latent, self.contracts, self.people, self.timeline, self._seed)
        crm.build()
        activities = Activities(crm, self._seed)
        activities.build()
        rng = np.random.default_rng([self._seed, 11])
        streams = crm.streams | activities.streams
        return {name: stream.write(folder, rng, False) for name, stream in streams.items()}

    @property
    def _seed(self) -> int:
        return self.config.seed

    def _write_usage(self, folder: Path, usage: UsageSimulation) -> dict[str, int]:
        file = RecordFile(folder / "export.parquet")
        for cursor, lines in usage.weeks():
            file.write(cursor, lines)
        file.close()
        return {"export": file.count, "engage": write_profiles(folder, usage, self._seed)}

    def _write_hazards(self, path: Path) -> None:
        batches = hazards_table(
            self.world, self.latent, self.hazards, self.contracts, self.timeline
        )
        _write_table(path, batches)

    def _write_truth(
        self, path: Path, billing: BillingSystem, desk: Desk, usage: UsageSimulation
    ) -> None:
        """Write which vendor record belongs to which account, and whether it says so itself."""
        ids = self.world.account_ids()
        rows: list[tuple[str, str, str, str, bool]] = []
        for account in range(self.world.count):
            master = int(self.world.master[account])
            owner = ids[master] if master >= 0 else ids[account]
            rows.append(("salesforce", "Account", ids[account], owner, True))
        for account in sorted({one.account for one in self.contracts.subscriptions}):
            explicit = bool(billing.names_account[account])
            rows.append(("stripe", "customers", customer_id(account), ids[account], explicit))
        for account in np.flatnonzero(desk.has_organization).tolist():
            identifier = str(desk.organization_id(account))
            explicit = bool(desk.is_explicit[account])
            rows.append(("zendesk", "organizations", identifier, ids[account], explicit))
        for person in np.flatnonzero(usage.last_seen >= 0).tolist():
            account = int(self.people.account[person])
            explicit = bool(usage.names_company[account])
            name = self.people.product_id(person)
            rows.append(("mixpanel", "engage", name, ids[account], explicit))
        names = ("source", "source_object", "source_id", "salesforce_account_id", "is_explicit")
        columns = zip(*rows, strict=True)
        arrays = {name: list(column) for name, column in zip(names, columns, strict=True)}
        _write_table(path, [pa.record_batch(arrays)])


def _write_table(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    writer: pq.ParquetWriter | None = None
    for batch in batches:
        if writer is None:
            writer = pq.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
    if writer is not None:
        writer.close()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_company(folder: Path, config: WorldConfig, log: Callable[[str], None]) -> dict[str, int]:
    """Simulate a company into an empty folder, with its record counts in `counts.json`."""
    counts = Company(config, log).write(folder)
    (folder / "counts.json").write_bytes(orjson.dumps(counts, option=orjson.OPT_INDENT_2))
    return counts
