"""How well somebody who saw the hidden causes would foretell churn: AUC over seeds.

Usage: python benchmarks/sample_company_oracle.py [SEEDS] [ACCOUNTS]
The mean has to lie between 0.75 and 0.85 at the default size (1,000 accounts).
"""

import sys

import numpy as np

from connectors.sources.sample_company.config import WorldConfig
from connectors.sources.sample_company.simulation.company import Company
from connectors.sources.sample_company.simulation.oracle import (
    auc,
    churn_probability,
    churned_within_horizon,
    second_year,
)


def measure(seed: int, accounts: int) -> float:
    company = Company(WorldConfig(accounts=accounts, seed=seed))
    parts = (company.world, company.latent, company.hazards, company.contracts, company.timeline)
    probability = churn_probability(*parts)
    outcome = churned_within_horizon(company.contracts, company.world, company.timeline)
    paying = company.contracts.is_paying
    seen = paying & (outcome >= 0) & second_year(company.timeline)[:, None]
    area = auc(outcome[seen], probability[seen])
    churns = sum(len(days) for days in company.contracts.lost_on(accounts))
    rate = churns / max(int(paying.sum()), 1) * 52
    print(
        f"seed {seed:3d}  AUC {area:.3f}  churns {churns:6d}  a year {rate:.1%}  "
        f"base rate {outcome[seen].mean():.4f}  mean probability {probability[seen].mean():.4f}  "
        f"paying at the end {int(paying[-1].sum())}",
        flush=True,
    )
    return area


def main() -> int:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    accounts = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    areas = [measure(seed, accounts) for seed in range(seeds)]
    mean = float(np.mean(areas))
    print(f"mean AUC {mean:.3f}, from {min(areas):.3f} to {max(areas):.3f} over {seeds} seeds")
    return 0 if 0.75 <= mean <= 0.85 else 1


if __name__ == "__main__":
    sys.exit(main())
