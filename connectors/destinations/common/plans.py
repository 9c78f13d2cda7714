"""Plans that were made, what became of them, and what was published last."""

import datetime as dt
from typing import Any, Literal

import psycopg
from psycopg import sql

from connectors.destinations.common.brake import Published
from connectors.destinations.common.ledger import Ledger, as_json
from connectors.destinations.common.planned import Plan, as_content, from_content
from warehouse.errors import CopilotError

Maker = Literal["person", "run", "soon"]
State = Literal["made", "applying", "applied", "held", "refused", "interrupted"]
_KEPT_DAYS = 30


class Plans:
    """``ops.publish_plan`` and ``ops.publish_plan_row`` of one CRM.

    Parameters
    ----------
    ledger : Ledger
        Of the CRM.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._of = (ledger.destination, ledger.object_name)

    def save(self, plan: Plan, maker: Maker) -> None:
        """Keep a plan; the same one made again is the same one. Old ones go."""
        header = sql.SQL(
            "insert into {} (plan_hash, destination, object, label, as_of_date, made_by,"
            " missing_fields, brakes, cost, unit) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (plan_hash) do update set made_at = now(), made_by = excluded.made_by,"
            " state = 'made', run_id = null, cost = excluded.cost"
        ).format(self._ledger.table("publish_plan"))
        rows = self._ledger.table("publish_plan_row")
        with self._ledger.connect() as connection, connection.cursor() as cursor:
            cursor.execute(header, (plan.hash, *self._of, plan.label, plan.as_of_date, maker,
                                    list(plan.missing_fields), list(plan.brakes), plan.cost,
                                    plan.unit))  # fmt: skip
            cursor.execute(sql.SQL("delete from {} where plan_hash = %s").format(rows),
                           (plan.hash,))  # fmt: skip
            statement = sql.SQL(
                "copy {} (plan_hash, place, record_id, account_name, action, content) from stdin"
            ).format(rows)
            with cursor.copy(statement) as copy:
                for place, row in enumerate(plan.rows):
                    copy.write_row((plan.hash, place, row.record_id, row.name, row.action,
                                    as_json(as_content(row))))  # fmt: skip
            self._drop_old(cursor)

    def load(self, plan_hash: str) -> Plan:
        """Return the plan of this hash, which may be shortened.

        Raises
        ------
        CopilotError
            There is none, or it is of another CRM.
        """
        statement = sql.SQL(
            "select plan_hash, label, as_of_date, missing_fields, brakes, cost, unit from {}"
            " where starts_with(plan_hash, %s) and destination = %s and object = %s"
        ).format(self._ledger.table("publish_plan"))
        with self._ledger.connect() as connection:
            found = connection.execute(statement, (plan_hash, *self._of)).fetchall()
            if len(found) != 1 or not plan_hash:
                raise CopilotError(
                    f"There is no plan {plan_hash} for {self._ledger.destination}.",
                    "`copilot publish plan` makes one and says its hash.",
                )
            full, label, as_of_date, missing, brakes, cost, unit = found[0]
            rows = connection.execute(
                sql.SQL(
                    "select record_id, account_name, action, content from {}"
                    " where plan_hash = %s order by place"
                ).format(self._ledger.table("publish_plan_row")),
                (full,),
            ).fetchall()
        return Plan(
            self._ledger.destination, label, as_of_date,
            tuple(from_content(*row) for row in rows), tuple(missing), tuple(brakes), cost, unit,
        )  # fmt: skip

    def pending(self) -> str | None:
        """Return the hash of a person's newest plan, unless something was published since."""
        statement = sql.SQL(
            "select plan_hash from {plan} as made where destination = %s and object = %s"
            " and state in ('made', 'held') and made_by = 'person' and made_at > coalesce((select"
            " max(settled_at) from {plan} as done where done.destination = made.destination"
            " and done.object = made.object and done.state = 'applied'), '-infinity')"
            " order by made_at desc limit 1"
        ).format(plan=self._ledger.table("publish_plan"))
        with self._ledger.connect() as connection:
            row = connection.execute(statement, self._of).fetchone()
        return str(row[0]) if row else None

    def mark(self, plan: Plan, run_id: str, state: State) -> None:
        """Say what becomes of a plan, and in which run."""
        statement = sql.SQL(
            "update {} set state = %s, run_id = %s, settled_at = now() where plan_hash = %s"
        ).format(self._ledger.table("publish_plan"))
        with self._ledger.connect() as connection:
            connection.execute(statement, (state, run_id, plan.hash))

    def close_interrupted(self) -> None:
        """Put the rows that a killed run never came to into the ledger, as deferred."""
        names = {
            "plan": self._ledger.table("publish_plan"),
            "planned": self._ledger.table("publish_plan_row"),
            "ledger": self._ledger.table("sync_row"),
        }
        rows = sql.SQL(
            "insert into {ledger} (run_id, destination, object, record_id, state, message)"
            " select plan.run_id, plan.destination, plan.object, planned.record_id, 'deferred',"
            " 'Not sent: the run was interrupted before.'"
            " from {plan} as plan inner join {planned} as planned using (plan_hash)"
            " where plan.state = 'applying' and plan.destination = %s and plan.object = %s"
            " on conflict do nothing"
        ).format(**names)
        closed = sql.SQL(
            "update {plan} set state = 'interrupted' where state = 'applying'"
            " and destination = %s and object = %s"
        ).format(**names)
        with self._ledger.connect() as connection:
            connection.execute(rows, self._of)
            connection.execute(closed, self._of)

    def last(self) -> Published | None:
        """Return what the newest plan for all accounts that was carried out had to publish."""
        statement = sql.SQL(
            "select plan_hash, as_of_date from {} where destination = %s and object = %s"
            " and state = 'applied' and made_by <> 'soon' and as_of_date is not null"
            " order by settled_at desc limit 1"
        ).format(self._ledger.table("publish_plan"))
        with self._ledger.connect() as connection:
            row = connection.execute(statement, self._of).fetchone()
            if row is None:
                return None
            ids = connection.execute(
                sql.SQL("select record_id from {} where plan_hash = %s").format(
                    self._ledger.table("publish_plan_row")
                ),
                (row[0],),
            ).fetchall()
        as_of_date: dt.date = row[1]
        return Published(as_of_date, frozenset(str(item[0]) for item in ids))

    def _drop_old(self, cursor: psycopg.Cursor[Any]) -> None:
        """Forget plans after a month, but never the one that the brake compares with."""
        cursor.execute(
            sql.SQL(
                "delete from {plan} where destination = %s and object = %s and made_at < now()"
                " - %s * interval '1 day' and plan_hash <> coalesce((select plan_hash from {plan}"
                " where destination = %s and object = %s and state = 'applied'"
                " and made_by <> 'soon' order by settled_at desc limit 1), '')"
            ).format(plan=self._ledger.table("publish_plan")),
            (*self._of, _KEPT_DAYS, *self._of),
        )
