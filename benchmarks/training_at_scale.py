"""Training and scoring at full size, without the database: a simulated world of 5,000 accounts.

    .venv/bin/python -m benchmarks.training_at_scale [--accounts 5000] [--scored 100000]

Printed are the seconds and peak memory of training (tuning, exam, intervals; 104 weeks, one thread)
against one plain logistic regression on the same rows, and the seconds of scoring (probability,
interval, contributions) against a bare pass of the columns through the transformer.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.worlds import HORIZON, draw_world
from ml.churn.schema import SPEC
from ml.common.features import HEALTH_SCORE
from ml.common.model import fit_columns
from ml.common.training import train_and_judge

LIMITS = {"training": 180.0, "gigabytes": 4.0, "scoring": 30.0}
CHURN_SHARE = 0.12


def main() -> int:
    """Run the benchmark; 1 if a limit is passed."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--scored", type=int, default=100_000)
    chosen = parser.parse_args()
    world = draw_world(1, chosen.accounts, chosen.accounts * CHURN_SHARE, 0.8)
    frame = world.history.frame.assign(**{HEALTH_SCORE.name: -world.history.rule})
    history = replace(world.history, frame=frame)

    started = time.perf_counter()
    judged = train_and_judge(history, SPEC.features, SPEC.words, HORIZON)
    training = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    started = time.perf_counter()
    _, columns = fit_columns(history.frame, SPEC.features)
    LogisticRegression(solver="newton-cholesky").fit(columns, history.label)
    plain = time.perf_counter() - started
    print(
        f"{len(history):,} rows of {chosen.accounts:,} accounts: trained in {training:.1f} s,"
        f" {training / plain:.0f} times one plain fit ({plain:.1f} s); {memory:.2f} GB at most",
        flush=True,
    )
    assert judged.model is not None
    many = world.today.sample(chosen.scored, replace=True, random_state=1).reset_index(drop=True)
    started = time.perf_counter()
    passed = judged.model.transform(many)
    bare = time.perf_counter() - started
    started = time.perf_counter()
    judged.model.probability(many)
    judged.model.interval(many)
    judged.model.contributions(many)
    scoring = time.perf_counter() - started
    print(
        f"{len(passed):,} accounts scored in {scoring:.1f} s, {scoring / bare:.1f} times a bare"
        f" pass through the transformer; AUC on unseen days {judged.measures['auc'].value:.3f},"
        f" oracle {world.oracle_auc:.3f}, mean expected {np.mean(world.expected):.4f}"
    )
    kept = training <= LIMITS["training"] and memory <= LIMITS["gigabytes"]
    return 0 if kept and scoring <= LIMITS["scoring"] else 1


if __name__ == "__main__":
    sys.exit(main())
