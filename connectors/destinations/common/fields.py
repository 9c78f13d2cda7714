"""The copilot's fields on an account, in any CRM: one table, from which all else follows."""

import datetime as dt
import decimal
from dataclasses import dataclass
from typing import Any, Literal

GROUP = "Customer Success Copilot"
Value = str | float | None
Kind = Literal["number", "percent", "money", "choice", "text", "long_text", "date", "url"]


@dataclass(frozen=True)
class OutboundField:
    """One field that the copilot writes.

    Parameters
    ----------
    column : str
        Column of ``publish.sync_<crm>_account``; each CRM makes its own field name of it.
    label : str
        What people read in the CRM.
    kind : str
        Each CRM has a type of its own for it. A percent is 0 to 100.
    scale : int
        Digits after the point, of numbers.
    length : int
        Most characters, of text.
    values : tuple of str
        What a choice may be.
    help_text : str
        Shown beside the field.
    is_peoples : bool
        People write it and the copilot only reads it; see `answers`.
    """

    column: str
    label: str
    kind: Kind
    scale: int = 0
    length: int = 0
    values: tuple[str, ...] = ()
    help_text: str = ""
    is_peoples: bool = False

    def normal(self, value: Any) -> Value:
        """Return a value of the warehouse or of a CRM in the one form that both compare in.

        Numbers are rounded half up to the field's scale, dates are ISO 8601, text has no blanks
        around it (CRMs strip them) and is null when empty.
        """
        if value is None or value == "":
            return None
        if self.kind in {"number", "percent", "money"}:
            number = decimal.Decimal(str(value))
            if not number.is_finite():
                return None
            step = decimal.Decimal(1).scaleb(-self.scale)
            return float(number.quantize(step, decimal.ROUND_HALF_UP)) + 0.0
        if isinstance(value, dt.date):
            return value.isoformat()
        return str(value).replace("\r\n", "\n").strip() or None


FIELDS: tuple[OutboundField, ...] = (
    OutboundField(
        "health_score", "Copilot Health Score", "number", 1, help_text="0 to 100; 100 is best."
    ),
    OutboundField(
        "health_band",
        "Copilot Health Band",
        "choice",
        values=("healthy", "watch", "at_risk", "unknown"),
        help_text="unknown: too little is known of the account for a score.",
    ),
    OutboundField(
        "health_change_30d",
        "Copilot Health Change 30d",
        "number",
        1,
        help_text="Points of health score won or lost in 30 days.",
    ),
    OutboundField(
        "health_trend",
        "Copilot Health Trend",
        "choice",
        values=("rising", "steady", "falling"),
        help_text="Whether the health score won or lost 5 points or more in 30 days.",
    ),
    OutboundField(
        "churn_probability",
        "Copilot Churn Probability",
        "percent",
        1,
        help_text="That the account leaves within the horizon of the settings.",
    ),
    OutboundField("risk_tier", "Copilot Risk Tier", "text", length=10),
    OutboundField(
        "score_basis",
        "Copilot Score Basis",
        "text",
        length=10,
        help_text="model, rule or base_rate: what the churn probability rests on.",
    ),
    OutboundField("reasons", "Copilot Reasons", "long_text", length=2000),
    OutboundField("next_action", "Copilot Next Action", "text", length=255),
    OutboundField("expansion_propensity", "Copilot Expansion Propensity", "percent", 1),
    OutboundField("expansion_product", "Copilot Expansion Product", "text", length=80),
    OutboundField(
        "arr_at_risk",
        "Copilot ARR At Risk",
        "money",
        2,
        help_text="Yearly revenue times churn probability.",
    ),
    OutboundField("renewal_date", "Copilot Renewal Date", "date"),
    OutboundField(
        "expected_renewal_arr",
        "Copilot Expected Renewal ARR",
        "money",
        2,
        help_text="Yearly revenue that the next renewal is expected to leave.",
    ),
    OutboundField("as_of_date", "Copilot As Of", "date"),
    OutboundField("report_url", "Copilot Report", "url", length=255),
)
BY_COLUMN = {field.column: field for field in FIELDS}
