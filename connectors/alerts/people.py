"""What people say about alerts: mute, unmute, take one on, and what there is to see."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.alerts.message import SHORT_ID
from connectors.alerts.observe import Connection
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

_SHORTEST = 6


class People:
    """Writes down who muted or took on what, and why; all of it is in ``ops.audit_log`` too.

    Parameters
    ----------
    warehouse : Warehouse
        Holds the ledger.
    by : str
        Who does it.
    now : datetime
        When.
    """

    def __init__(self, warehouse: Warehouse, by: str, now: dt.datetime) -> None:
        if not by.strip():
            raise CopilotError("Nobody is named.", "Say who you are with `--by NAME`.")
        self._warehouse, self._by, self._now = warehouse, by.strip(), now

    def mute(
        self, *, account_id: str | None, rule: str | None, until: dt.date | None, reason: str
    ) -> None:
        """Say nothing of an account or of a rule, to the end of a day or until it is unmuted.

        Raises
        ------
        CopilotError
            No reason is given, or the day has passed.
        """
        if not reason.strip():
            raise CopilotError("A mute needs a reason.", "Give one with `--reason`.")
        if until is not None and until < self._now.date():
            raise CopilotError(f"{until} has passed.", "Give a day to come, or none.")
        with self._warehouse.connect(Role.PUBLISHER) as connection:
            connection.execute(
                self._sql(
                    "insert into {alert_mute} (account_id, rule, reason, muted_by, muted_at,"
                    " until_date) values (%s, %s, %s, %s, %s, %s)"
                ),
                (account_id, rule, reason.strip(), self._by, self._now, until),
            )
            self._log(connection, "mute", account_id or rule, {"reason": reason.strip()})

    def unmute(self, *, account_id: str | None, rule: str | None) -> None:
        """Speak of it again, of what changes from now on.

        Raises
        ------
        CopilotError
            It is not muted.
        """
        with self._warehouse.connect(Role.PUBLISHER) as connection:
            done = connection.execute(
                self._sql(
                    "update {alert_mute} set ended_at = %s, ended_by = %s where ended_at is null"
                    " and (account_id = %s or rule = %s)"
                ),
                (self._now, self._by, account_id, rule),
            )
            if done.rowcount == 0:
                raise CopilotError(f"{account_id or rule} is not muted.")
            self._log(connection, "unmute", account_id or rule, {})

    def acknowledge(self, alert: str) -> str:
        """Take an alert on, so that it is not escalated; return its id.

        Parameters
        ----------
        alert : str
            Its id, or the first six characters or more of it.

        Raises
        ------
        CopilotError
            No open alert begins like that, or several do.
        """
        if len(alert) < _SHORTEST:
            raise CopilotError(f"'{alert}' is too short.", "Give six characters or more.")
        with self._warehouse.connect(Role.PUBLISHER) as connection:
            found = connection.execute(
                self._sql(
                    "select alert_id from {alert_state}"
                    " where state = 'open' and left(alert_id, length(%s)) = %s order by alert_id"
                ),
                (alert, alert),
            ).fetchall()
            if len(found) != 1:
                many = "several open alerts begin" if found else "no open alert begins"
                raise CopilotError(f"'{alert}': {many} like that.", "`copilot alerts list`")
            connection.execute(
                self._sql(
                    "update {alert_state} set acknowledged_at = %s, acknowledged_by = %s"
                    " where alert_id = %s"
                ),
                (self._now, self._by, found[0][0]),
            )
            self._log(connection, "acknowledge", found[0][0], {})
        return str(found[0][0])

    def _log(
        self, connection: Connection, action: str, what: str | None, detail: dict[str, Any]
    ) -> None:
        connection.execute(
            self._sql(
                "insert into {audit_log} (actor, action, object, object_id, detail)"
                " values (%s, %s, 'alert', %s, %s)"
            ),
            (self._by, action, what, Jsonb(detail)),
        )

    def _sql(self, text: str) -> sql.Composed:
        return _named(self._warehouse, text)


def overview(warehouse: Warehouse) -> Iterator[str]:
    """Yield lines on open alerts, mutes, and messages that are not sent."""
    with warehouse.connect(Role.PUBLISHER) as connection:
        yield from _open_lines(connection, warehouse)
        yield from _mute_lines(connection, warehouse)
        yield from _message_lines(connection, warehouse)


def _open_lines(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    rows = connection.execute(
        _named(
            warehouse,
            "select alert_id, severity, account_name, rule_label, opened_at, acknowledged_by"
            " from {alert_state} where state = 'open' order by opened_at, alert_id",
        )
    ).fetchall()
    yield f"{len(rows)} open alert(s) that were told of:"
    for alert_id, severity, account, label, opened_at, by in rows:
        about = f"{account}: " if account else ""
        taken = f", taken on by {by}" if by else ""
        yield f"  {alert_id[:SHORT_ID]}  {severity}  {about}{label}, since {opened_at}{taken}"


def _mute_lines(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    rows = connection.execute(
        _named(
            warehouse,
            "select coalesce(account_id, rule), until_date, muted_by, reason from {alert_mute}"
            " where ended_at is null order by mute_id",
        )
    ).fetchall()
    for what, until, by, reason in rows:
        yield f"muted: {what}{f' until {until}' if until else ''}, by {by}: {reason}"


def _message_lines(connection: Connection, warehouse: Warehouse) -> Iterator[str]:
    rows = connection.execute(
        _named(
            warehouse,
            "select state, channel, route, count(*), max(reason) from {alert_message}"
            " where state in ('pending', 'held', 'failed', 'unknown') and bundle_id is null"
            " group by state, channel, route order by state, channel, route",
        )
    ).fetchall()
    for state, channel, route, count, reason in rows:
        yield f"{state}: {count} message(s) to {channel} ({route}){f'; {reason}' if reason else ''}"


def _named(warehouse: Warehouse, text: str) -> sql.Composed:
    names = ("alert_state", "alert_mute", "alert_message", "audit_log")
    ops = warehouse.schema("ops")
    return sql.SQL(text).format(**{name: sql.Identifier(ops, name) for name in names})
