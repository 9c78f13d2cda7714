"""Google Analytics 4: two reports of its Data API, made for the copilot.

The API gives neither events nor people. The reports hold what it can say by company, which must
be a custom dimension of the user with the parameter name ``company_id``.
"""

from typing import Any

from connectors.runner import ConfiguredStream
from connectors.sources.source import Secrets, VendorSource
from warehouse.errors import CopilotError
from warehouse.settings import Settings

_COMPANY = "customUser:company_id"
_REPORTS = (
    {
        "name": "copilot_events",
        "dimensions": ["date", "eventName", _COMPANY],
        "metrics": ["eventCount"],
    },
    {
        "name": "copilot_active_users",
        "dimensions": ["date", _COMPANY],
        "metrics": ["active7DayUsers", "active28DayUsers"],
    },
)


def _configure(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    if settings.google_analytics.property_id is None:
        raise CopilotError(
            "google_analytics.property_id is missing in the settings.",
            "Put there the number that Google Analytics shows under Admin, Property details.",
        )
    return {
        "property_ids": [settings.google_analytics.property_id],
        "credentials": {
            "auth_type": "Service",
            "credentials_json": secrets["GOOGLE_ANALYTICS_CREDENTIALS_JSON"],
        },
        "date_ranges_start_date": settings.sync.start_date.isoformat(),
        "custom_reports_array": [dict(report) for report in _REPORTS],
        "lookback_window": 3,
    }


SOURCE = VendorSource(
    name="google_analytics",
    title="Google Analytics 4",
    requirement="airbyte-source-google-analytics-data-api==2.8.2",
    definition="google-analytics-data-api",
    streams=tuple(ConfiguredStream(str(report["name"])) for report in _REPORTS),
    credentials=(("GOOGLE_ANALYTICS_CREDENTIALS_JSON",),),
    configure=_configure,
)
