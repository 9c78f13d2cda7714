"""What the settings say of each field: whose word counts, and whether it may be emptied."""

from collections.abc import Mapping

from connectors.destinations.common.fields import BY_COLUMN
from warehouse.errors import CopilotError
from warehouse.settings import PublishSettings

DEFAULT = "default"
_EDITED = {DEFAULT: "keep", "as_of_date": "overwrite", "report_url": "overwrite"}
_NULLS = {DEFAULT: "clear", "as_of_date": "keep", "report_url": "keep"}


class FieldPolicies:
    """The settings of fields, with the defaults filled in.

    Parameters
    ----------
    settings : PublishSettings
        ``publish`` of `copilot.yml`.

    Raises
    ------
    CopilotError
        A field is named that does not exist.
    """

    def __init__(self, settings: PublishSettings) -> None:
        self._edited = _filled("edited", settings.edited, _EDITED)
        self._nulls = _filled("nulls", settings.nulls, _NULLS)

    def overwrites_edit(self, column: str) -> bool:
        """Say whether a person's edit gives way to the copilot's value."""
        return self._edited[column] == "overwrite"

    def clears(self, column: str) -> bool:
        """Say whether a value that the warehouse no longer has is emptied in the CRM."""
        return self._nulls[column] == "clear"


def _filled(key: str, said: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(said) - {DEFAULT, *BY_COLUMN})
    if unknown:
        raise CopilotError(
            f"publish.{key} names {', '.join(unknown)}, which the copilot does not write.",
            f"It may name {DEFAULT}, {', '.join(BY_COLUMN)}.",
        )
    chosen = {**defaults, **said}
    return {column: chosen.get(column, chosen[DEFAULT]) for column in BY_COLUMN}
