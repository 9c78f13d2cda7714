"""Great Expectations against the warehouse: in memory, silent, as the role that may read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url
from sqlalchemy.sql import quoted_name

from data_contracts.suites import Rule, as_suite
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


def whole_table(source: SQLDatasource, schema: str, table: str) -> Batch:
    """Return all rows of a table or view."""
    asset = source.add_table_asset(
        name=table, table_name=quoted_name(table, quote=True), schema_name=schema
    )
    return asset.add_batch_definition_whole_table("all").get_batch()


def failed_rules(batch: Batch, rules: list[Rule]) -> list[tuple[Rule, dict[str, Any]]]:
    """Return the rules that do not hold, each with what Great Expectations tells of it.

    The first pass asks for verdicts only, which Great Expectations gathers into few aggregates;
    only what failed is asked for numbers and examples.
    """
    verdict = batch.validate(as_suite("rules", rules), result_format="BOOLEAN_ONLY")
    broken = [rules[item.expectation_config.meta["rule"]] for item in verdict.results
              if not item.success]  # fmt: skip
    broken.sort(key=rules.index)
    return [(rule, _details(batch, rule)) for rule in broken]


def _details(batch: Batch, rule: Rule) -> dict[str, Any]:
    is_query = rule.kind == "UnexpectedRowsExpectation"
    result_format = {
        "result_format": "COMPLETE" if is_query else "SUMMARY",
        "partial_unexpected_count": EXAMPLES,
    }
    (found,) = batch.validate(as_suite("details", [rule]), result_format=result_format).results
    error = _SERVER_ERROR.search(str(found.exception_info))
    return dict(found.result or {}) | ({"error": error[1]} if error else {})


def _connection_string(warehouse: Warehouse, role: Role) -> str:
    url = make_url(warehouse.url()).set(drivername="postgresql+psycopg")
    options = [url.query.get("options", ""), "-c timezone=UTC"]
    name = warehouse.acting_role(role)
    if name:
        options.append(f"-c role={name}")
    joined = " ".join(str(option) for option in options if option)
    return url.update_query_dict({"options": joined}).render_as_string(hide_password=False)
