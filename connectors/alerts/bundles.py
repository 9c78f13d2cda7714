"""Many messages made one."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence

from connectors.alerts.message import digest, to_json
from connectors.alerts.outbox import Entry
from warehouse.alert_settings import rank


def bundles_of(
    groups: Sequence[Sequence[Entry]], company: str, day: dt.date
) -> Iterator[tuple[Entry, list[str]]]:
    """Yield the message of each group, and which messages it is made of.

    Its id follows from theirs, so that the same group is never bundled twice.

    Parameters
    ----------
    groups : sequence of sequence of Entry
        Each of one route and one recipient.
    company : str
        For the footer.
    day : date
        For the title.
    """
    for group in groups:
        members = [entry.message_id for entry in group]
        key = "|".join(["digest", *sorted(members)])
        items = [item for entry in group for item in entry.message.items]
        first = group[0]
        bundle = Entry(
            message_id=hashlib.sha256(key.encode()).hexdigest()[:32],
            alert_id=None,
            account_id=first.account_id,
            change="digest",
            severity=max((entry.severity for entry in group), key=rank),
            route=first.route,
            channel=first.channel,
            state="pending",
            is_digest=False,
            attempts=0,
            created_at=first.created_at,
            intended_at=None,
            payload=to_json(digest(items, company, day)),
        )
        yield bundle, members
