"""One pass: notice what has changed, write it down, send what is due, write what became of it."""

import dataclasses
import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from connectors.alerts import observe
from connectors.alerts.bundles import bundles_of
from connectors.alerts.changes import Change, Known, changes_between, routes_of
from connectors.alerts.channel import (
    Address,
    Channel,
    NoReadBackError,
    NotSentError,
    UnknownOutcomeError,
)
from connectors.alerts.message import item_of, single
from connectors.alerts.observe import Connection, Observed
from connectors.alerts.outbox import Entry, Outbox, Planned
from connectors.alerts.quiet import next_time, quiet_until
from warehouse.alert_settings import OWNER, RouteSettings, rank
from warehouse.clock import utc_now
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError
from warehouse.session_lock import try_lock, unlock
from warehouse.settings import Settings

# A request that was cut off may still be on its way; before that nothing is "not there".
_LANDS_WITHIN = dt.timedelta(seconds=30)
_CLOCKS_DIFFER_SECONDS = 600
_FIRST_WAIT, _LONGEST_WAIT = dt.timedelta(minutes=5), dt.timedelta(hours=6)
Open = Callable[[], Channel]


@dataclass
class PassResult:
    """What a pass did.

    Parameters
    ----------
    counts : Counter
        Messages by channel and state.
    changes : int
        Changes that were noticed.
    held_until : datetime or None
        Until when messages are kept back.
    problems : list of str
        What went wrong, without secrets.
    is_busy : bool
        Another pass was under way, so this one did nothing.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: int = 0
    held_until: dt.datetime | None = None
    problems: list[str] = field(default_factory=list)
    is_busy: bool = False

    def sentence(self) -> str:
        """Return what was done, in words."""
        if self.is_busy:
            return "another pass is sending; nothing was done."
        sent = [f"{count} {what} {state}" for (what, state), count in sorted(self.counts.items())]
        held = f"; held until {self.held_until:%Y-%m-%d %H:%M} UTC" if self.held_until else ""
        return f"{self.changes} change(s); {', '.join(sent) or 'nothing to send'}{held}."


class Pass:
    """One pass over everything that is to be said.

    Parameters
    ----------
    warehouse : Warehouse
        Holds alerts and ledger.
    settings : Settings
        Routes, rules and hours.
    channels : mapping
        By name, how to open each; one that cannot be opened stops no other.
    clock : callable
        Returns the present, with its zone.
    budget_seconds : float
        After so long nothing further is begun; the next pass goes on.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        channels: Mapping[str, Open],
        *,
        clock: Callable[[], dt.datetime] = utc_now,
        budget_seconds: float = 600.0,
    ) -> None:
        self._warehouse, self._company = warehouse, settings.company_name
        self._settings = settings.alerts
        self._zone = ZoneInfo(settings.reporting_timezone)
        self._openers, self._clock, self._budget = channels, clock, budget_seconds
        self._routes = {route.name: route for route in self._settings.routes}
        self._channels: dict[str, Channel | CopilotError] = {}
        self._stopped: set[str] = set()
        self._ends_at = 0.0

    def run(self) -> PassResult:
        """Do it; one pass at a time, whoever starts it."""
        result = PassResult()
        self._stopped.clear()
        self._ends_at = time.monotonic() + self._budget
        with self._warehouse.connect(Role.PUBLISHER) as connection:
            lock = f"customer-success-copilot:alerts:{self._warehouse.schema_prefix}"
            result.is_busy = not try_lock(connection, lock)
            if not result.is_busy:
                try:
                    self._run(connection, result)
                finally:
                    unlock(connection, lock)
        return result

    def _run(self, connection: Connection, result: PassResult) -> None:
        outbox = Outbox(connection, self._warehouse)
        self._notice(connection, outbox, result)
        outbox.mute(self._today(), self._clock())
        connection.commit()
        owners = self._owners(connection)
        self._settle_doubts(connection, outbox, owners, result)
        self._bundle(connection, outbox, owners)
        self._deliver(connection, outbox, owners, result)
        connection.commit()

    def _today(self) -> dt.date:
        return self._clock().astimezone(self._zone).date()

    def _owners(self, connection: Connection) -> dict[str, str]:
        there = observe.is_built(connection, self._warehouse)
        return observe.owners(connection, self._warehouse) if there else {}

    def _notice(self, connection: Connection, outbox: Outbox, result: PassResult) -> None:
        """Write down what has changed since the last pass, with the messages that say so."""
        now = self._clock()
        known = outbox.known()
        of_runs = {key: one for key, one in known.items() if one.account_id is None}
        of_accounts = {key: one for key, one in known.items() if one.account_id is not None}
        runs = observe.alerts_of_runs(connection, self._warehouse, self._settings, now)
        alerts = observe.alerts_of_accounts(connection, self._warehouse)
        published = observe.last_published_date(connection, self._warehouse)
        refusal = _refusal(alerts, of_accounts, published)
        if refusal:
            result.problems.append(refusal)
            alerts = None
        changes = list(changes_between(of_runs, runs, self._settings))
        self._write(outbox, changes, now, is_first=False)
        result.changes = len(changes)
        if alerts is not None:
            is_first = not of_accounts
            changes = list(changes_between(of_accounts, alerts, self._settings))
            self._write(outbox, changes, now, is_first=is_first)
            if is_first:  # so that the next pass is not the first, whatever was open
                over = [Change("recovered", one, 0) for one in alerts if one.state == "closed"]
                outbox.keep([(one, None) for one in over], now)
            result.changes += len(changes)
        self._say_unanswered(outbox, {one.alert_id: one for one in [*(alerts or []), *runs]}, now)

    def _write(
        self, outbox: Outbox, changes: Sequence[Change], now: dt.datetime, *, is_first: bool
    ) -> None:
        outbox.keep([(one, self._escalate_at(one.alert, now, is_first)) for one in changes], now)
        self._plan(outbox, changes, now, is_first=is_first)

    def _plan(
        self, outbox: Outbox, changes: Sequence[Change], now: dt.datetime, *, is_first: bool
    ) -> None:
        names = self._settings.personal_data == "names"
        planned = []
        for one in changes:
            told = outbox.told_routes(one.alert.alert_id) if one.kind == "recovered" else ()
            item = item_of(one.kind, dataclasses.asdict(one.alert), names=names)
            message = single(item, self._company)
            for route in routes_of(one, self._settings, told):
                is_digest = is_first or route.mode == "digest"
                until = self._digest_time(route, now, is_first) if is_digest else None
                planned.append(Planned(one, route.name, route.channel, message, is_digest, until))
        outbox.add(planned, now)

    def _digest_time(self, route: RouteSettings, now: dt.datetime, is_first: bool) -> dt.datetime:
        if is_first and route.mode == "each":
            return now
        return next_time(now, dt.time.fromisoformat(self._settings.digest_at), self._zone)

    def _escalate_at(self, alert: Observed, now: dt.datetime, is_first: bool) -> dt.datetime | None:
        """Return when it is said that nobody has answered; never of what stood before the start."""
        hours = self._settings.escalate_after_hours
        is_asked = rank(alert.severity) >= rank(self._settings.escalate_from)
        if is_first or not hours or not is_asked or alert.state != "open":
            return None
        return now + dt.timedelta(hours=hours)

    def _say_unanswered(
        self, outbox: Outbox, observed: Mapping[str, Observed], now: dt.datetime
    ) -> None:
        waiting = [one for one in outbox.unanswered(now, self._today()) if one in observed]
        known = outbox.known()
        changes = [Change("unanswered", observed[one], known[one].changes + 1) for one in waiting]
        self._plan(outbox, changes, now, is_first=False)
        outbox.stop_clock(waiting)

    def _settle_doubts(
        self, connection: Connection, outbox: Outbox, owners: Mapping[str, str], result: PassResult
    ) -> None:
        """Ask the channels what became of messages that a killed pass or a cut line left."""
        for entry in outbox.unsettled():
            if entry.intended_at is None or not self._goes_on(entry.channel):
                continue
            try:
                self._settle_doubt(outbox, entry, owners, result)
            except CopilotError as error:
                self._stopped.add(entry.channel)
                result.problems.append(f"{entry.channel}: {error.what}")
                outbox.settle(entry.message_id, "unknown", self._clock(), reason=error.what)
            connection.commit()

    def _goes_on(self, channel: str) -> bool:
        """Say whether a channel still works in this pass, and there is time left."""
        return channel not in self._stopped and time.monotonic() < self._ends_at

    def _settle_doubt(
        self, outbox: Outbox, entry: Entry, owners: Mapping[str, str], result: PassResult
    ) -> None:
        now, sent_at = self._clock(), entry.intended_at or entry.created_at
        try:
            channel = self._channel(entry.channel)
            since = sent_at.timestamp() - _CLOCKS_DIFFER_SECONDS
            found = channel.find(entry.message_id, self._address(entry, owners), since)
        except NoReadBackError as error:
            if self._settings.resend_unknown:
                outbox.settle(entry.message_id, "pending", now, reason="Sent again by setting.")
                return
            result.counts[entry.channel, "unknown"] += 1
            outbox.settle(
                entry.message_id, "unknown", now, reason=f"{error.what} It may have arrived.",
                is_final=True,
            )  # fmt: skip
            return
        if found is not None:
            result.counts[entry.channel, "sent"] += 1
            outbox.settle(entry.message_id, "sent", now, reference=found, reason="Read back.")
        elif now - sent_at >= _LANDS_WITHIN:
            outbox.settle(entry.message_id, "pending", now, reason="Not there when read back.")

    def _bundle(self, connection: Connection, outbox: Outbox, owners: Mapping[str, str]) -> None:
        """Make one message of what is due in a digest, and of more than people can read."""
        now = self._clock()
        if quiet_until(now, self._settings.quiet_hours, self._zone):
            return
        due = [entry for entry in outbox.unsettled() if entry.is_due(now)]
        groups = self._groups([entry for entry in due if entry.is_digest], owners)
        fresh = [
            entry
            for entry in due
            if not entry.is_digest and entry.attempts == 0 and entry.alert_id is not None
        ]
        groups += [
            group for group in self._groups(fresh, owners) if len(group) > self._settings.burst
        ]
        for entry, members in bundles_of(groups, self._company, self._today()):
            outbox.bundle(entry, members, now)
        connection.commit()

    def _groups(self, entries: Sequence[Entry], owners: Mapping[str, str]) -> list[list[Entry]]:
        """Return messages together that go to the same place."""
        groups: dict[tuple[str, str | None], list[Entry]] = defaultdict(list)
        for entry in entries:
            groups[entry.route, self._address(entry, owners).owner].append(entry)
        return list(groups.values())

    def _deliver(
        self, connection: Connection, outbox: Outbox, owners: Mapping[str, str], result: PassResult
    ) -> None:
        now = self._clock()
        waiting = [entry for entry in outbox.unsettled() if not entry.is_parked]
        until = quiet_until(now, self._settings.quiet_hours, self._zone)
        if until is not None:
            due = [entry.message_id for entry in waiting if entry.is_due(now)]
            outbox.hold(due, until)
            result.held_until = until if due else None
            return
        behind: set[tuple[str | None, str]] = set()
        for entry in waiting:
            # Nobody hears that something is over before having heard of it.
            place = (entry.alert_id, entry.route)
            is_next = entry.alert_id is None or place not in behind
            is_due = entry.is_due(now) and not entry.is_digest
            if is_next and is_due and self._goes_on(entry.channel):
                outbox.intend(entry.message_id, self._clock())
                connection.commit()
                is_sent = self._send(outbox, entry, owners, result)
                connection.commit()
                if is_sent:
                    continue
            behind.add(place)

    def _send(
        self, outbox: Outbox, entry: Entry, owners: Mapping[str, str], result: PassResult
    ) -> bool:
        """Send one message and write what became of it; say whether it has gone out."""
        state, reason, reference, retry_at = "sent", None, None, None
        try:
            if entry.route not in self._routes:
                raise NotSentError(f"There is no route '{entry.route}' any more.")
            channel = self._channel(entry.channel)
            reference = channel.send(entry.message_id, self._address(entry, owners), entry.message)
        except UnknownOutcomeError as error:
            state, reason = "unknown", str(error)
            self._stopped.add(entry.channel)
        except NotSentError as error:
            state, reason = "pending" if error.stops_channel else "failed", str(error)
            retry_at = self._retry_at(entry, error)
            if error.stops_channel:
                self._stopped.add(entry.channel)
        result.counts[entry.channel, state] += 1
        if reason:
            result.problems.append(f"{entry.channel} ({entry.route}): {reason}")
        outbox.settle(
            entry.message_id, state, self._clock(), reference=reference, reason=reason,
            retry_at=retry_at, counts=state != "pending",
        )  # fmt: skip
        return state == "sent"

    def _retry_at(self, entry: Entry, error: NotSentError) -> dt.datetime | None:
        """Return when to try again: as the vendor asks, or later with each try of the message."""
        if error.wait_seconds is not None:
            return self._clock() + dt.timedelta(seconds=error.wait_seconds)
        if error.stops_channel:
            return None
        wait: dt.timedelta = _FIRST_WAIT * 2**entry.attempts
        return self._clock() + min(wait, _LONGEST_WAIT)

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            try:
                self._channels[name] = self._openers[name]()
            except CopilotError as error:
                self._channels[name] = error
        opened = self._channels[name]
        if isinstance(opened, CopilotError):
            raise NotSentError(opened.what, opened.hint, stops_channel=True)
        return opened

    def _address(self, entry: Entry, owners: Mapping[str, str]) -> Address:
        route = self._routes.get(entry.route)
        if route is None:
            return Address("")
        if route.to != OWNER:
            return Address(route.to)
        return Address(OWNER, owners.get(entry.account_id or ""), route.otherwise)


def _refusal(
    alerts: Sequence[Observed] | None, known: Mapping[str, Known], published: dt.date | None
) -> str | None:
    """Return why the alerts at hand must not be told of, if they must not."""
    if alerts is None:
        return None
    if not alerts:
        is_open = any(one.state == "open" for one in known.values())
        return "publish.sync_alert is empty: nothing is said of it." if is_open else None
    as_of = max(one.as_of_date for one in alerts)
    if published is not None and as_of < published:
        return f"The alerts are as of {as_of}, and {published} is published: nothing is said."
    return None
