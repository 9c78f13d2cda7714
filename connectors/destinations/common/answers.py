"""The fields on an account in which people answer the copilot, which it reads and never writes.

``publish setup`` makes them, beside those of `fields`; what stands in them comes back with the next
sync. They stand in no outbound table, so no plan can hold a change of theirs.
"""

from connectors.destinations.common.fields import OutboundField

VERDICTS = ("right", "wrong", "too_late", "already_known")
ANSWERS: tuple[OutboundField, ...] = (
    OutboundField(
        "feedback",
        "Copilot Feedback",
        "choice",
        values=VERDICTS,
        help_text="Was the copilot right about this account? It is never overwritten.",
        is_peoples=True,
    ),
    OutboundField(
        "override_score",
        "Copilot Override Score",
        "number",
        1,
        help_text="Your own health score, 0 to 100; it counts with a reason and an end.",
        is_peoples=True,
    ),
    OutboundField(
        "override_reason",
        "Copilot Override Reason",
        "text",
        length=255,
        help_text="Why the score is set by hand.",
        is_peoples=True,
    ),
    OutboundField(
        "override_expires",
        "Copilot Override Expires",
        "date",
        help_text="The day from which the copilot's own score holds again.",
        is_peoples=True,
    ),
)
