"""The ledger of alerts: what is known of each, and what becomes of each message."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from connectors.alerts.changes import Change, Known
from connectors.alerts.message import Message, from_json, to_json
from connectors.alerts.observe import Connection
from warehouse.database import Warehouse

MOST_ATTEMPTS = 12
_TOLD = ("opened", "escalated", "unanswered")


@dataclass(frozen=True)
class Planned:
    """A message to be written into the ledger."""

    change: Change
    route: str
    channel: str
    message: Message
    is_digest: bool = False
    hold_until: dt.datetime | None = None

    @property
    def message_id(self) -> str:
        """The same for the same change and route, in every run."""
        alert = self.change.alert.alert_id
        key = f"{alert}|{self.change.number}|{self.change.kind}|{self.route}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Entry:
    """A message of the ledger that is not settled."""

    message_id: str
    alert_id: str | None
    account_id: str | None
    change: str
    severity: str
    route: str
    channel: str
    state: str
    is_digest: bool
    attempts: int
    created_at: dt.datetime
    intended_at: dt.datetime | None
    payload: Mapping[str, Any] | None
    bundle_id: str | None = None
    hold_until: dt.datetime | None = None
    retry_at: dt.datetime | None = None

    @property
    def message(self) -> Message:
        """What it says."""
        return from_json(self.payload or {})

    def is_due(self, now: dt.datetime) -> bool:
        """Say whether it may be sent now: not held, not in doubt, and tried not too often."""
        waits_until = max((at for at in (self.hold_until, self.retry_at) if at), default=now)
        is_free = self.intended_at is None and self.bundle_id is None
        return is_free and waits_until <= now and not self.is_parked

    @property
    def is_parked(self) -> bool:
        """Whether it failed so often that it is not tried any more."""
        return self.attempts >= MOST_ATTEMPTS


class Outbox:
    """Reads and writes the ledger in the connection's transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the publisher; who calls commits.
    warehouse : Warehouse
        Names the schema.
    """

    def __init__(self, connection: Connection, warehouse: Warehouse) -> None:
        self._connection = connection
        ops = warehouse.schema("ops")
        self._names = {
            name: sql.Identifier(ops, f"alert_{name}") for name in ("state", "message", "mute")
        } | {"task": sql.Identifier(ops, "task")}

    def known(self) -> dict[str, Known]:
        """Return what was said last of each alert that is open or has closed lately.

        The outbound table holds no alert for longer.
        """
        names = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Known))
        query = sql.SQL(
            "select {} from {state} where state = 'open'"
            " or as_of_date > (select max(as_of_date) - 120 from {state})"
        ).format(names, **self._names)
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return {row["alert_id"]: Known(**row) for row in cursor.execute(query)}

    def told_routes(self, alert_id: str) -> list[str]:
        """Return the routes on which an alert was, or is yet to be, mentioned."""
        query = sql.SQL(
            "select distinct route from {message} where alert_id = %s and change = any(%s)"
            " and state <> 'muted'"
        ).format(**self._names)
        return [str(row[0]) for row in self._connection.execute(query, (alert_id, list(_TOLD)))]

    def keep(self, changes: Iterable[tuple[Change, dt.datetime | None]], now: dt.datetime) -> None:
        """Remember changes, and when each is to be escalated.

        What has become worse asks for an answer anew.
        """
        statement = sql.SQL(
            "insert into {state} as kept (alert_id, account_id, account_name, rule, rule_label,"
            " severity, state, changes, opened_at, as_of_date, seen_at, escalate_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (alert_id) do update set account_name = excluded.account_name,"
            " rule_label = excluded.rule_label, severity = excluded.severity,"
            " state = excluded.state, changes = excluded.changes,"
            " as_of_date = excluded.as_of_date, escalate_at = excluded.escalate_at,"
            " acknowledged_at = null, acknowledged_by = null"
        ).format(**self._names)
        rows = [
            (
                one.alert.alert_id, one.alert.account_id, one.alert.account_name, one.alert.rule,
                one.alert.rule_label, one.alert.severity, one.alert.state, one.number,
                one.alert.opened_at, one.alert.as_of_date, now,
                escalate_at,
            )
            for one, escalate_at in changes
        ]  # fmt: skip
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    def add(self, planned: Sequence[Planned], now: dt.datetime) -> None:
        """Write messages that are yet to be sent; one that is there already stays as it is."""
        statement = sql.SQL(
            "insert into {message} (message_id, alert_id, account_id, rule, change, severity,"
            " route, channel, state, is_digest, hold_until, payload, created_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"
        ).format(**self._names)
        rows = []
        for one in planned:
            alert = one.change.alert
            rows.append(
                (
                    one.message_id, alert.alert_id, alert.account_id, alert.rule, one.change.kind,
                    alert.severity, one.route, one.channel,
                    "held" if one.hold_until else "pending", one.is_digest, one.hold_until,
                    Jsonb(to_json(one.message)), now,
                )
            )  # fmt: skip
        with self._connection.cursor() as cursor:
            cursor.executemany(statement, rows)

    def mute(self, today: dt.date, now: dt.datetime) -> int:
        """Settle what is muted and was not tried yet as ``muted``; return how many that are."""
        query = sql.SQL(
            "update {message} as message set state = 'muted', settled_at = %s, payload = null"
            " from {mute} as mute where message.state in ('pending', 'held', 'failed')"
            " and message.intended_at is null and message.bundle_id is null"
            " and message.alert_id is not null and mute.ended_at is null"
            " and coalesce(mute.until_date >= %s, true)"
            " and (mute.account_id = message.account_id or mute.rule = message.rule)"
        ).format(**self._names)
        return self._connection.execute(query, (now, today)).rowcount

    def unanswered(self, now: dt.datetime, today: dt.date) -> list[str]:
        """Return the open alerts of which it is time to say that nobody has acted.

        Acting is to take it on, to mute it, or to finish its task in the CRM.
        """
        query = sql.SQL(
            "select alert_id from {state} as kept where state = 'open' and escalate_at <= %s"
            " and acknowledged_at is null and not exists (select 1 from {mute} as mute"
            " where mute.ended_at is null and coalesce(mute.until_date >= %s, true)"
            " and (mute.account_id = kept.account_id or mute.rule = kept.rule))"
            " and not exists (select 1 from {task} as task"
            " where task.account_id = kept.account_id and task.reason_key = kept.rule"
            " and task.state in ('done', 'dismissed') and task.ended_on >= kept.opened_at)"
            " order by escalate_at, alert_id"
        ).format(**self._names)
        return [str(row[0]) for row in self._connection.execute(query, (now, today))]

    def stop_clock(self, alert_ids: Sequence[str]) -> None:
        """Remember that it was said that nobody has answered: it is said once."""
        self._connection.execute(
            sql.SQL(
                "update {state} set escalate_at = null, changes = changes + 1"
                " where alert_id = any(%s)"
            ).format(**self._names),
            (list(alert_ids),),
        )

    def unsettled(self) -> list[Entry]:
        """Return the messages that are not settled, in the order in which they came."""
        names = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Entry))
        query = sql.SQL(
            "select {} from {message} where settled_at is null order by position"
        ).format(names, **self._names)
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return [Entry(**row) for row in cursor.execute(query)]

    def bundle(self, entry: Entry, members: Sequence[str], now: dt.datetime) -> None:
        """Put messages into one: the members are settled with it."""
        self._connection.execute(
            sql.SQL(
                "insert into {message} (message_id, account_id, change, severity, route, channel,"
                " state, payload, created_at) values (%s, %s, %s, %s, %s, %s, 'pending', %s, %s)"
            ).format(**self._names),
            (
                entry.message_id, entry.account_id, entry.change, entry.severity, entry.route,
                entry.channel, Jsonb(entry.payload), now,
            ),
        )  # fmt: skip
        self._connection.execute(
            sql.SQL(
                "update {message} set bundle_id = %s, state = 'pending', payload = null"
                " where message_id = any(%s)"
            ).format(**self._names),
            (entry.message_id, list(members)),
        )

    def hold(self, message_ids: Sequence[str], until: dt.datetime) -> None:
        """Keep messages back until the quiet hours are over."""
        self._connection.execute(
            sql.SQL(
                "update {message} set state = 'held', hold_until = %s where message_id = any(%s)"
            ).format(**self._names),
            (until, list(message_ids)),
        )

    def intend(self, message_id: str, now: dt.datetime) -> None:
        """Say that a message is being sent; until it is settled nobody knows whether it was."""
        self._connection.execute(
            sql.SQL(
                "update {message} set state = 'pending', intended_at = %s, attempts = attempts + 1"
                " where message_id = %s"
            ).format(**self._names),
            (now, message_id),
        )

    def settle(
        self,
        message_id: str,
        state: str,
        now: dt.datetime,
        *,
        reference: str | None = None,
        reason: str | None = None,
        retry_at: dt.datetime | None = None,
        is_final: bool = False,
        counts: bool = True,
    ) -> None:
        """Write what became of a message and of all that were bundled into it.

        ``failed`` and ``pending`` may be tried again, ``unknown`` is in doubt unless ``is_final``.
        A try that does not count was none of the message's own fault. What is final keeps no words.
        """
        self._connection.execute(
            sql.SQL(
                "update {message} set state = %(state)s, vendor_reference = %(reference)s,"
                " reason = %(reason)s, retry_at = %(retry_at)s,"
                " settled_at = case when %(is_final)s then %(now)s::timestamptz end,"
                " attempts = attempts - case when %(counts)s or attempts = 0 then 0 else 1 end,"
                " intended_at = case when %(state)s in ('sent', 'unknown') then intended_at end,"
                " payload = case when %(is_final)s then null else payload end"
                " where message_id = %(id)s or bundle_id = %(id)s"
            ).format(**self._names),
            {
                "id": message_id, "state": state, "reference": reference, "reason": reason,
                "retry_at": retry_at, "now": now, "counts": counts,
                "is_final": state == "sent" or is_final,
            },
        )  # fmt: skip
