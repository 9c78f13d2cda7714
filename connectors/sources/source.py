"""What the copilot has to know of a vendor's system to read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.runner import ConfiguredStream
from warehouse.errors import CopilotError
from warehouse.settings import Settings

Kind = Literal["crm", "support", "usage", "billing"]
Secrets = Mapping[str, str]


@dataclass(frozen=True)
class VendorSource:
    """A vendor's system, read by the vendor's Airbyte connector.

    Parameters
    ----------
    name : str
        As `copilot.yml` lists it; its rows land in ``raw_<name>``.
    title : str
        The vendor's own name of it, for messages.
    kind : str
        What it knows: ``crm``, ``support``, ``usage`` or ``billing``.
    requirement : str
        The pinned connector package, such as ``airbyte-source-stripe==5.14.1``.
    overrides : tuple of str
        Requirements that replace what the package itself asks for.
    definition : str
        The connector's definition id on an Airbyte server, its ``sourceType`` there.
    streams : tuple of ConfiguredStream
        What is read of it; every one is a table of ``raw_<name>``.
    credentials : tuple of tuple of str
        Sets of environment variables, any one of which is enough.
    configure : callable
        Makes the connector's configuration from the settings and the environment. It is called
        only when one of the sets of credentials is there, and raises CopilotError, naming the
        key, where a setting is missing.
    """

    name: str
    title: str
    kind: Kind
    requirement: str
    definition: str
    streams: tuple[ConfiguredStream, ...]
    credentials: tuple[tuple[str, ...], ...]
    configure: Callable[[Settings, Secrets], dict[str, Any]]
    overrides: tuple[str, ...] = field(default=())

    def configuration(self, settings: Settings, environment: Secrets) -> dict[str, Any]:
        """Return the connector's configuration.

        Raises
        ------
        CopilotError
            No set of credentials is complete, or a setting is missing; the message names it.
        """
        if not any(all(environment.get(name) for name in names) for names in self.credentials):
            ways = " or ".join(", ".join(names) for names in self.credentials)
            raise CopilotError(
                f"The credentials of {self.name} are not set.",
                f"Set {ways} in the environment; they never stand in copilot.yml.",
            )
        return self.configure(settings, environment)
