"""MLflow beside the warehouse's own tables: brought up to them, however often and after a crash."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from psycopg import sql
from sqlalchemy import create_engine

from ml.common import registry, store, tracking
from ml.common.frames import Reader
from ml.common.promotion import CLOSED, HELD, PROMOTED, ROLLED_BACK, Decision
from orchestration.cli.models import models
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

DAY = dt.date(2026, 6, 1)
COUNTED = ("runs", "metrics", "params", "model_versions", "registered_model_aliases")
AUC = {"value": 0.7, "low": 0.6, "high": 0.8}


def train(warehouse: Warehouse, version: str, day: dt.date, decision: Decision) -> None:
    """Write what a training writes, with an archive unless its gate is closed."""
    verdict = "rule" if decision.action == CLOSED else "model"
    run = store.ModelRun(
        version, "churn", day, DAY, DAY, DAY, DAY, 90, 80, 12, 10, 40,
        {"auc": AUC, "calibration": [{"rows": 8}], "lift": {"value": None}},
        {"rule": {"auc": {"value": 0.6}}}, verdict, f"{version} was judged",
        {"features": ["mrr"], "horizon_days": 90},
        card={"limits": ["Few churns."], "not_for": ["Judging CSMs."]},
    )  # fmt: skip
    artifact = sql.Identifier(warehouse.schema("ml"), "model_artifact")
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        store.save(reader, run, None)
        if verdict == "model":
            connection.execute(
                sql.SQL(
                    "insert into {} (model_version, content, sha256, feature_names)"
                    " values (%s, 'x', 'x', '[]')"
                ).format(artifact),
                (version,),
            )
        registry.record(reader, "churn", day, decision)
        connection.commit()


def decide(warehouse: Warehouse, decision: Decision) -> None:
    with warehouse.connect(Role.SCIENTIST) as connection:
        registry.record(Reader(warehouse, connection), "churn", dt.date(2026, 7, 1), decision)
        connection.commit()


@pytest.fixture
def client(warehouse: Warehouse) -> Iterator[Any]:
    """MLflow after two trainings, the second of which was held back."""
    train(warehouse, "churn-1", DAY, Decision(PROMOTED, "churn-1", "churn-1", "passed"))
    later = DAY + dt.timedelta(days=28)
    train(warehouse, "churn-2", later, Decision(HELD, "churn-2", "churn-1", "worse"))
    tracking.register(warehouse)
    from mlflow.tracking import MlflowClient

    yield MlflowClient(tracking.tracking_uri(warehouse))
    with warehouse.connect() as connection:
        ml = warehouse.schema("ml")
        for name in ("model_decision", "model_artifact", "model_run"):
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(ml, name)))
        for name in (
            "registered_model_aliases", "model_version_tags", "model_versions",
            "registered_models", "latest_metrics", "metrics", "params", "tags", "runs",
        ):  # fmt: skip
            table = sql.Identifier(warehouse.schema("mlflow"), name)
            connection.execute(sql.SQL("delete from {}").format(table))


def shown(client: Any) -> dict[str, str]:
    """Return where each alias points to, by our version."""
    aliases = client.get_registered_model("churn").aliases
    return {
        alias: client.get_model_version("churn", number).tags[tracking.VERSION_TAG]
        for alias, number in aliases.items()
    }


def rows_in_mlflow(warehouse: Warehouse) -> list[int]:
    with warehouse.connect() as connection:
        found = []
        for name in COUNTED:
            table = sql.Identifier(warehouse.schema("mlflow"), name)
            row = connection.execute(sql.SQL("select count(*) from {}").format(table)).fetchone()
            assert row
            found.append(row[0])
    return found


def drop_tables(warehouse: Warehouse) -> None:
    schema = sql.Identifier(warehouse.schema("mlflow"))
    owner = sql.Identifier(warehouse.role_name(Role.SCIENTIST))
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("drop schema {} cascade").format(schema))
        connection.execute(sql.SQL("create schema {} authorization {}").format(schema, owner))


def test_runs_versions_and_aliases_are_those_of_the_warehouse(client: Any) -> None:
    first, second = sorted(
        client.search_model_versions("name = 'churn'"), key=lambda found: found.version
    )
    assert first.source == "warehouse:ml.model_artifact/churn-1"
    run = client.get_run(second.run_id)
    assert (run.info.run_name, run.info.status) == ("churn-2", "FINISHED")
    assert run.data.metrics == {"auc": 0.7, "auc_low": 0.6, "auc_high": 0.8, "rule/auc": 0.6}
    assert run.data.params["features"] == '["mrr"]'
    assert run.data.params["as_of_date"] == "2026-06-29"
    note = "Limits:\n- Few churns.\n\nNot to be used:\n- Judging CSMs."
    assert run.data.tags["mlflow.note.content"] == note
    assert shown(client) == {"champion": "churn-1", "challenger": "churn-2"}


def test_a_second_registration_asks_nothing_and_writes_nothing(
    client: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_in_mlflow(warehouse)
    monkeypatch.setattr(tracking, "_client", lambda *_: pytest.fail("MLflow was asked"))
    assert tracking.register(warehouse) == 0
    assert rows_in_mlflow(warehouse) == before


def test_aliases_follow_what_people_and_the_gate_decide(client: Any, warehouse: Warehouse) -> None:
    decide(warehouse, Decision(PROMOTED, "churn-2", "churn-2", "better"))
    assert tracking.register(warehouse) == 1
    assert shown(client) == {"champion": "churn-2"}
    decide(warehouse, Decision(ROLLED_BACK, "churn-2", None, "complaints"))
    tracking.register(warehouse)
    assert shown(client) == {"challenger": "churn-2"}
    train(warehouse, "churn-3", dt.date(2026, 7, 2), Decision(CLOSED, "churn-3", None, "closed"))
    tracking.register(warehouse)
    assert shown(client) == {}
    assert len(client.search_model_versions("name = 'churn'")) == 2


def test_a_rollback_by_hand_shows_in_mlflow_at_once(
    client: Any, warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = settings.model_copy(update={"as_of_date": dt.date(2026, 7, 1)})
    monkeypatch.setattr("orchestration.cli.models.load_settings", lambda: dated)
    monkeypatch.setattr("orchestration.cli.models.open_warehouse", lambda _: warehouse)
    done = CliRunner().invoke(models, ["rollback", "churn", "--reason", "complaints"])
    assert done.exit_code == 0, done.output
    assert "the rule score is published: complaints" in done.output
    assert shown(client) == {"challenger": "churn-2"}


@pytest.mark.parametrize("killed_in", ["log_batch", "create_model_version", "set_terminated"])
def test_what_was_killed_in_the_middle_is_done_again_once(
    client: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    third = Decision(PROMOTED, "churn-3", "churn-3", "passed")
    train(warehouse, "churn-3", dt.date(2026, 7, 2), third)
    before = rows_in_mlflow(warehouse)
    with monkeypatch.context() as patch:
        real = getattr(type(client), killed_in)

        def killed(*given: Any, **named: Any) -> None:
            real(*given, **named)
            raise KeyboardInterrupt

        patch.setattr(type(client), killed_in, killed)
        with pytest.raises(KeyboardInterrupt):
            tracking.register(warehouse)
    assert tracking.register(warehouse) == 1
    runs, metrics, params, versions, aliases = rows_in_mlflow(warehouse)
    assert (runs, versions) == (before[0] + 1, before[3] + 1) == (3, 3)
    assert (metrics, params) == (before[1] // 2 * 3, before[2] // 2 * 3)
    assert aliases == 1
    assert shown(client) == {"champion": "churn-3"}


def test_a_schema_that_was_dropped_is_made_again_with_everything(
    client: Any, warehouse: Warehouse
) -> None:
    before = rows_in_mlflow(warehouse)
    drop_tables(warehouse)
    assert tracking.register(warehouse) == 2
    assert rows_in_mlflow(warehouse) == before


def test_tables_of_the_first_mlflow_or_half_made_are_brought_up_to_date(
    client: Any, warehouse: Warehouse
) -> None:
    from mlflow.store.tracking.dbmodels.initial_models import Base

    before = rows_in_mlflow(warehouse)
    drop_tables(warehouse)
    Base.metadata.create_all(create_engine(tracking.tracking_uri(warehouse)))
    assert tracking.register(warehouse) == 2
    assert rows_in_mlflow(warehouse) == before


def test_tables_of_a_newer_mlflow_are_left_alone(client: Any, warehouse: Warehouse) -> None:
    decide(warehouse, Decision(PROMOTED, "churn-2", "churn-2", "better"))
    table = sql.Identifier(warehouse.schema("mlflow"), "alembic_version")
    with warehouse.connect() as connection:
        row = connection.execute(sql.SQL("select version_num from {}").format(table)).fetchone()
        assert row
        connection.execute(sql.SQL("update {} set version_num = 'f00d'").format(table))
    try:
        with pytest.raises(CopilotError, match="newer MLflow"):
            tracking.register(warehouse)
    finally:
        with warehouse.connect() as connection:
            connection.execute(sql.SQL("update {} set version_num = %s").format(table), row)
    assert tracking.register(warehouse) == 1
    assert shown(client) == {"champion": "churn-2"}


def test_only_the_scientist_and_the_owner_may_read_it(client: Any, warehouse: Warehouse) -> None:
    table = sql.Identifier(warehouse.schema("mlflow"), "runs")
    for role in (Role.ANALYST, Role.PUBLISHER, Role.LOADER):
        with warehouse.connect(role) as connection, pytest.raises(Exception, match="permission"):
            connection.execute(sql.SQL("select * from {}").format(table))
