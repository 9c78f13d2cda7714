"""What dbt is told: connection, role and variables, all from the settings."""

import datetime as dt
import json
import os
from pathlib import Path

from sqlalchemy.engine import make_url

from warehouse.clock import resolve_as_of
from warehouse.database import Role, Warehouse, application_name
from warehouse.health_rules import load_health_rules
from warehouse.settings import PROJECT_ROOT, Settings, copilot_home

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


def dbt_environment(warehouse: Warehouse) -> dict[str, str]:
    """Return the environment variables that `profiles.yml` reads.

    The password goes under a ``DBT_ENV_SECRET_`` name, which dbt masks in its logs.
    """
    url = make_url(warehouse.url())
    return {
        "COPILOT_DBT_HOST": url.host or "127.0.0.1",
        "COPILOT_DBT_PORT": str(url.port or 5432),
        "COPILOT_DBT_USER": url.username or "",
        "DBT_ENV_SECRET_COPILOT_PASSWORD": url.password or "",
        "COPILOT_DBT_DATABASE": url.database or "",
        "COPILOT_DBT_ROLE": warehouse.acting_role(Role.TRANSFORMER) or "",
        "COPILOT_DBT_SCHEMA_PREFIX": warehouse.schema_prefix,
        "COPILOT_DBT_APPLICATION": f"{application_name(warehouse.schema_prefix)}:dbt",
        "DBT_TARGET_PATH": str(dbt_target_path()),
        "DBT_LOG_PATH": str(copilot_home() / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        # Every line of debugging would take a tenth of the time; SQL stands in the target folder.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # A test runs with the step that builds all its parents.
        "DBT_INDIRECT_SELECTION": "buildable",
    }


def dbt_target_path() -> Path:
    """Return where dbt builds keep their state and compiled SQL."""
    return copilot_home() / "dbt" / "target"


def dbt_vars(settings: Settings, as_of: dt.date) -> dict[str, object]:
    """Return dbt's variables for one run."""
    return {
        "sources": list(settings.sources),
        "crm": settings.crm,
        "company_name": settings.company_name,
        "is_synthetic": settings.sample_company or "synthetic" in settings.company_name.lower(),
        "as_of_date": as_of.isoformat(),
        # The attributes of today say nothing about a past date.
        "takes_snapshots": as_of >= resolve_as_of(settings),
        "reporting_timezone": settings.reporting_timezone,
        "reporting_currency": settings.reporting_currency,
        "alert_severities": settings.alerts.severities(),
        "health": load_health_rules(settings.health_file).as_var(),
        "horizon_days": settings.churn.horizon_days,
        "grace_days": settings.churn.grace_days,
        "churn_from": settings.churn.taken_from,
        "history_from": str(settings.value.history_from or ""),
        "task_playbooks": settings.tasks.playbooks,
        "task_due_days": settings.tasks.due_in_days,
        "schema_prefix": settings.schema_prefix,
        "reports_base_url": settings.reports.base_url.rstrip("/"),
    }


def dbt_arguments(settings: Settings, as_of: dt.date) -> list[str]:
    """Return the command-line arguments every dbt command gets."""
    return ["--project-dir", str(DBT_PROJECT), "--vars", json.dumps(dbt_vars(settings, as_of))]


def with_dbt_environment(warehouse: Warehouse) -> dict[str, str]:
    """Return this process's environment plus `dbt_environment`."""
    return {**os.environ, **dbt_environment(warehouse)}
