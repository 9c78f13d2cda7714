"""Champion and challenger in a real warehouse: who is published, by whose decision, and again."""

import datetime as dt
import hashlib
import io
import pickle
import zipfile
from collections.abc import Iterator
from typing import Any

import click.testing
import numpy as np
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from ml.churn import reproduce as churn_again
from ml.churn import score as churn_score
from ml.churn import train as churn_train
from ml.common import registry, store
from ml.common.frames import Reader
from ml.opportunity import reproduce as opportunity_again
from ml.opportunity import score as opportunity_score
from ml.opportunity import train as opportunity_train
from orchestration.cli.models import listed, models, promoted_by_hand, rolled_back_by_hand
from tests.integration.test_ml_scores import load, rows_of
from tests.unit.ml.worlds import company
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


class Life:
    """Two trainings, four weeks apart, of one company."""

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self.warehouse = warehouse
        frame = company(weeks=66)
        frame.loc[frame.index % 7 == 0, "usage_trend"] = np.nan
        self.day = load(warehouse, frame)
        self.settings = settings.model_copy(update={"as_of_date": self.day})
        self.first = churn_train.train(
            warehouse, self.settings, self.day - dt.timedelta(days=28)
        ).model_version
        self.second = churn_train.train(warehouse, self.settings, self.day).model_version

    def score(self) -> dict[str, set[tuple[str, bool]]]:
        """Return what was scored at the day: (basis, published) by version."""
        churn_score.score(self.warehouse, self.settings, self.day)
        found: dict[str, set[tuple[str, bool]]] = {}
        for row in rows_of(self.warehouse, "churn_score"):
            if row["as_of_date"] == self.day:
                mark = (row["basis"], row["is_published"])
                found.setdefault(row["model_version"], set()).add(mark)
        return found

    def champion(self, day: dt.date | None = None) -> str | None:
        with self.warehouse.connect(Role.SCIENTIST) as connection:
            run = registry.champion_of(Reader(self.warehouse, connection), "churn", day or self.day)
        return run.model_version if run else None

    def promote(self, version: str) -> None:
        with self.warehouse.connect(Role.SCIENTIST) as connection:
            reader = Reader(self.warehouse, connection)
            promoted_by_hand(reader, self.settings, version, "ada", "The better one")

    def roll_back(self) -> None:
        with self.warehouse.connect(Role.SCIENTIST) as connection:
            reader = Reader(self.warehouse, connection)
            rolled_back_by_hand(reader, self.settings, "churn", "ada", "Complaints from Support")


@pytest.fixture(scope="module")
def life(warehouse: Warehouse, settings: Settings) -> Iterator[Life]:
    yield Life(warehouse, settings)


@pytest.fixture(autouse=True)
def decided_by_rule(life: Life) -> Iterator[None]:
    """Leave the decisions as the rule made them."""
    yield
    table = sql.Identifier(life.warehouse.schema("ml"), "model_decision")
    with life.warehouse.connect() as connection:
        connection.execute(sql.SQL("delete from {} where decided_by <> 'rule'").format(table))


def decisions(life: Life) -> list[dict[str, Any]]:
    table = sql.Identifier(life.warehouse.schema("ml"), "model_decision")
    with life.warehouse.connect() as connection:
        cursor = connection.execute(
            sql.SQL("select * from {} where model_name = 'churn' order by decision_id").format(
                table
            )
        )
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_the_rule_promotes_the_first_and_compares_the_second_on_common_days(life: Life) -> None:
    first, second = decisions(life)
    assert (first["action"], first["champion_version"]) == ("promoted", life.first)
    assert (second["action"], second["champion_version"]) == ("promoted", life.second)
    assert second["detail"]["against"] == life.first
    assert second["detail"]["common_events"] >= 8
    assert second["detail"]["log_loss_gain"]["high"] >= 0


def test_a_past_date_keeps_the_champion_it_had(life: Life) -> None:
    assert life.champion() == life.second
    assert life.champion(life.day - dt.timedelta(days=1)) == life.first
    assert life.champion(life.day - dt.timedelta(days=29)) is None


def test_a_rollback_publishes_the_former_champion_beside_the_challenger(life: Life) -> None:
    assert life.score() == {life.second: {("model", True)}, "rule-v2": {("rule", False)}}
    life.roll_back()
    assert life.score() == {
        life.first: {("model", True)},
        life.second: {("model", False)},
        "rule-v2": {("rule", False)},
    }
    life.promote(life.second)
    assert life.score()[life.second] == {("model", True)}


def test_who_is_no_longer_a_customer_loses_the_scores_of_all_versions(life: Life) -> None:
    life.roll_back()
    life.score()
    gone = rows_of(life.warehouse, "churn_score", "account_id")[0]["account_id"]
    table = sql.Identifier(life.warehouse.schema("features"), "ftr_account_snapshot")
    flag = sql.SQL(
        "update {} set is_customer = %s where account_id = %s and as_of_date = %s"
    ).format(table)
    with life.warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(flag, (False, gone, life.day))
    try:
        assert churn_score.score(life.warehouse, life.settings, life.day).deleted == 3
    finally:
        with life.warehouse.connect(Role.TRANSFORMER) as connection:
            connection.execute(flag, (True, gone, life.day))
        life.score()


def test_a_second_rollback_goes_back_further_to_the_rule_score(life: Life) -> None:
    life.roll_back()
    life.roll_back()
    assert life.champion() is None
    assert life.score()["rule-v2"] == {("rule", True)}
    assert life.score()[life.second] == {("model", False)}
    with pytest.raises(CopilotError, match="no way back"):
        life.roll_back()


def test_what_people_decide_is_logged_with_who_and_why(life: Life) -> None:
    life.roll_back()
    table = sql.Identifier(life.warehouse.schema("ops"), "audit_log")
    with life.warehouse.connect() as connection:
        row = connection.execute(
            sql.SQL(
                "select actor, action, object_id, detail from {} order by audit_id desc limit 1"
            ).format(table)
        ).fetchone()
    assert row == (
        "ada", "model rolled_back", life.second,
        {"reason": "Complaints from Support", "champion": life.first},
    )  # fmt: skip
    assert decisions(life)[-1]["decided_by"] == "ada"


def test_a_model_whose_gate_is_closed_is_not_promoted_by_hand(life: Life) -> None:
    with (
        pytest.raises(CopilotError, match="has not passed its exam"),
        changed_run(life, "verdict", "rule"),
    ):
        life.promote(life.first)
    assert life.champion() == life.second


def test_a_model_whose_features_no_longer_exist_is_refused_by_name(life: Life) -> None:
    params = rows_of(life.warehouse, "model_run")[0]["params"] | {"features": ["mrr", "faxes"]}
    with changed_run(life, "params", Jsonb(params)):
        with pytest.raises(CopilotError, match="no longer exist: faxes"):
            life.promote(life.first)
        assert life.champion() == life.second
        with pytest.raises(CopilotError, match="no longer exist: faxes"):
            life.roll_back()


def test_a_champion_whose_features_no_longer_exist_scores_nobody(life: Life) -> None:
    life.roll_back()
    params = rows_of(life.warehouse, "model_run")[0]["params"] | {"features": ["mrr", "faxes"]}
    with changed_run(life, "params", Jsonb(params)), pytest.raises(CopilotError, match="faxes"):
        life.score()


def test_an_unknown_version_and_the_present_champion_are_refused(life: Life) -> None:
    with pytest.raises(CopilotError, match="no model version churn-x"):
        life.promote("churn-x")
    with pytest.raises(CopilotError, match="published already"):
        life.promote(life.second)


class changed_run:
    """The first run with one column changed, for a while."""

    def __init__(self, life: Life, column: str, value: Any) -> None:
        self.life, self.column, self.value = life, column, value

    def _set(self, value: Any) -> Any:
        table = sql.Identifier(self.life.warehouse.schema("ml"), "model_run")
        where = sql.SQL("where model_version = %s")
        name = sql.Identifier(self.column)
        with self.life.warehouse.connect() as connection:
            kept = connection.execute(
                sql.SQL("select {} from {} {}").format(name, table, where), (self.life.first,)
            ).fetchone()
            connection.execute(
                sql.SQL("update {} set {} = %s {}").format(table, name, where),
                (value, self.life.first),
            )
        assert kept
        return kept[0]

    def __enter__(self) -> None:
        self.kept = self._set(self.value)

    def __exit__(self, *_: object) -> None:
        self._set(Jsonb(self.kept) if isinstance(self.kept, dict) else self.kept)


class Opened:
    """Ends the process that loads its pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('unpickled')",))


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [pickle.dumps(Opened()), zipped("model.pkl", pickle.dumps(Opened())), b""],
    ids=["a pickle", "a zipped pickle", "nothing"],
)
def test_what_is_no_skops_archive_is_never_loaded_though_its_checksum_is_right(
    life: Life, content: bytes
) -> None:
    table = sql.Identifier(life.warehouse.schema("ml"), "model_artifact")
    with life.warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(
            sql.SQL("update {} set content = %s, sha256 = %s where model_version = %s").format(
                table
            ),
            (content, hashlib.sha256(content).hexdigest(), life.first),
        )
        with pytest.raises(CopilotError, match="is no skops archive"):
            store.load_model(Reader(life.warehouse, connection), life.first)
        connection.rollback()


def test_a_tampered_archive_is_not_promoted(life: Life) -> None:
    table = sql.Identifier(life.warehouse.schema("ml"), "model_artifact")
    with life.warehouse.connect(Role.SCIENTIST) as connection:
        connection.execute(
            sql.SQL("update {} set content = content || 'x' where model_version = %s").format(
                table
            ),
            (life.first,),
        )
        reader = Reader(life.warehouse, connection)
        with pytest.raises(CopilotError, match="checksum"):
            promoted_by_hand(reader, life.settings, life.first, "ada", "why not")
        connection.rollback()
    assert life.champion() == life.second


def test_every_score_is_made_again_from_its_row_and_version(
    life: Life, warehouse: Warehouse
) -> None:
    opportunity_train.train(warehouse, life.settings, life.day)
    life.roll_back()
    life.score()
    opportunity_score.score(warehouse, life.settings, life.day)
    with warehouse.connect(Role.SCIENTIST) as connection:
        reader = Reader(warehouse, connection)
        churn = churn_again.reproduce(reader, life.day)
        offers = opportunity_again.reproduce(reader, life.day)
        alone = churn_again.reproduce(reader, life.day, churn[0].account_id)
        unknown = next(
            row["account_id"]
            for row in rows_of(warehouse, "opportunity_score")
            if row["kind"] == "upsell" and row["features"]["usage_trend"] is None
        )
        alone_too = opportunity_again.reproduce(reader, life.day, unknown)
    assert len(churn) == len(rows_of(warehouse, "churn_score"))
    assert len(offers) == len(rows_of(warehouse, "opportunity_score"))
    assert {"rule-v2", life.first, life.second} == {row.model_version for row in churn}
    subjects = {row.subject for row in offers}
    assert subjects == {"upsell seats", "upsell plan", "cross_sell crm", "cross_sell bi"}
    for row in (*churn, *offers, *alone, *alone_too):
        assert abs(row.again - row.stored) <= 1e-12
    assert len(alone) == 3


def test_the_commands_list_and_reproduce(
    life: Life, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.score()
    with warehouse.connect(Role.SCIENTIST) as connection:
        lines = listed(Reader(warehouse, connection), life.day)
    assert lines[0].split()[0] == "version"
    mine = [line for line in lines if line.startswith("churn-")]
    assert [line.endswith("champion") for line in mine] == [False, True]
    assert str(life.day) in mine[1]

    monkeypatch.setattr("orchestration.cli.models.load_settings", lambda: life.settings)
    monkeypatch.setattr("orchestration.cli.models.open_warehouse", lambda _: warehouse)
    account = rows_of(warehouse, "churn_score", "account_id")[0]["account_id"]
    run = click.testing.CliRunner().invoke(models, ["reproduce", account, str(life.day)])
    assert run.exit_code == 0, run.output
    assert run.output.count("same") == run.output.count("stored")
    assert f"{life.second} (published)" in run.output
