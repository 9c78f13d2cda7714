"""What sqlfluff needs to know of dbt to render the models without a database.

`.sqlfluff` names this folder as `library_path`: every public name here is one in the templates.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

from warehouse.health_rules import load_health_rules

_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project" / "dbt_project.yml"
_VARS = yaml.safe_load(_PROJECT.read_text())["vars"]
_VARS["health"] = load_health_rules().as_var()

execute = False


def var(name: str, default: object = None) -> Any:
    """Return a variable's value in dbt_project.yml."""
    return _VARS.get(name, default)


class _Adapter:
    """The Postgres adapter, as far as macros use it while nothing is executed."""

    @pass_context
    def dispatch(self, context: Context, name: str, _: str = "") -> Callable[..., Any]:
        """Return the default implementation of a macro, which stands in the same file."""

        def call(*arguments: object, **named: object) -> Any:
            return context.resolve(f"default__{name}")(*arguments, **named)

        return call

    def quote(self, name: str) -> str:
        """Return a quoted identifier."""
        return f'"{name}"'


class _CrossDatabase:
    """dbt's cross-database macros: SQL of the same shape as the real ones give."""

    def dateadd(self, datepart: str, interval: object, from_date_or_timestamp: object) -> str:
        """Return a date some intervals later."""
        return f"({from_date_or_timestamp} + (interval '1 {datepart}' * ({interval})))"

    def listagg(self, measure: str, delimiter_text: str, order_by_clause: str = "") -> str:
        """Return values joined to one text."""
        return f"string_agg({measure}, {delimiter_text} {order_by_clause})"

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("type_"):
            return lambda: "text"
        return lambda *arguments, **named: (
            f"{name}({', '.join(map(str, [*arguments, *named.values()]))})"
        )


adapter = _Adapter()
dbt = _CrossDatabase()
