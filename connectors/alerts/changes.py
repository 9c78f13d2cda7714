"""What has changed since it was said last, and to whom that goes."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from connectors.alerts.observe import RUN_RULES, Observed
from warehouse.alert_settings import OWNER, AlertSettings, RouteSettings, rank


@dataclass(frozen=True)
class Known:
    """What was said of an alert last; fields as in `Observed` and ``ops.alert_state``."""

    alert_id: str
    account_id: str | None
    account_name: str | None
    rule: str
    rule_label: str
    severity: str
    state: str
    changes: int
    opened_at: dt.date
    as_of_date: dt.date


@dataclass(frozen=True)
class Change:
    """One change of an alert: opened, escalated, recovered or unanswered; its number counts up."""

    kind: str
    alert: Observed
    number: int


def changes_between(
    known: Mapping[str, Known], observed: Iterable[Observed], settings: AlertSettings
) -> Iterator[Change]:
    """Yield what has changed, of the rules that are on.

    An alert that was said to be open and is in the data no more is over, too: something was
    corrected. So it is not where the data are of a day before it began: a run as of yesterday knows
    nothing of what landed today. One that was never said to be open and is not open now is not
    worth a word.

    Parameters
    ----------
    known : mapping
        By alert.
    observed : iterable of Observed
        Of the same rules as ``known``.
    settings : AlertSettings
        Which rules are on.
    """
    found = list(observed)
    latest = max((one.as_of_date for one in found), default=dt.date.max)
    there = {one.alert_id: one for one in found if settings.rule(one.rule).enabled}
    for alert_id, alert in there.items():
        before = known.get(alert_id)
        kind = _kind(before, alert)
        if kind:
            yield Change(kind, alert, (before.changes if before else 0) + 1)
    for alert_id, before in known.items():
        is_later = before.account_id is not None and before.opened_at > latest
        is_gone = before.state == "open" and alert_id not in there and not is_later
        if is_gone and settings.rule(before.rule).enabled:
            yield Change("recovered", _gone(before), before.changes + 1)


def _kind(before: Known | None, alert: Observed) -> str | None:
    if before is None or before.state == "closed":
        return "opened" if alert.state == "open" else None
    if alert.state == "closed":
        return "recovered"
    return "escalated" if rank(alert.severity) > rank(before.severity) else None


def _gone(before: Known) -> Observed:
    shared = {field.name for field in dataclasses.fields(Known)} - {"changes", "state"}
    words = None if before.rule in RUN_RULES else "By the data as they are now it does not hold"
    kept = {name: getattr(before, name) for name in shared}
    return Observed(**kept, state="closed", detail=words)


def routes_of(
    change: Change, settings: AlertSettings, told: Collection[str]
) -> list[RouteSettings]:
    """Return the routes on which a change goes out.

    Parameters
    ----------
    change : Change
        What has changed.
    settings : AlertSettings
        All routes.
    told : collection of str
        Routes on which the alert was mentioned already: those hear that it is over.
    """
    return [route for route in settings.routes if _goes(route, change, settings, told)]


def _goes(
    route: RouteSettings, change: Change, settings: AlertSettings, told: Collection[str]
) -> bool:
    alert = change.alert
    if change.kind == "recovered":
        return route.recovery and route.name in told
    if alert.account_id is None and route.to == OWNER:
        return False
    if route.segments and alert.segment not in route.segments:
        return False
    if change.kind == "unanswered":
        return route.escalation
    named = settings.rule(alert.rule).routes
    return (
        not route.escalation
        and rank(alert.severity) >= rank(route.min_severity)
        and (not named or route.name in named)
    )
