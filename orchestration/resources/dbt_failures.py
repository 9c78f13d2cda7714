"""What a person is told of the models and tests of dbt that failed."""

import json
from pathlib import Path

from warehouse.database import Role, Warehouse

_SHOWN_NODES = 20
_SHOWN_ROWS = 10


def failed_nodes(warehouse: Warehouse, target: Path) -> str:
    """Return a line for each node that failed in the last dbt command, with dbt's message.

    Below a test stands what its rows say in a column ``problem``, if it has one: what is wrong, and
    what to do. No other column is shown: it may hold personal data.

    Parameters
    ----------
    target : Path
        dbt's target folder.
    """
    path = target / "run_results.json"
    results = json.loads(path.read_text())["results"] if path.exists() else []
    failed = [result for result in results if result["status"] in ("error", "fail")]
    lines = []
    for result in failed[:_SHOWN_NODES]:
        lines.append(f"  {result['unique_id']}: {result['message']}")
        if result["status"] == "fail" and result["compiled_code"]:
            lines += [f"    {said}" for said in _problems(warehouse, result["compiled_code"])]
    return "\n".join(lines) or f"  see {target / 'dbt.log'}"


def _problems(warehouse: Warehouse, query: str) -> list[str]:
    # Most tests have no such column, which as JSON is no error but null. The query is dbt's own.
    asked = (
        "select distinct said from (select to_jsonb(failed) ->> 'problem' as said"  # noqa: S608
        f" from (\n{query}\n) as failed) as every where said is not null order by said"
    )
    with warehouse.connect(Role.TRANSFORMER) as connection:
        found = [said for (said,) in connection.execute(asked.encode()).fetchall()]
    more = len(found) - _SHOWN_ROWS
    return found[:_SHOWN_ROWS] + ([f"and {more} more"] if more > 0 else [])
