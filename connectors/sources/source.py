"""What the copilot has to know of a vendor's system to read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.runner import ConfiguredStream, Refusal
from warehouse.errors import CopilotError
from warehouse.settings import Settings

Secrets = Mapping[str, str]

# Connectors read what was last changed since their start date. An account that nobody has touched
# for years is one all the same, so records are read from here; `sync.start_date` is for events.
BEGINNING = "2000-01-01T00:00:00Z"


@dataclass(frozen=True)
class VendorSource:
    """A vendor's system, read by the vendor's Airbyte connector.

    Parameters
    ----------
    name : str
        As `copilot.yml` lists it; its rows land in ``raw_<name>``.
    title : str
        The vendor's own name of it, for messages.
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
    launcher : pathlib.Path, optional
        A script that starts the connector in its stead, for one that does not start by itself.
    refusals : tuple of Refusal
        What the connector says on its log when it takes a refusal for an empty answer.
    """

    name: str
    title: str
    requirement: str
    definition: str
    streams: tuple[ConfiguredStream, ...]
    credentials: tuple[tuple[str, ...], ...]
    configure: Callable[[Settings, Secrets], dict[str, Any]]
    overrides: tuple[str, ...] = field(default=())
    launcher: Path | None = None
    refusals: tuple[Refusal, ...] = ()

    @property
    def version(self) -> str:
        """The pinned version of the connector."""
        return self.requirement.split("==")[1]

    @property
    def program(self) -> str:
        """The connector's command, which its package installs."""
        return self.requirement.split("==")[0].removeprefix("airbyte-")

    def missing_credentials(self, secrets: Secrets) -> str | None:
        """Return in words which environment variables are not set; None if one set is whole."""
        if any(all(secrets.get(name) for name in names) for names in self.credentials):
            return None
        begun = [names for names in self.credentials if any(secrets.get(name) for name in names)]
        lacking = [
            ", ".join(name for name in names if not secrets.get(name))
            for names in begun or self.credentials
        ]
        return ", or ".join(lacking)

    def configuration(self, settings: Settings, environment: Secrets) -> dict[str, Any]:
        """Return the connector's configuration.

        Raises
        ------
        CopilotError
            No set of credentials is complete, or a setting is missing; the message names it.
        """
        missing = self.missing_credentials(environment)
        if missing:
            raise CopilotError(
                f"The credentials of {self.name} are not set: {missing}.",
                "Set them in the environment, never in copilot.yml; README.md, Connecting each"
                " source, says which permissions they need.",
            )
        return self.configure(settings, environment)
