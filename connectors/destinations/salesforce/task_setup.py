"""What the tasks and people's answers need in Salesforce: a marker on tasks, fields on accounts."""

from typing import Any

ENTITY = "Activity"  # tasks and events share their custom fields
MARKER_FIELD: dict[str, Any] = {
    "type": "Text",
    "label": "Copilot Marker",
    "length": 40,
    "unique": True,
    "externalId": True,
    "caseSensitive": False,
    "required": False,
    "description": "Customer Success Copilot. Tells which recommendation a task is for.",
}
