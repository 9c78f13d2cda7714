"""Great Expectations against the warehouse: in memory, silent, as the role that may read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg import sql
from sqlalchemy.engine import make_url

from data_contracts.suites import QUERY, Rule, as_suite
from warehouse.database import Role, Warehouse

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import SQLDatasource
    from great_expectations.datasource.fluent.interfaces import Batch

EXAMPLES = 5
_SERVER_ERROR = re.compile(r"psycopg\.errors\.(\w+)")


@contextmanager
def datasource(warehouse: Warehouse, role: Role) -> Iterator[SQLDatasource]:
    """Open the warehouse for Great Expectations; nothing is written, nothing outlives it."""
    from great_expectations import get_context  # noqa: PLC0415  (9 s)
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
    )
    context = get_context(mode="ephemeral", project_config=config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # add_postgres would refuse a socket's URL
        opened = context.data_sources.add_sql(
            name="warehouse",
            connection_string=_connection_string(warehouse, role),
            create_temp_table=False,
        )
        try:
            yield opened
        finally:
            opened.get_execution_engine().engine.dispose()
            opened.get_engine().dispose()


class Batches:
    """A table as Great Expectations is to see it.

    On Postgres it holds names of columns that differ in case only for the same, and mistakes
    "Name" for a name that it used itself. So rules on one column see the columns under made-up
    names; rules in SQL see the table as it is.

    Parameters
    ----------
    source
        The warehouse.
    schema, table : str
        Names in the database.
    columns
        Those that rules on one column may look at.
    """

    def __init__(
        self, source: SQLDatasource, schema: str, table: str, columns: Iterable[str]
    ) -> None:
        self._aliases = {name: f"c{index}" for index, name in enumerate(columns)}
        relation = sql.Identifier(schema, table).as_string()
        shown = ", ".join(
            f"{sql.Identifier(name).as_string()} as {alias}"
            for name, alias in self._aliases.items()
        )
        self._whole = _batch(source, f"{table}, whole", f"select * from {relation}")  # noqa: S608
        self._renamed = (
            _batch(source, f"{table}, renamed", f"select {shown} from {relation}")  # noqa: S608
            if shown
            else self._whole
        )

    def failed(self, rules: Sequence[Rule]) -> list[tuple[Rule, dict[str, Any]]]:
        """Return the rules that do not hold, each with what Great Expectations tells of it.

        The first pass asks for verdicts only, which Great Expectations gathers into few
        aggregates; only what failed is asked for numbers and examples.
        """
        queries = [rule for rule in rules if rule.kind == QUERY]
        others = [rule for rule in rules if rule.kind != QUERY]
        broken = [
            rules_[item.expectation_config.meta["rule"]]
            for rules_ in (queries, others)
            for item in self._validate(rules_, {"result_format": "BOOLEAN_ONLY"})
            if not item.success
        ]
        return [(rule, self._details(rule)) for rule in sorted(broken, key=rules.index)]

    def _details(self, rule: Rule) -> dict[str, Any]:
        amount = "COMPLETE" if rule.kind == QUERY else "SUMMARY"
        result_format = {"result_format": amount, "partial_unexpected_count": EXAMPLES}
        (found,) = self._validate([rule], result_format)
        error = _SERVER_ERROR.search(str(found.exception_info))
        return dict(found.result or {}) | ({"error": error[1]} if error else {})

    def _validate(self, rules: Sequence[Rule], result_format: dict[str, Any]) -> list[Any]:
        if not rules:
            return []
        batch = self._whole if rules[0].kind == QUERY else self._renamed
        aliases = _Aliases(self._aliases)
        suite = as_suite("rules", rules, aliases)
        return list(batch.validate(suite, result_format=result_format).results)


class _Aliases(dict[str, str]):
    """Names in the renamed batch; what the table has not gets a name that it has not either."""

    def __missing__(self, name: str) -> str:
        return "absent"


def _batch(source: SQLDatasource, name: str, query: str) -> Batch:
    asset = source.add_query_asset(name=name, query=query.replace(":", "\\:"))
    return asset.add_batch_definition_whole_table("all").get_batch()


def _connection_string(warehouse: Warehouse, role: Role) -> str:
    url = make_url(warehouse.url()).set(drivername="postgresql+psycopg")
    options = [url.query.get("options", ""), "-c timezone=UTC"]
    name = warehouse.acting_role(role)
    if name:
        options.append(f"-c role={name}")
    joined = " ".join(str(option) for option in options if option)
    return url.update_query_dict({"options": joined}).render_as_string(hide_password=False)
