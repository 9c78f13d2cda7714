"""Cursor values: each vendor's own format outside, milliseconds since 1970 inside."""

from dataclasses import dataclass
from datetime import UTC, datetime

from warehouse.errors import CopilotError

_DAY = 86_400_000


@dataclass(frozen=True)
class Cursor:
    """A stream's cursor field.

    Attributes
    ----------
    style : `epoch` (whole seconds), `zulu` (``...Z``), `plain` (no zone), `spaced` (the same with
        a blank), `compact` (a day, 20260131) or `salesforce`
    lookback_ms : how far before the last cursor an incremental read begins again
    """

    field: str
    style: str
    lookback_ms: int = 0

    def text(self, moment: int) -> str | int:
        """Write a moment as the vendor does."""
        if self.style == "epoch":
            return moment // 1000
        time = datetime.fromtimestamp(moment / 1000, tz=UTC)
        if self.style == "salesforce":
            return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        if self.style == "spaced":
            return time.strftime("%Y-%m-%d %H:%M:%S")
        if self.style == "compact":
            return time.strftime("%Y%m%d")
        return time.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if self.style == "zulu" else "")

    def parse(self, value: object, stream: str) -> int:
        """Read a moment from a state.

        Raises
        ------
        CopilotError
            If the value is neither a number of seconds nor an ISO 8601 time.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value * 1000)
        try:
            time = datetime.fromisoformat(str(value))
        except ValueError as error:
            what = f"The state of stream {stream} holds {self.field} = {value!r}, which is no time."
            raise CopilotError(what, "Reset the stream to read it from the start.") from error
        zoned = time if time.tzinfo else time.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)


_UPDATED = Cursor("updated", "epoch")
_UPDATED_AT = Cursor("updated_at", "zulu")
_HUBSPOT = Cursor("updatedAt", "zulu")
_PIPEDRIVE = Cursor("update_time", "spaced")
CURSORS = {
    "hubspot": {
        **dict.fromkeys(("companies", "contacts", "deals", "owners", "owners_archived"), _HUBSPOT),
        **dict.fromkeys(("engagements_calls", "engagements_emails"), _HUBSPOT),
        **dict.fromkeys(("engagements_meetings", "engagements_tasks"), _HUBSPOT),
        "deal_pipelines": Cursor("updatedAt", "epoch"),
        "deals_archived": Cursor("archivedAt", "zulu"),
        "companies_property_history": Cursor("timestamp", "zulu"),
        "deals_property_history": Cursor("timestamp", "zulu"),
    },
    "pipedrive": {
        **dict.fromkeys(("organizations", "persons", "deals", "stages", "activities"), _PIPEDRIVE),
        "organization_fields": _PIPEDRIVE,
        "users": Cursor("modified", "spaced"),
    },
    "zendesk": {
        "organizations": _UPDATED_AT,
        "users": _UPDATED_AT,
        "satisfaction_ratings": _UPDATED_AT,
        "ticket_audits": Cursor("created_at", "zulu"),
        "tickets": Cursor("generated_timestamp", "epoch"),
        "ticket_metrics": Cursor("_ab_updated_at", "epoch"),
    },
    "intercom": dict.fromkeys(
        ("admins", "companies", "contacts", "conversations", "conversation_parts"),
        Cursor("updated_at", "epoch"),
    ),
    "freshdesk": dict.fromkeys(
        ("agents", "companies", "contacts", "tickets", "satisfaction_ratings"), _UPDATED_AT
    ),
    "mixpanel": {
        "export": Cursor("time", "zulu", lookback_ms=2 * _DAY),
        "engage": Cursor("last_seen", "plain"),
    },
    "amplitude": {"events": Cursor("server_upload_time", "zulu")},
    "google_analytics": {
        "copilot_events": Cursor("date", "compact", lookback_ms=3 * _DAY),
        "copilot_active_users": Cursor("date", "compact", lookback_ms=3 * _DAY),
    },
    "stripe": dict.fromkeys(
        ("customers", "products", "prices", "subscriptions", "invoices"), _UPDATED
    ),
}
SALESFORCE_OBJECT = Cursor("SystemModstamp", "salesforce", lookback_ms=600_000)
SALESFORCE = {"AccountHistory": Cursor("CreatedDate", "salesforce", lookback_ms=600_000)}
