"""dbt in a process that stays up: the same models, of a few accounts, beside those of the night.

What is made lies in the schema ``soon`` until `SoonBuild.merge` puts it in place; whatever is not
selected (``dbt_project/selectors.yml``) is read as the night left it, by dbt's own deferral.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from orchestration.resources.dbt import ensure_manifest
from orchestration.resources.dbt_environment import DBT_PROJECT, dbt_environment, dbt_vars
from orchestration.resources.dbt_failures import failed_nodes
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.lock import SOON
from warehouse.settings import Settings, copilot_home

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_LASTING = ("marts", "features", "health", "success", "publish")
"""Layers that are merged; what lies below them is of no use after the build."""


@dataclass(frozen=True)
class Signal:
    """Something severe that the marts do not know yet.

    Parameters
    ----------
    signal_id, rule, source, record_id
        Which record it is, and the alert rule that it will make hold.
    account_id
        Its account; None if it is of no known one.
    known_account_id
        The account under which the marts have it, if they do.
    """

    signal_id: str
    rule: str
    source: str
    record_id: str
    account_id: str | None
    known_account_id: str | None

    @property
    def accounts(self) -> frozenset[str]:
        """Whom it touches: the account that has the record now, and the one that had it."""
        both = (self.account_id, self.known_account_id)
        return frozenset(account for account in both if account is not None)


@dataclass(frozen=True)
class Made:
    """A table that was made of some accounts: its layer, its name, and its own key."""

    layer: str
    name: str
    keys: tuple[str, ...]


class SoonBuild:
    """dbt's models as they are for one date, parsed once and kept in memory.

    Parameters
    ----------
    warehouse, settings
        Where, and by which rules.
    as_of
        The date of what lands now.

    Raises
    ------
    CopilotError
        dbt cannot parse the project.
    """

    def __init__(self, warehouse: Warehouse, settings: Settings, as_of: dt.date) -> None:
        self.warehouse = warehouse
        self._target = copilot_home() / "dbt" / SOON
        variables = dbt_vars(settings, as_of)
        variables |= {"soon": True, "soon_rules": list(settings.soon.rules)}
        self._arguments = [
            "--project-dir", str(DBT_PROJECT), "--target-path", str(self._target),
            "--vars", json.dumps(variables),
        ]  # fmt: skip
        os.environ.update(dbt_environment(warehouse))
        parsed = self._invoke(None, "parse")
        self._manifest: Manifest = parsed.result
        self._keys = _unique_columns(self._manifest)
        self._models = {
            layer: self._models_of(f"soon_{layer}") for layer in ("foundation", "outcome")
        }
        self._in_place = ensure_manifest(warehouse, settings).parent
        self._made = self._where_made()

    def signals(self) -> list[Signal]:
        """Return what is severe in the raw tables and not known to the marts."""
        self._build(self._in_place, "run", "--select", "soon_signal")
        table = sql.Identifier(self.warehouse.schema(SOON), "soon_signal")
        columns = sql.SQL(", ").join(map(sql.Identifier, Signal.__dataclass_fields__))
        statement = sql.SQL("select {} from {} order by signal_id").format(columns, table)
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            return [Signal(*row) for row in connection.execute(statement).fetchall()]

    def make(self, layer: str) -> list[Made]:
        """Build and test the models of a layer, of the accounts in ``ops.soon_account``.

        Parameters
        ----------
        layer : str
            ``foundation``, or ``outcome``, which reads what was made of the foundation last.

        Returns
        -------
        list of Made
            The tables that are there now, to be merged.

        Raises
        ------
        CopilotError
            A model or a test failed; the message holds dbt's own words.
        """
        # By their names, so that only those tests come along of which everything is made anew.
        nodes = self._build(
            self._made,
            "build", "--select", *self._models[layer], "--indirect-selection", "cautious",
            "--exclude-resource-type", "unit_test",
        )  # fmt: skip
        tables = (node for node in nodes if node.resource_type == "model")
        return [
            Made(str(node.config.schema), node.name, tuple(self._keys[node.unique_id]))
            for node in tables
            if node.config.materialized == "table" and node.config.schema in _LASTING
        ]

    def merge(self, made: Sequence[Made], accounts: Sequence[str]) -> None:
        """Put what was made of the accounts in the place of what was there, in one transaction.

        Raises
        ------
        CopilotError
            A table in place has other columns.
        """
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            for one in made:
                try:
                    self._replace(connection, one, accounts)
                except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as error:
                    raise CopilotError(
                        f"{one.layer}.{one.name} was built by another version: {error}",
                        "The next daily run builds it anew: `copilot run`.",
                    ) from error

    def _replace(
        self, connection: psycopg.Connection[Any], made: Made, accounts: Sequence[str]
    ) -> None:
        source = sql.Identifier(self.warehouse.schema(SOON), made.name)
        found = connection.execute(sql.SQL("select * from {} limit 0").format(source)).description
        columns = [column.name for column in found or ()]
        if "account_id" not in columns:
            return
        place = sql.Identifier(self.warehouse.schema(made.layer), made.name)
        # A record may have been another account's, or nobody's, until now.
        moved = [
            sql.SQL("or kept.{0} in (select {0} from {1})").format(sql.Identifier(key), source)
            for key in made.keys
        ]
        connection.execute(
            sql.SQL("delete from {} as kept where kept.account_id = any(%s) {}").format(
                place, sql.SQL(" ").join(moved)
            ),
            (list(accounts),),
        )
        named = sql.SQL(", ").join(map(sql.Identifier, columns))
        connection.execute(
            sql.SQL(
                "insert into {} ({named}) select {named} from {} where account_id = any(%s)"
            ).format(place, source, named=named),
            (list(accounts),),
        )

    def _models_of(self, selector: str) -> list[str]:
        arguments = ("--selector", selector, "--resource-type", "model", "--output", "name")
        with contextlib.redirect_stdout(io.StringIO()):
            listed: list[str] = self._invoke(self._manifest, "ls", *arguments).result
        return listed

    def _where_made(self) -> Path:
        """Tell dbt that what is selected is read where it is made, in ``soon``, else in place."""
        state = json.loads((self._in_place / "manifest.json").read_text())
        selected = {name for names in self._models.values() for name in names}
        for unique_id, node in state["nodes"].items():
            if node["resource_type"] == "model" and node["name"] in selected:
                made = self._manifest.nodes[unique_id]
                node |= {"schema": made.schema, "relation_name": made.relation_name}
        folder = self._target / "state"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(state))
        return folder

    def _build(self, state: Path, *command: str) -> list[Any]:
        """Run a dbt command and return the nodes it ran; the others are read where state says."""
        done = self._invoke(
            self._manifest, *command, "--defer", "--favor-state", "--state", str(state)
        )
        return [result.node for result in done.result.results]

    def _invoke(self, manifest: Manifest | None, *command: str) -> Any:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - costs seconds to import

        done = dbtRunner(manifest=manifest).invoke(["--quiet", *command, *self._arguments])
        if not done.success:
            words = done.exception or "\n" + failed_nodes(self.warehouse, self._target)
            raise CopilotError(
                f"dbt {command[0]} failed for what landed since the last night: {words}",
                "Correct what dbt names; the next daily run brings it in any case.",
            )
        return done


def _unique_columns(manifest: Manifest) -> dict[str, list[str]]:
    """Return by model the columns, other than the account, that dbt tests to be unique."""
    found = defaultdict(list)
    for node in manifest.nodes.values():
        about = getattr(node, "test_metadata", None)
        is_key = about and about.name in ("unique", "primary_key") and node.column_name
        if is_key and node.column_name != "account_id":
            found[node.attached_node].append(node.column_name)
    return found
