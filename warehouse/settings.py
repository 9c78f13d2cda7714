"""`copilot.yml`: read, validated, with errors that name the key."""

import datetime as dt
import difflib
import os
import zoneinfo
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from warehouse.alert_settings import AlertSettings
from warehouse.errors import CopilotError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

CRMS = ("salesforce", "hubspot", "pipedrive")
Source = Literal[
    "salesforce",
    "hubspot",
    "pipedrive",
    "zendesk",
    "intercom",
    "freshdesk",
    "mixpanel",
    "amplitude",
    "google_analytics",
    "stripe",
    "app",
]
SOURCES: tuple[Source, ...] = get_args(Source)
VENDORS = tuple(source for source in SOURCES if source != "app")


def _time_zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        msg = f"'{value}' is not a time zone name such as Europe/Berlin"
        raise ValueError(msg)
    return value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleSettings(_Section):
    """Size of the synthetic company."""

    accounts: int = Field(1000, ge=100, le=100_000)
    months: int = Field(24, ge=12, le=60)
    seed: int = Field(7, ge=0)


class ChurnSettings(_Section):
    """What counts as churn, in days; whom to call, by what a call costs and saves."""

    horizon_days: int = Field(90, ge=7, le=365)
    grace_days: int = Field(30, ge=0, le=180)
    taken_from: Literal["subscriptions", "events"] = "subscriptions"
    capacity_share: float = Field(0.05, gt=0, le=1)
    contact_cost: float = Field(100.0, ge=0)
    save_rate: float = Field(0.2, gt=0, le=1)


class OpportunitySettings(_Section):
    """When somebody is offered more: from what share of what they have in use."""

    least_use: float = Field(0.8, ge=0, le=1)


class ValueSettings(_Section):
    """How the worth of a customer is counted."""

    horizon_months: int = Field(60, ge=12, le=120)
    discount_rate: float = Field(0.1, ge=0, le=1)
    history_from: dt.date | None = None


class TaskSettings(_Section):
    """Which recommendations become tasks in the CRM."""

    enabled: bool = True
    most_per_owner_and_day: int = Field(5, ge=1, le=100)
    playbooks: list[str] = []
    due_in_days: int = Field(3, ge=0, le=60)


class ReportSettings(_Section):
    """Where the generated reports are served."""

    base_url: str = Field("http://127.0.0.1:3000", pattern=r"^https?://\S+$")


class SyncSettings(_Section):
    """How vendors' systems are read."""

    start_date: dt.date = dt.date(2023, 1, 1)
    silence_minutes: int = Field(30, ge=1, le=1_440)


class SoonSettings(_Section):
    """What does not wait for the night, and how often `copilot watch` looks for it, in seconds."""

    enabled: bool = True
    every_seconds: int = Field(10, ge=1, le=3_600)
    rules: list[Literal["severe_ticket", "payment_failed"]] = Field(
        ["severe_ticket", "payment_failed"], min_length=1
    )


class FreshdeskSettings(_Section):
    """The Freshdesk desk; its key comes from the environment."""

    domain: str | None = Field(None, pattern=r"^[a-zA-Z0-9._-]+\.freshdesk\.com$")


class AmplitudeSettings(_Section):
    """The Amplitude project; its keys come from the environment."""

    region: Literal["us", "eu"] = "us"


class GoogleAnalyticsSettings(_Section):
    """The Google Analytics 4 property; the service account's key comes from the environment."""

    property_id: str | None = Field(None, pattern=r"^[0-9]+$")


class SalesforceSettings(_Section):
    """The Salesforce org; its credentials come from the environment."""

    instance_url: str | None = Field(None, pattern=r"^https?://\S+$")
    is_sandbox: bool = False
    tracks_edits: bool = False


class PipedriveSettings(_Section):
    """The Pipedrive company; its token comes from the environment."""

    tracks_edits: bool = False


class ZendeskSettings(_Section):
    """The Zendesk; its token comes from the environment."""

    subdomain: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9-]*$")


class MixpanelSettings(_Section):
    """The Mixpanel project; its service account's secret comes from the environment."""

    project_id: int | None = Field(None, ge=1)
    region: Literal["us", "eu"] = "us"
    timezone: str = "US/Pacific"

    _known_zone = field_validator("timezone")(_time_zone)


class StripeSettings(_Section):
    """The Stripe account; its key comes from the environment."""

    account_id: str | None = Field(None, pattern=r"^acct_[A-Za-z0-9]+$")


class AirbyteSettings(_Section):
    """The Airbyte server that reads the sources; its credentials come from the environment."""

    url: str | None = Field(None, pattern=r"^https?://\S+$")
    workspace_id: str | None = Field(None, pattern=r"^[0-9a-fA-F-]{36}$")
    database_host: str | None = Field(None, pattern=r"^[^\s/]+$")
    database_port: int | None = Field(None, ge=1, le=65_535)
    sync_limit_minutes: int = Field(360, ge=1, le=2_880)


class BrakeSettings(_Section):
    """From how many percent of the accounts on nothing is published before a person confirms."""

    changed: float = Field(50.0, ge=0, le=100)
    emptied: float = Field(10.0, ge=0, le=100)
    vanished: float = Field(10.0, ge=0, le=100)
    rows: int = Field(10, ge=1)


class PublishSettings(_Section):
    """How scores are written into the CRM; fields by name, or ``default``."""

    edited: dict[str, Literal["keep", "overwrite"]] = {}
    nulls: dict[str, Literal["clear", "keep"]] = {}
    attempts: int = Field(5, ge=1, le=100)
    quota_share: float = Field(0.8, gt=0, le=1)
    brake: BrakeSettings = BrakeSettings()


class Settings(_Section):
    """Everything that `copilot.yml` may say."""

    company_name: str = Field("Your company", min_length=1, max_length=80)
    sources: list[Source] = Field(min_length=1)
    sample_company: bool = False
    sample: SampleSettings = SampleSettings()
    crm: Literal["salesforce", "hubspot", "pipedrive", "none"] = "none"
    churn: ChurnSettings = ChurnSettings()
    opportunity: OpportunitySettings = OpportunitySettings()
    value: ValueSettings = ValueSettings()
    reporting_currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    reporting_timezone: str = "UTC"
    schema_prefix: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,20}_)?$")
    as_of_date: dt.date | None = None
    health_file: Path | None = None
    tasks: TaskSettings = TaskSettings()
    reports: ReportSettings = ReportSettings()
    publish: PublishSettings = PublishSettings()
    sync: SyncSettings = SyncSettings()
    soon: SoonSettings = SoonSettings()
    salesforce: SalesforceSettings = SalesforceSettings()
    pipedrive: PipedriveSettings = PipedriveSettings()
    freshdesk: FreshdeskSettings = FreshdeskSettings()
    zendesk: ZendeskSettings = ZendeskSettings()
    mixpanel: MixpanelSettings = MixpanelSettings()
    stripe: StripeSettings = StripeSettings()
    amplitude: AmplitudeSettings = AmplitudeSettings()
    google_analytics: GoogleAnalyticsSettings = GoogleAnalyticsSettings()
    airbyte: AirbyteSettings = AirbyteSettings()
    alerts: AlertSettings = AlertSettings()

    _known_zone = field_validator("reporting_timezone")(_time_zone)
    _unknown_sources: tuple[str, ...] = PrivateAttr(())

    @property
    def unknown_sources(self) -> tuple[str, ...]:
        """What the file lists as a source and is none; the others are read all the same."""
        return self._unknown_sources

    def require_known_sources(self) -> None:
        """Refuse to go on where the file lists a source that does not exist.

        Raises
        ------
        CopilotError
            It names each one, and the source that was probably meant.
        """
        if self.unknown_sources:
            raise unknown_source(*self.unknown_sources)

    @model_validator(mode="wrap")
    @classmethod
    def _set_unknown_sources_aside(
        cls, loaded: Any, handler: ModelWrapValidatorHandler["Settings"]
    ) -> "Settings":
        listed = loaded.get("sources") if isinstance(loaded, dict) else None
        if not isinstance(listed, list):
            return handler(loaded)
        unknown = [name for name in listed if isinstance(name, str) and name not in SOURCES]
        if len(unknown) == len(listed):
            return handler(loaded)
        known: dict[str, Any] = {"sources": [name for name in listed if name not in unknown]}
        if unknown and loaded.get("crm") not in known["sources"]:
            known["crm"] = "none"  # its name may be the one that is misspelt
        settings = handler({**loaded, **known})
        settings._unknown_sources = tuple(unknown)
        return settings

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if len(set(self.sources)) != len(self.sources):
            msg = "sources: each source may be listed once"
            raise ValueError(msg)
        if self.crm != "none" and self.crm not in self.sources:
            msg = f"crm: '{self.crm}' is not among the sources, so its records cannot be matched"
            raise ValueError(msg)
        if self.churn.taken_from == "events" and "app" not in self.sources:
            msg = "churn.taken_from: events are an own table, so 'app' must be among the sources"
            raise ValueError(msg)
        if self.airbyte.url and self.sample_company:
            msg = "airbyte.url: the synthetic company is read on this machine; leave it out"
            raise ValueError(msg)
        return self


def unknown_source(*names: str) -> CopilotError:
    """Return the error of names that no source has."""
    guesses = [difflib.get_close_matches(name, SOURCES, n=1) for name in names]
    meant = ", ".join(guess[0] for guess in guesses if guess)
    listed = ", ".join(f"'{name}'" for name in names)
    return CopilotError(
        f"There is no source {listed}." + (f" Did you mean {meant}?" if meant else ""),
        f"Correct `sources` in copilot.yml. Known are: {', '.join(SOURCES)}.",
    )


def copilot_home() -> Path:
    """Return the folder of all local state: ``COPILOT_HOME``, or ``.copilot`` in the project."""
    home = os.environ.get("COPILOT_HOME", "").strip()
    return Path(home).expanduser().resolve() if home else PROJECT_ROOT / ".copilot"


def settings_path() -> Path:
    """Return the settings file: ``COPILOT_SETTINGS`` or ``copilot.yml`` at the project's root."""
    named = os.environ.get("COPILOT_SETTINGS", "").strip()
    return Path(named).expanduser().resolve() if named else PROJECT_ROOT / "copilot.yml"


def load_settings(path: Path | None = None) -> Settings:
    """Read and validate the settings.

    ``COPILOT_SCHEMA_PREFIX`` overrides ``schema_prefix``, so that CI can share a server.

    Raises
    ------
    CopilotError
        The file is absent, is not YAML, or a key is wrong; the message names the key.
    """
    path = path or settings_path()
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CopilotError(
            f"The settings file {path} does not exist.",
            "Create it (the project's copilot.yml is an example) or point COPILOT_SETTINGS at it.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CopilotError(f"{path} is not valid YAML: {error}", "Correct the file.") from error
    if not isinstance(loaded, dict):
        raise CopilotError(f"{path} holds no settings.", "It must be a YAML mapping, key: value.")
    prefix = os.environ.get("COPILOT_SCHEMA_PREFIX")
    if prefix is not None:
        loaded["schema_prefix"] = prefix
    if isinstance(loaded.get("health_file"), str):
        loaded["health_file"] = path.parent / loaded["health_file"]
    try:
        return Settings.model_validate(loaded)
    except ValidationError as error:
        raise CopilotError(
            f"{path} is not right:\n{explain(error)}",
            "Correct the keys above; README.md lists all of them.",
        ) from error


def explain(error: ValidationError) -> str:
    """Return a line for each wrong key, with what is wrong."""
    lines = []
    for item in error.errors(include_url=False):
        key = ".".join(str(part) for part in item["loc"])
        problem = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            problem = "there is no such key"
        lines.append(f"  {key}: {problem}" if key else f"  {problem}")
    return "\n".join(lines)
