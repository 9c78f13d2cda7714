"""How much of what can be known of churn the model knows, on the synthetic company.

    .venv/bin/python -m benchmarks.churn_against_oracle [--accounts 1000] [--seeds 0 1 2 ...]

For each seed, a company's systems are read, its features built with dbt and the churn model trained
as the daily job does. On the rows of the exam (forecasts of days that the model had not seen) its
AUC is compared with that of somebody who sees the hidden causes: (AUC - 0.5) / (oracle's - 0.5).
Printed too are the calibration slope there, the rule score's AUC, and how long training took,
against a bare read of the rows it learns from.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from connectors.sandbox.process import stop
from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.config import WorldConfig
from ml.churn.schema import SPEC
from ml.churn.train import read_labelled
from ml.common import lifecycle, metrics
from ml.common.frames import KEY, Reader
from ml.common.training import Judged, train_and_judge
from tests.dbt import dbt
from tests.integration.combinations.company import company, rows, sync
from warehouse.clock import SAMPLE_END_DATE
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import SampleSettings, copilot_home

SOURCES = ("salesforce", "zendesk", "mixpanel", "stripe")
BUILT = ("+ftr_account_outcome", "+fct_account_health", "+account_source_link")
PROMISED = {1000: 0.75, 5000: 0.85}
SLOPE = (0.8, 1.25)


@dataclass(frozen=True)
class Figures:
    """What one company showed."""

    auc: float
    oracle: float
    rule: float
    slope: float
    events: int
    verdict: str


def measure(accounts: int, seed: int, home: Path) -> Figures:
    """Build one company, train, and compare with the oracle on the exam's rows."""
    sample = SampleSettings(accounts=accounts, seed=seed)
    settings = company(*SOURCES).model_copy(update={"sample": sample})
    server = open_warehouse(settings)
    warehouse = Warehouse(server.url(), "")
    migrate(warehouse, settings)
    sync(warehouse, settings)
    kinds = [word for kind in ("test", "unit_test") for word in ("--exclude-resource-type", kind)]
    dbt(warehouse, settings, home / "dbt", "build", *kinds, "--select", *BUILT)
    with warehouse.connect(Role.SCIENTIST) as connection:
        started = time.perf_counter()
        labelled = read_labelled(Reader(warehouse, connection), settings, SAMPLE_END_DATE)
        reading = time.perf_counter() - started
    data = lifecycle.make_dataset(labelled, "is_churned", -labelled["health_score"], SPEC.features)
    started = time.perf_counter()
    features = lifecycle.covered(data, SPEC.features)
    judged = train_and_judge(data, features, SPEC.words, settings.churn.horizon_days)
    training = time.perf_counter() - started
    known = oracle(warehouse, judged, WorldConfig(accounts, sample.months, seed))
    warehouse.dispose()
    server.dispose()
    print(f"  {len(data):,} rows read in {reading:.1f} s, trained in {training:.1f} s", flush=True)
    undefined = metrics.Estimate(float("nan"), float("nan"), float("nan"))
    return Figures(
        auc=judged.measures["auc"].value,
        oracle=known,
        rule=judged.rule_measures.get("auc", undefined).value,
        slope=judged.measures["calibration_slope"].value,
        events=judged.test.events,
        verdict=judged.verdict.basis,
    )


def oracle(warehouse: Warehouse, judged: Judged, world: WorldConfig) -> float:
    """Return the AUC, on the exam's rows, of the probability that follows from hidden causes."""
    hidden = pq.read_table(
        company_folder(copilot_home() / "sample", world) / "hazards.parquet"
    ).to_pandas()
    links = pd.DataFrame(
        rows(
            warehouse,
            "select source_id, account_id from marts.account_source_link"
            " where source = 'salesforce' and source_object = 'Account'",
        ),
        columns=["salesforce_account_id", "account_id"],
    )
    hidden = hidden.merge(links, on="salesforce_account_id")
    hidden["as_of_date"] = pd.to_datetime(hidden["date"]).astype("datetime64[s]")
    exam = pd.DataFrame(
        {
            "account_id": judged.test.account,
            "as_of_date": judged.test.date.astype("datetime64[s]"),
            "label": judged.test.label,
        }
    )
    both = exam.merge(hidden, on=KEY, how="inner")
    label = both["label"].to_numpy(dtype=np.float64)
    return metrics.auc(label, both["p_churn_90d"].to_numpy(dtype=np.float64), np.ones(len(both)))


def in_a_home(accounts: int, seed: int) -> Figures:
    """Measure one company with a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="copilot-oracle-"))
    home.chmod(0o755)
    os.environ["COPILOT_HOME"] = str(home)
    try:
        found = measure(accounts, seed, home)
    finally:
        stop(home)
        EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)
    share = (found.auc - 0.5) / (found.oracle - 0.5)
    print(
        f"seed {seed}: AUC {found.auc:.3f}, oracle {found.oracle:.3f}, ratio {share:.2f}; rule"
        f" score {found.rule:.3f}; calibration slope {found.slope:.2f}; {found.events} churned"
        f" accounts in the exam; published: {found.verdict}",
        flush=True,
    )
    return found


def main() -> int:
    """Run the benchmark; 1 if the mean is not as promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(20)))
    chosen = parser.parse_args()
    found = [in_a_home(chosen.accounts, seed) for seed in chosen.seeds]
    auc, known = np.mean([one.auc for one in found]), np.mean([one.oracle for one in found])
    slope = float(np.mean([one.slope for one in found]))
    share = float((auc - 0.5) / (known - 0.5))
    print(
        f"mean of {len(found)}: AUC {auc:.3f}, oracle {known:.3f}, ratio {share:.3f};"
        f" calibration slope {slope:.2f};"
        f" published {sum(one.verdict == 'model' for one in found)} times"
    )
    kept = share >= PROMISED.get(chosen.accounts, 0.0) and SLOPE[0] <= slope <= SLOPE[1]
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
