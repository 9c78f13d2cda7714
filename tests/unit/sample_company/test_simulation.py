"""The same seed gives the same company; its churn can be foretold as well as intended."""

import datetime as dt
import hashlib
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from connectors.sources.sample_company import END_DATE, config
from connectors.sources.sample_company.config import WorldConfig
from connectors.sources.sample_company.simulation.company import Company, write_company
from connectors.sources.sample_company.simulation.oracle import (
    auc,
    churn_probability,
    churned_within_horizon,
    second_year,
)
from connectors.sources.sample_company.simulation.records import RecordFile
from connectors.sources.sample_company.simulation.timeline import add_months
from tests.unit.sample_company.conftest import SMALL


def digest(folder: Path) -> str:
    text = hashlib.sha256()
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path)
        text.update(path.name.encode())
        for column in table.columns:
            for value in column.to_pylist():
                text.update(repr(value).encode())
    return text.hexdigest()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_company(folder, WorldConfig(100, 12, 5), lambda _: None)
    return folder


def test_the_same_seed_gives_the_same_records_to_the_byte(tiny: Path, tmp_path: Path) -> None:
    write_company(tmp_path, WorldConfig(100, 12, 5), lambda _: None)
    assert digest(tmp_path) == digest(tiny)


def test_another_seed_gives_another_company(tiny: Path, tmp_path: Path) -> None:
    write_company(tmp_path, WorldConfig(100, 12, 6), lambda _: None)
    assert digest(tmp_path) != digest(tiny)


def test_settings_and_code_name_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SMALL.digest() == WorldConfig(120, 12, 3).digest()
    others = {WorldConfig(121, 12, 3), WorldConfig(120, 13, 3), WorldConfig(120, 12, 4)}
    assert SMALL.digest() not in {other.digest() for other in others}
    before = SMALL.digest()
    shutil.copytree(config._PACKAGE, tmp_path / "package")
    with (tmp_path / "package/simulation/latent.py").open("a") as file:
        file.write("# changed")
    monkeypatch.setattr(config, "_PACKAGE", tmp_path / "package")
    assert SMALL.digest() != before


def oracle_auc(seed: int) -> tuple[float, int, float, float]:
    company = Company(WorldConfig(1000, 24, seed))
    parts = (company.world, company.latent, company.hazards, company.contracts, company.timeline)
    probability = churn_probability(*parts)
    outcome = churned_within_horizon(company.contracts, company.world, company.timeline)
    seen = company.contracts.is_paying & (outcome >= 0)
    seen &= second_year(company.timeline)[:, None]
    churns = sum(len(days) for days in company.contracts.lost_on(1000))
    truth, score = outcome[seen], probability[seen]
    return auc(truth, score), churns, float(truth.mean()), float(score.mean())


def test_an_oracle_foretells_churn_neither_perfectly_nor_badly() -> None:
    results = [oracle_auc(seed) for seed in (7, 8, 9)]
    mean = float(np.mean([result[0] for result in results]))
    assert 0.75 <= mean <= 0.85
    assert all(churns > 100 for _, churns, _, _ in results)
    truth = np.mean([result[2] for result in results])
    said = np.mean([result[3] for result in results])
    assert said == pytest.approx(truth, rel=0.25)


def test_auc_of_known_rankings() -> None:
    truth = np.array([0, 0, 1, 1])
    assert auc(truth, np.array([0.1, 0.2, 0.3, 0.4])) == 1.0
    assert auc(truth, np.array([0.4, 0.3, 0.2, 0.1])) == 0.0
    assert auc(truth, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5


def test_a_comeback_within_the_grace_gap_is_no_churn() -> None:
    company = Company(WorldConfig(1000, 24, 7))
    chains: dict[int, list[tuple[int, int]]] = {}
    for one in company.contracts.subscriptions:
        chains.setdefault(one.account, []).append((one.start, one.end))
    lost = company.contracts.lost_on(1000)
    gaps = [
        (account, first[1], second[0] - first[1])
        for account, chain in chains.items()
        for first, second in pairwise(chain)
    ]
    short = [gap for gap in gaps if gap[2] <= 30]
    long = [gap for gap in gaps if gap[2] > 30]
    assert short, "the company should hold an interruption shorter than the grace gap"
    assert long, "the company should hold a reactivation"
    assert all(day not in lost[account] for account, day, _ in short)
    assert all(day in lost[account] for account, day, _ in long)


def test_billing_months_keep_the_day_or_take_the_months_last() -> None:
    anchor = np.array([31, 59])  # 1970-02-01 and 1970-03-01
    assert add_months(anchor, np.array([1, 12])).tolist() == [59, 424]
    end_of_january = np.array([30])
    assert add_months(end_of_january, np.array([1])).tolist() == [58]
    assert add_months(end_of_january, np.array([2])).tolist() == [89]


def test_hazards_lie_beside_the_records_with_one_row_an_account_and_monday(company: Path) -> None:
    rows = pq.read_table(company / "hazards.parquet").to_pylist()
    keys = {(row["salesforce_account_id"], row["date"]) for row in rows}
    assert len(keys) == len(rows)
    assert all(0 <= row["p_churn_90d"] <= 1 for row in rows)
    assert {day.weekday() for _, day in keys} == {0}
    known_until = END_DATE - dt.timedelta(days=90 + 30)
    assert all((row["churned_90d"] is None) == (row["date"] > known_until) for row in rows)


def test_long_streams_are_stored_in_pieces_of_a_checkpoint(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "long.parquet")
    file.write(np.arange(25_000), [b"{}"] * 25_000)
    file.close()
    with pq.ParquetFile(tmp_path / "long.parquet") as stored:
        sizes = [stored.metadata.row_group(i).num_rows for i in range(stored.num_row_groups)]
    assert sizes == [10_000, 10_000, 5_000]
