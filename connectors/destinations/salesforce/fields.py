"""The copilot's fields on Account: one table, from which all else follows."""

import datetime as dt
import decimal
from dataclasses import dataclass
from typing import Any

OBJECT = "Account"
GROUP = "Customer Success Copilot"
Value = str | float | None


@dataclass(frozen=True)
class OutboundField:
    """One field that the copilot writes.

    Parameters
    ----------
    api_name : str
        Name in Salesforce.
    label : str
        Label in Salesforce.
    kind : str
        Metadata type: Number, Percent, Currency, Picklist, Text, LongTextArea, Date or Url.
    column : str
        Column of ``publish.sync_salesforce_account``.
    length : int
        Most characters, of text.
    precision, scale : int
        Digits in all and after the point, of numbers.
    values : tuple of str
        The values of a picklist.
    help_text : str
        Shown beside the field.
    """

    api_name: str
    label: str
    kind: str
    column: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    help_text: str = ""

    def normal(self, value: Any) -> Value:
        """Return a value of the warehouse or of Salesforce in the one form that both compare in.

        Numbers are rounded half up to the field's scale, dates are ISO 8601, text has no blanks
        around it (Salesforce strips them) and is null when empty.
        """
        if value is None:
            return None
        if self.kind in {"Number", "Percent", "Currency"}:
            number = decimal.Decimal(str(value))
            if not number.is_finite():
                return None
            step = decimal.Decimal(1).scaleb(-self.scale)
            return float(number.quantize(step, decimal.ROUND_HALF_UP)) + 0.0
        if isinstance(value, dt.date):
            return value.isoformat()
        return str(value).replace("\r\n", "\n").strip() or None

    def accepts(self, described_type: str) -> bool:
        """Say whether an existing field of this type can hold the values."""
        return described_type in _DESCRIBED[self.kind]

    def metadata(self, currency: str, *, is_multi_currency: bool) -> dict[str, Any]:
        """Return the Tooling API's metadata to make the field.

        An org with several currencies would show an amount in each account's own currency without
        converting it, so there an amount is a plain number with its currency in the label.
        """
        kind, label = self.kind, self.label
        if kind == "Currency" and is_multi_currency:
            kind, label = "Number", f"{label} ({currency})"
        made: dict[str, Any] = {
            "type": kind,
            "label": label,
            "description": f"{GROUP}. Written by the copilot; edits are overwritten.",
            "inlineHelpText": self.help_text,
            "required": False,
        }
        if self.precision:
            made |= {"precision": self.precision, "scale": self.scale}
        if kind in {"Text", "LongTextArea"}:
            made["length"] = self.length
        if kind == "LongTextArea":
            made["visibleLines"] = 6
        if kind == "Picklist":
            values = [
                {"fullName": value, "valueName": value, "label": value, "default": False}
                for value in self.values
            ]
            made["valueSet"] = {
                "restricted": True,
                "valueSetDefinition": {"sorted": False, "value": values},
            }
        return made


_DESCRIBED = {
    "Number": {"double"},
    "Percent": {"percent"},
    "Currency": {"currency", "double"},
    "Picklist": {"picklist"},
    "Text": {"string"},
    "LongTextArea": {"textarea"},
    "Date": {"date"},
    "Url": {"url"},
}

FIELDS: tuple[OutboundField, ...] = (
    OutboundField(
        "Copilot_Health_Score__c",
        "Copilot Health Score",
        "Number",
        "health_score",
        precision=5,
        scale=1,
        help_text="0 to 100; 100 is best.",
    ),
    OutboundField(
        "Copilot_Health_Band__c",
        "Copilot Health Band",
        "Picklist",
        "health_band",
        values=("healthy", "watch", "at_risk", "unknown"),
        help_text="unknown: too little is known of the account for a score.",
    ),
    OutboundField(
        "Copilot_Health_Change_30d__c",
        "Copilot Health Change 30d",
        "Number",
        "health_change_30d",
        precision=5,
        scale=1,
        help_text="Points of health score won or lost in 30 days.",
    ),
    OutboundField(
        "Copilot_Churn_Probability__c",
        "Copilot Churn Probability",
        "Percent",
        "churn_probability",
        precision=5,
        scale=1,
        help_text="That the account leaves within the horizon of the settings.",
    ),
    OutboundField("Copilot_Risk_Tier__c", "Copilot Risk Tier", "Text", "risk_tier", length=10),
    OutboundField(
        "Copilot_Score_Basis__c",
        "Copilot Score Basis",
        "Text",
        "score_basis",
        length=10,
        help_text="model, rule or base_rate: what the churn probability rests on.",
    ),
    OutboundField("Copilot_Reasons__c", "Copilot Reasons", "LongTextArea", "reasons", length=2000),
    OutboundField(
        "Copilot_Next_Action__c", "Copilot Next Action", "Text", "next_action", length=255
    ),
    OutboundField(
        "Copilot_Expansion_Propensity__c",
        "Copilot Expansion Propensity",
        "Percent",
        "expansion_propensity",
        precision=5,
        scale=1,
    ),
    OutboundField(
        "Copilot_Expansion_Product__c",
        "Copilot Expansion Product",
        "Text",
        "expansion_product",
        length=80,
    ),
    OutboundField(
        "Copilot_ARR_At_Risk__c",
        "Copilot ARR At Risk",
        "Currency",
        "arr_at_risk",
        precision=18,
        scale=2,
        help_text="Yearly revenue times churn probability.",
    ),
    OutboundField("Copilot_Renewal_Date__c", "Copilot Renewal Date", "Date", "renewal_date"),
    OutboundField("Copilot_As_Of__c", "Copilot As Of", "Date", "as_of_date"),
    OutboundField("Copilot_Report_URL__c", "Copilot Report", "Url", "report_url", length=255),
)
BY_API_NAME = {field.api_name: field for field in FIELDS}
