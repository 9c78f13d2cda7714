"""The source's configuration, checked with messages that name the key."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warehouse.errors import CopilotError
from warehouse.settings import CRMS, VENDORS

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class WorldConfig:
    """What decides the simulated company, to the byte."""

    accounts: int = 1000
    months: int = 24
    seed: int = 7

    def digest(self) -> str:
        """Return a name for these settings under this version of the simulation."""
        text = hashlib.sha256(f"{self.accounts}|{self.months}|{self.seed}".encode())
        text.update(np.__version__.encode())
        for path in sorted((_PACKAGE / "simulation").glob("*.py")):
            text.update(path.read_bytes())
        text.update((_PACKAGE / "__init__.py").read_bytes())
        return text.hexdigest()[:16]


@dataclass(frozen=True)
class SourceConfig:
    """Everything the source is told."""

    emulate: str
    crm: str
    world: WorldConfig
    cache_dir: Path
    crm_url: str | None = None
    client_id: str = ""
    client_secret: str = ""
    access_token: str = ""
    api_token: str = ""


def parse_config(raw: Any) -> SourceConfig:
    """Check a configuration.

    Raises
    ------
    CopilotError
        If a key is missing or out of range; the message names it.
    """
    if not isinstance(raw, dict):
        what = "The configuration of the synthetic company is not a JSON object."
        raise CopilotError(what, 'Give e.g. {"emulate": "stripe", "cache_dir": "/tmp/cache"}.')
    emulate = raw.get("emulate")
    if emulate not in VENDORS:
        what = f"emulate: {emulate!r} is not a system that the synthetic company has."
        raise CopilotError(what, f"Use one of {', '.join(VENDORS)}.")
    crm = raw.get("crm", "salesforce")
    if crm not in CRMS:
        what = f"crm: {crm!r} is not a CRM whose ids the other systems could name."
        raise CopilotError(what, f"Use one of {', '.join(CRMS)}.")
    cache = raw.get("cache_dir")
    if not isinstance(cache, str) or not cache:
        what = "cache_dir: the folder for the simulated company is missing."
        raise CopilotError(what, "Name a folder that may be written to.")
    crm_url = raw.get("crm_url")
    if emulate == "salesforce" and (not isinstance(crm_url, str) or "://" not in crm_url):
        what = "crm_url: the synthetic company's CRM records live in the CRM stand-in."
        raise CopilotError(what, "Give its address, e.g. http://127.0.0.1:8181.")
    return SourceConfig(
        emulate=str(emulate),
        crm=str(crm),
        world=WorldConfig(
            accounts=_number(raw, "accounts", 1000, 100, 100_000),
            months=_number(raw, "months", 24, 12, 60),
            seed=_number(raw, "seed", 7, 0, 2**31 - 1),
        ),
        cache_dir=Path(cache).expanduser(),
        crm_url=crm_url.rstrip("/") if isinstance(crm_url, str) else None,
        client_id=str(raw.get("client_id") or os.environ.get("SALESFORCE_CLIENT_ID", "")),
        client_secret=str(
            raw.get("client_secret") or os.environ.get("SALESFORCE_CLIENT_SECRET", "")
        ),
        access_token=str(raw.get("access_token") or ""),
        api_token=str(raw.get("api_token") or ""),
    )


def _number(raw: dict[str, Any], key: str, default: int, low: int, high: int) -> int:
    value: object = raw.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        what = f"{key}: {value!r} is not a whole number from {low} to {high}."
        raise CopilotError(what, f"Leave it out for {default}.")
    return value


def spec() -> dict[str, Any]:
    """Return the protocol's ConnectorSpecification."""
    whole = {"type": "integer"}
    return {
        "documentationUrl": "https://docs.airbyte.com/understanding-airbyte/airbyte-protocol",
        "connectionSpecification": {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "Synthetic company",
            "type": "object",
            "required": ["emulate", "cache_dir"],
            "additionalProperties": True,
            "properties": {
                "emulate": {"type": "string", "enum": list(VENDORS)},
                "crm": {"type": "string", "enum": list(CRMS), "default": "salesforce"},
                "accounts": {**whole, "minimum": 100, "maximum": 100_000, "default": 1000},
                "months": {**whole, "minimum": 12, "maximum": 60, "default": 24},
                "seed": {**whole, "minimum": 0, "default": 7},
                "cache_dir": {"type": "string"},
                "crm_url": {"type": "string"},
                "client_id": {"type": "string", "airbyte_secret": True},
                "client_secret": {"type": "string", "airbyte_secret": True},
                "access_token": {"type": "string", "airbyte_secret": True},
                "api_token": {"type": "string", "airbyte_secret": True},
            },
        },
    }
