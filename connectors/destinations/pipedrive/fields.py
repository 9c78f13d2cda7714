"""The copilot's fields as Pipedrive has them: type, name, key, options, form of their values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.destinations.common.answers import ANSWERS
from connectors.destinations.common.fields import FIELDS, Kind, OutboundField, Value
from warehouse.errors import CopilotError

_TYPES: Mapping[Kind, tuple[str, ...]] = {  # the first is made, the others will do
    "number": ("double",),
    "percent": ("double",),
    "money": ("monetary",),
    "choice": ("enum",),
    "text": ("varchar", "varchar_auto", "text"),
    "long_text": ("text",),
    "date": ("date",),
    "url": ("varchar", "varchar_auto", "text"),  # Pipedrive makes a web address in a text a link
}
MADE = (*FIELDS, *ANSWERS)
_CURRENCY = re.compile(r" \(([A-Z]{3})\)")


@dataclass(frozen=True)
class PipedriveField:
    """One of the copilot's fields that is there.

    Parameters
    ----------
    outbound : OutboundField
        Which one.
    key : str
        Forty characters that Pipedrive gave it, another in each company.
    options : mapping of str to int
        Of a choice: the option's id by its label.
    currency : str
        Of money: as the field's name says.
    """

    outbound: OutboundField
    key: str
    options: Mapping[str, int] = field(default_factory=dict)
    currency: str = ""

    @property
    def missing_options(self) -> list[str]:
        """Labels of options that a choice lacks."""
        return [label for label in self.outbound.values if label not in self.options]

    def sent(self, value: Value) -> Any:
        """Return a value as it is sent; None empties the field."""
        if value is None:
            return None
        if self.outbound.kind == "money":
            return {"value": value, "currency": self.currency}
        if self.outbound.kind == "choice":
            return self.options[str(value)]
        return value

    def read(self, value: Any) -> Value:
        """Return a value that was read, in the form that compares.

        An amount in another currency, and an option of somebody else, is no value of the copilot's:
        it reads as empty.
        """
        if self.outbound.kind == "money":
            is_own = isinstance(value, dict) and value.get("currency") == self.currency
            return self.outbound.normal(value["value"]) if is_own else None
        if self.outbound.kind == "choice":
            labels = {option: label for label, option in self.options.items()}
            return labels.get(value)
        return self.outbound.normal(value)

    def logged(self, text: str | None) -> Value:
        """Return a value as Pipedrive's changelog writes it, all as text, in the same form."""
        if text is None or self.outbound.kind != "choice":
            return self.outbound.normal(text)
        labels = {str(option): label for label, option in self.options.items()}
        return labels.get(text, text)


def found_fields(described: Iterable[Mapping[str, Any]]) -> dict[str, PipedriveField]:
    """Return the copilot's fields among an account's organisation fields, by column.

    Pipedrive gives a field a key of its own and keeps nothing else of who made it, so a field is
    found by its name.

    Raises
    ------
    CopilotError
        Two fields have one name, or one is of another type.
    """
    found: dict[str, PipedriveField] = {}
    for one in described:
        outbound, currency = (
            _meant(str(one["field_name"])) if one["is_custom_field"] else (None, "")
        )
        if outbound is None:
            continue
        if outbound.column in found:
            raise CopilotError(
                f"Pipedrive has two organisation fields '{outbound.label}'.",
                "Remove or rename the one that holds nothing, under Company settings, Data fields.",
            )
        if one["field_type"] not in _TYPES[outbound.kind]:
            raise CopilotError(
                f"The organisation field '{outbound.label}' in Pipedrive is of type"
                f" {one['field_type']}, not {_TYPES[outbound.kind][0]}.",
                "Rename or remove that field; the copilot makes its own at the next run.",
            )
        options = {str(option["label"]): int(option["id"]) for option in one.get("options") or ()}
        found[outbound.column] = PipedriveField(outbound, one["field_code"], options, currency)
    return found


def _meant(name: str) -> tuple[OutboundField | None, str]:
    for outbound in MADE:
        if not name.startswith(outbound.label):
            continue
        rest = name[len(outbound.label) :]
        if outbound.kind == "money":
            currency = _CURRENCY.fullmatch(rest)
            if currency:
                return outbound, currency[1]
        elif not rest:
            return outbound, ""
    return None, ""


def name_of(outbound: OutboundField, currency: str) -> str:
    """Return the name of a field; an amount's tells its currency."""
    return f"{outbound.label} ({currency})" if outbound.kind == "money" else outbound.label


def new_field(outbound: OutboundField, currency: str) -> dict[str, Any]:
    """Return what is sent to make a field: seen in an organisation's details, not when adding."""
    body: dict[str, Any] = {
        "field_name": name_of(outbound, currency),
        "field_type": _TYPES[outbound.kind][0],
        "ui_visibility": {"add_visible_flag": False, "details_visible_flag": True},
    }
    if outbound.values:
        body["options"] = [{"label": label} for label in outbound.values]
    return body
