"""Whether every source was read lately enough, by `dbt source freshness`, told in words.

When a table was last read stands in ``ops.sync_run``, how old it may be in the sources' YAML.
"""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from orchestration.resources.dbt import dbt_command
from orchestration.resources.dbt_environment import dbt_arguments, dbt_target_path
from warehouse.clock import last_complete_day
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings


@dataclass(frozen=True)
class TableFreshness:
    """How old what was read of a raw table is.

    Attributes
    ----------
    status
        dbt's verdict: ``pass``, ``warn`` or ``error``.
    synced_at
        End of the last sync that succeeded; None if there was none.
    """

    source: str
    table: str
    status: str
    synced_at: dt.datetime | None


def require_fresh_sources(
    warehouse: Warehouse, settings: Settings, as_of: dt.date, say: Callable[[str], None]
) -> None:
    """Say which sources grow old, and raise if one is too old to score by.

    A run as of a day that has passed, as each of a sample or example company is, asks for none:
    what was read since then is no worse for it.

    Raises
    ------
    CopilotError
        A table is older than its ``error_after``, or dbt cannot tell.
    """
    if as_of < last_complete_day(settings):
        return
    found = source_freshness(warehouse, settings, as_of)
    for line in stale_lines(found, "warn"):
        say(f"freshness: {line}")
    too_old = stale_lines(found, "error")
    if too_old:
        raise CopilotError(
            "What was read is too old to score by:\n" + "\n".join(f"  {line}" for line in too_old),
            "Read it again with `copilot sync`, own tables with `copilot load DIR`. If the data"
            " has an end, set as_of_date in copilot.yml to its last day.",
        )
    fresh = sum(table.status == "pass" for table in found)
    say(f"freshness: {fresh} of {len(found)} raw tables were read lately")


def source_freshness(
    warehouse: Warehouse, settings: Settings, as_of: dt.date
) -> list[TableFreshness]:
    """Return dbt's verdict on each raw table of the sources in use.

    Raises
    ------
    CopilotError
        dbt failed; the message holds its own words.
    """
    told = dbt_target_path() / "sources.json"
    told.unlink(missing_ok=True)
    done = dbt_command(warehouse, "source", "freshness", *dbt_arguments(settings, as_of))
    rows = json.loads(told.read_text())["results"] if told.exists() else []
    found = [_table(row["unique_id"], row["status"], row["max_loaded_at"]) for row in rows]
    if done.returncode != 0 and not any(table.status == "error" for table in found):
        raise CopilotError(  # what dbt cannot ask it leaves out of the file
            f"dbt cannot tell how fresh the sources are:\n{(done.stdout + done.stderr)[-2000:]}",
            "Correct what dbt names.",
        )
    return found


def stale_lines(found: Iterable[TableFreshness], status: str) -> list[str]:
    """Return a line for each source and time of a last sync, of tables that dbt judged so."""
    stale = [table for table in found if table.status == status]
    stale.sort(key=lambda table: (table.source, str(table.synced_at), table.table))
    groups = itertools.groupby(stale, key=lambda table: (table.source, table.synced_at))
    return [_line(source, at, [one.table for one in tables]) for (source, at), tables in groups]


def _line(source: str, synced_at: dt.datetime | None, tables: Sequence[str]) -> str:
    if synced_at is None:
        when = "never read to the end"
    else:
        when = f"last read to the end on {synced_at:%Y-%m-%d %H:%M} UTC"
    return f"{source} ({', '.join(tables)}) was {when}"


def _table(unique_id: str, status: str, max_loaded_at: str) -> TableFreshness:
    _, _, source, table = unique_id.split(".")
    at = dt.datetime.fromisoformat(max_loaded_at).astimezone(dt.UTC)
    never = at.year == dt.MINYEAR  # how dbt writes null
    return TableFreshness(source, table, status, None if never else at)
