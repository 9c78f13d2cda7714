"""One customer's score made anew: milliseconds of 1,000 calls, beside a bare indexed select.

    .venv/bin/python -m benchmarks.score_on_demand [--accounts 1000] [--weeks 104]

A synthetic company is put into tables with the indexes of the real ones, trained on and scored.
Then customers drawn at random are scored one by one in this process: by the model that was trained,
by a boosting model, and by the rule. Each call is followed by a bare select of the customer's row
of features, so that both meet the same machine.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from psycopg import sql

from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.churn.ondemand import Scorer
from ml.churn.schema import SPEC
from ml.common.estimator import BOOSTING
from ml.common.model import fit
from ml.common.warm import WarmModel
from tests.integration.test_ml_scores import TABLES, load
from tests.unit.ml.worlds import company
from warehouse.database import Role, Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.migrations import migrate
from warehouse.settings import Settings

CALLS = 1_000
INDEXED = ("ftr_account_snapshot", "fct_account_health", "fct_account_health_measure")


def make_indexes(warehouse: Warehouse) -> None:
    """Add the indexes that dbt makes on the real tables."""
    with warehouse.connect(Role.TRANSFORMER) as connection:
        for schema, name in TABLES:
            table = sql.Identifier(warehouse.schema(schema), name)
            if name in INDEXED:
                statement = sql.SQL("create index on {} (as_of_date, account_id)")
                connection.execute(statement.format(table))
            connection.execute(sql.SQL("analyze {}").format(table))


def boosted(frame: pd.DataFrame) -> WarmModel:
    """Return a boosting model of a company, of the size that training makes."""
    label = frame["is_churned"].to_numpy(dtype=float)
    cluster = np.unique(frame["account_id"], return_inverse=True)[1]
    return WarmModel.of(fit(frame, label, cluster, SPEC.features, BOOSTING, 13.0))


def measure(scorer: Scorer, accounts: list[str], warehouse: Warehouse) -> None:
    """Print how long scores and bare selects of the same customers took."""
    table = sql.Identifier(warehouse.schema("features"), "ftr_account_snapshot")
    statement = sql.SQL("select * from {} where account_id = %s and as_of_date = %s").format(table)
    scores, selects = [], []
    with warehouse.connect(Role.SCIENTIST) as connection:
        connection.autocommit = True
        for account in accounts:
            start = time.perf_counter()
            scorer.score_account(account)
            between = time.perf_counter()
            connection.execute(statement, (account, scorer.as_of_date)).fetchone()
            scores.append(between - start)
            selects.append(time.perf_counter() - between)
    for name, taken in (("score", scores), ("bare select", selects)):
        median, slow = 1000 * np.quantile(taken, [0.5, 0.99])
        print(f"  {name:<12} median {median:6.2f} ms   99th percentile {slow:6.2f} ms")
    print(f"  ratio of the medians {np.median(scores) / np.median(selects):.1f}")


def main() -> None:
    """Prepare a company and measure all three ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--weeks", type=int, default=104)
    arguments = parser.parse_args()
    settings = Settings(company_name="Benchmark (synthetic)", sources=["app"])
    home = Path(tempfile.mkdtemp(prefix="copilot-benchmark-"))
    os.environ["COPILOT_HOME"] = str(home)
    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        frame = company(accounts=arguments.accounts, weeks=arguments.weeks, weekly_log_odds=-8.0)
        day = load(warehouse, frame)
        make_indexes(warehouse)
        run = churn_train.train(warehouse, settings, day)
        customers = churn_score.score(warehouse, settings, day).published
        print(f"{len(frame):,} snapshots, {customers:,} customers of the last day")
        print(run.verdict_reason)
        drawn = np.random.default_rng(1).choice(
            frame.loc[frame["as_of_date"] == pd.Timestamp(day), "account_id"].to_numpy(), CALLS
        )
        with Scorer(warehouse, settings) as scorer:
            ways = {"the trained model": scorer.model, "boosting": boosted(frame), "the rule": None}
            for name, model in ways.items():
                scorer.model = model
                print(f"{CALLS:,} calls by {name}")
                measure(scorer, drawn.tolist(), warehouse)
    finally:
        warehouse.dispose()
        EmbeddedServer(home).stop()


if __name__ == "__main__":
    main()
