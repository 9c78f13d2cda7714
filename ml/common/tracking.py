"""MLflow on the warehouse's own Postgres: runs, metrics, versions and aliases to look at.

The tables of schema ``ml`` are the truth, and nothing is read back from MLflow: scores do not need
it. What it lacks is brought up to them after each decision, by steps that find what an earlier
attempt has written, so one that was killed is simply done again. Archives stay in
``ml.model_artifact``; MLflow keeps where a version lies.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ml.common import registry, store
from ml.common.frames import Reader
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

SCHEMA = "mlflow"
VERSION_TAG = "copilot.model_version"
NOTE_TAG = "mlflow.note.content"
"""What MLflow shows as a run's description."""
ARCHIVES = "warehouse:ml.model_artifact"
"""Where MLflow says that archives lie; no file system is asked for."""
ALIASES = ("champion", "challenger")
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it would report its use to its makers
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",  # no connection outlives what it was opened for
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
PAGE = 1_000
TEXT_LIMIT = 5_000


def register(warehouse: Warehouse) -> int:
    """Bring MLflow up to what was trained and decided; return the decisions that were new to it.

    Nothing is imported or asked of MLflow where none is. Hold the run lock.

    Raises
    ------
    CopilotError
        MLflow's tables are of another release, or it refuses what is written.
    """
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        pending = _pending(reader)
        if not pending:
            return 0
        runs = store.all_runs(reader)
        names = sorted({run.model_name for run in runs})
        aliases = registry.aliases(reader, names, dt.date.max)
        _write(warehouse, names, runs, aliases)
        statement = sql.SQL(
            "update {} set registered_at = now() where decision_id = any(%s)"
        ).format(reader.table("ml", "model_decision"))
        connection.execute(statement, (pending,))
        connection.commit()
    return len(pending)


def tracking_uri(warehouse: Warehouse) -> str:
    """Return the URI by which MLflow reaches its schema, password and all; never log it."""
    role = warehouse.acting_role(Role.SCIENTIST)
    options = [f"-csearch_path={warehouse.schema(SCHEMA)}", *([f"-crole={role}"] if role else [])]
    url = make_url(warehouse.url()).set(drivername="postgresql+psycopg")
    url = url.update_query_dict({"options": " ".join(options)})
    return url.render_as_string(hide_password=False)


def _pending(reader: Reader) -> list[int]:
    """Return the decisions that MLflow was not told; all of them where it has no tables yet."""
    there = reader.connection.execute(
        "select to_regclass(%s) is not null",
        (f'"{reader.warehouse.schema(SCHEMA)}".registered_models',),
    ).fetchone()
    statement = sql.SQL(
        "select decision_id from {} where registered_at is null or not %s order by 1"
    ).format(reader.table("ml", "model_decision"))
    rows = reader.connection.execute(statement, (bool(there and there[0]),)).fetchall()
    return [row[0] for row in rows]


def _write(
    warehouse: Warehouse, names: list[str], runs: list[store.ModelRun], aliases: Mapping[str, str]
) -> None:
    client = _client(warehouse)
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

    try:
        for name in names:
            mine = [run for run in runs if run.model_name == name]
            versions = _register_runs(client, name, mine)
            _set_aliases(client, name, versions, aliases)
    except MlflowException as error:
        raise CopilotError(
            f"MLflow, in the schema {warehouse.schema(SCHEMA)}, did not take what was trained: "
            f"{error.message}",
            "Scores do not depend on it, and the next run tries again.",
        ) from error


def _client(warehouse: Warehouse) -> MlflowClient:
    os.environ |= _ENVIRONMENT
    from alembic.util import CommandError  # noqa: PLC0415
    from mlflow import db  # noqa: PLC0415 - takes seconds
    from mlflow.tracking import MlflowClient  # noqa: PLC0415

    address = tracking_uri(warehouse)
    try:
        db.upgrade.main([address], standalone_mode=False)
    except CommandError as error:
        raise CopilotError(
            f"The tables in the schema {warehouse.schema(SCHEMA)} are of a newer MLflow than the "
            "copilot's.",
            "Scores do not depend on them. Use that MLflow elsewhere, or drop the schema: the next "
            "run makes it again with everything.",
        ) from error
    except SQLAlchemyError as error:
        raise CopilotError(
            f"MLflow's tables in the schema {warehouse.schema(SCHEMA)} cannot be brought up to "
            f"date ({type(error).__name__}).",
            "Scores do not depend on them, and the next run tries again. If it fails again, drop "
            "the schema: it is made again with everything.",
        ) from error
    return MlflowClient(address)


def _register_runs(client: MlflowClient, name: str, runs: list[store.ModelRun]) -> dict[str, str]:
    """Write what is absent of a model's runs and versions; return MLflow's number by version."""
    experiment = client.get_experiment_by_name(name)
    where = experiment.experiment_id if experiment else client.create_experiment(name, ARCHIVES)
    known = {
        found.data.tags.get(VERSION_TAG): found
        for found in _all(client.search_runs, experiment_ids=[where], run_view_type=3)
    }
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    numbers = {
        found.tags[VERSION_TAG]: str(found.version)
        for found in _all(client.search_model_versions, filter_string=f"name = '{name}'")
        if VERSION_TAG in found.tags
    }
    for run in runs:
        version = run.model_version
        run_id = _record(client, where, run, known.get(version))
        if run.has_model and version not in numbers:
            made = client.create_model_version(
                name,
                f"{ARCHIVES}/{version}",
                run_id,
                tags={VERSION_TAG: version, "verdict": run.verdict, "format": "skops"},
                description=run.verdict_reason[:TEXT_LIMIT],
            )
            numbers[version] = str(made.version)
    return numbers


def _all(search: Any, **arguments: Any) -> Iterator[Any]:
    token = None
    while True:
        page = search(**arguments, max_results=PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _record(client: MlflowClient, experiment_id: str, run: store.ModelRun, found: Any) -> str:
    """Write a training as a run, or finish what was begun; return its id."""
    from mlflow.entities import Metric, Param  # noqa: PLC0415

    moment = int(dt.datetime.combine(run.as_of_date, dt.time(), dt.UTC).timestamp() * 1000)
    if found is None:
        tags = {VERSION_TAG: run.model_version, "verdict": run.verdict}
        tags |= {"verdict_reason": run.verdict_reason[:TEXT_LIMIT], NOTE_TAG: note_of(run)}
        found = client.create_run(experiment_id, moment, tags, run.model_version)
    if found.info.status != "FINISHED":
        client.log_batch(
            found.info.run_id,
            metrics=[Metric(name, value, moment, 0) for name, value in metrics_of(run).items()],
            params=[Param(name, value[:TEXT_LIMIT]) for name, value in params_of(run).items()],
        )
        client.set_terminated(found.info.run_id, "FINISHED", moment)
    return str(found.info.run_id)


def note_of(run: store.ModelRun) -> str:
    """Return the words of a version's card: its limits, and what it must not be used for."""
    parts = (("Limits", "limits"), ("Not to be used", "not_for"))
    lines = [
        line
        for title, key in parts
        for line in (f"{title}:", *(f"- {sentence}" for sentence in run.card.get(key, ())), "")
    ]
    return "\n".join(lines).strip()[:TEXT_LIMIT]


def metrics_of(run: store.ModelRun) -> dict[str, float]:
    """Return a run's figures on held-out days, the model's and (``rule/auc``) the baselines'."""
    tables = {"": run.metrics, **{f"{name}/": one for name, one in run.baseline_metrics.items()}}
    found: dict[str, float] = {}
    for prefix, table in tables.items():
        for name, estimate in table.items():
            if isinstance(estimate, Mapping):
                for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
                    if estimate.get(end) is not None:
                        found[f"{prefix}{name}{suffix}"] = float(estimate[end])
    return found


def params_of(run: store.ModelRun) -> dict[str, str]:
    """Return what a run was made with: its days, counts and parameters, as text."""
    names = (
        "as_of_date", "train_start", "train_end", "test_start", "test_end", "rows_train",
        "rows_test", "events_train", "events_test", "accounts",
    )  # fmt: skip
    found = {name: str(getattr(run, name)) for name in names}
    for name, value in run.params.items():
        found[name] = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return found


def _set_aliases(
    client: MlflowClient, name: str, numbers: Mapping[str, str], aliases: Mapping[str, str]
) -> None:
    wanted = {aliases[version]: number for version, number in numbers.items() if version in aliases}
    kept = client.get_registered_model(name).aliases
    for alias in ALIASES:
        if alias in wanted:
            client.set_registered_model_alias(name, alias, wanted[alias])
        elif alias in kept:
            client.delete_registered_model_alias(name, alias)
