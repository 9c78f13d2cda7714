"""The gate on a company that somebody else made up: closed, and the report says why, twice.

    .venv/bin/python -m benchmarks.ravenstack

First with churn as its subscriptions tell it: hardly anybody leaves, so there is nothing to learn
from. Then with churn as its list of churn events tells it, by the setting `churn.taken_from`: there
are plenty, but nothing in the data tells them apart.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.company import Company
from tests.dbt import dbt
from warehouse.settings import PROJECT_ROOT, load_settings

EXAMPLE = PROJECT_ROOT / "examples" / "ravenstack"
TOLD = """
    select model.verdict, model.verdict_reason, metric.metric_value, metric.value_low,
        metric.value_high
    from marts.rpt_model as model
    left join marts.rpt_model_metric as metric
        on model.model_name = metric.model_name
        and metric.metric = 'auc' and metric.judged = 'model'
    where model.model_name = 'churn'
"""


def told(company: Company, target: Path) -> tuple[str, str, float | None, float | None]:
    """Build, train, and return what the report says: verdict, reason and the AUC's interval."""
    company.copilot("build")
    company.copilot("train")
    warehouse = company.warehouse()
    try:
        settings = load_settings(company.settings_file)
        assert settings.as_of_date is not None
        dbt(
            warehouse, settings, target, "build", "--exclude-resource-type", "test", "unit_test",
            "--select", "rpt_model", "rpt_model_metric", as_of=settings.as_of_date,
        )  # fmt: skip
        with warehouse.connect() as connection:
            row = connection.execute(TOLD.encode()).fetchone()
    finally:
        warehouse.dispose()
    assert row is not None
    verdict, reason, auc, low, high = row
    print(f"  published: the {verdict}\n  {reason}")
    if auc is not None:
        print(f"  AUC {auc:.3f}, between {low:.3f} and {high:.3f}")
    return verdict, reason, low, high


def main() -> int:
    """Return 0 if the gate is closed both times for the reason it should be closed for."""
    home = Path(tempfile.mkdtemp(prefix="copilot-benchmark-"))
    files = home / "own"
    subprocess.run([sys.executable, EXAMPLE / "to_contract.py", files], check=True)
    settings = (EXAMPLE / "copilot.yml").read_text()
    company = Company(home / "company", settings)
    try:
        company.copilot("load", str(files))
        print("churn by subscriptions")
        verdict, reason, _, _ = told(company, home / "dbt")
        is_right = verdict != "model" and "are needed to learn from" in reason
        company.settings_file.write_text(f"{settings}churn: {{taken_from: events}}\n")
        print("churn by its churn events")
        verdict, reason, low, high = told(company, home / "dbt")
        assert low is not None
        assert high is not None
        is_right &= verdict != "model" and "no better than chance" in reason and low <= 0.5 <= high
    finally:
        company.stop()
    print("as it should be" if is_right else "NOT as it should be")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
