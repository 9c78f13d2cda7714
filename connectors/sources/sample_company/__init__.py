"""A synthetic B2B software company that speaks the Airbyte protocol.

The company, its people and every number are invented by a seeded simulation. The records carry
the stream names, field names, types and nesting of the real Salesforce, Zendesk Support, Mixpanel
and Stripe connectors, so everything behind them is exercised as with a real company.
"""

from datetime import date
from typing import Final

END_DATE: Final = date(2026, 6, 30)
"""Last day of the synthetic company's data, whatever the day it is generated on."""

__all__ = ["END_DATE"]
