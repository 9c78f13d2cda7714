"""Slack's and Teams' stand-ins: a sample company's alerts go there, unless real ones are named."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from connectors.alerts.observe import is_built, owners
from connectors.sandbox.info import SandboxInfo
from connectors.sandbox.process import ensure_running
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings, copilot_home

_REAL = {"slack": "SLACK_BOT_TOKEN", "teams": "TEAMS_WEBHOOK_URL"}
_SECONDS = 30


def alert_standins(settings: Settings) -> dict[str, SandboxInfo]:
    """Return the stand-ins that a sample company's routes go to, started if they are not up."""
    used = {route.channel for route in settings.alerts.routes} if settings.sample_company else set()
    return {
        name: ensure_running(copilot_home(), name)
        for name, variable in _REAL.items()
        if name in used and not any(key.startswith(variable) for key in os.environ)
    }


def alert_environment(settings: Settings) -> Mapping[str, str]:
    """Return the variables that reach the channels; stand-ins have what the routes name."""
    standins = alert_standins(settings)
    found = dict(os.environ)
    for info in standins.values():
        found |= info.environment()
    if "slack" in standins:
        named = [name for route in settings.alerts.routes for name in (route.to, route.otherwise)]
        _seed(standins["slack"], "channels", map(_channel, filter(_is_channel, named)))
    if "teams" in standins:
        for route in settings.alerts.routes:
            if route.channel == "teams" and route.to:
                found[f"TEAMS_WEBHOOK_URL_{route.to.upper()}"] = found["TEAMS_WEBHOOK_URL"]
    return found


def introduce_owners(warehouse: Warehouse, settings: Settings) -> None:
    """Let Slack's stand-in, if alerts go there, know those who own accounts with alerts."""
    slack = alert_standins(settings).get("slack")
    if slack is None:
        return
    with warehouse.connect(Role.PUBLISHER) as connection:
        if is_built(connection, warehouse):
            addresses = set(owners(connection, warehouse).values())
            _seed(slack, "users", map(_user, sorted(addresses)))


def _is_channel(name: str | None) -> bool:
    return bool(name) and name != "owner" and "@" not in str(name)


def _channel(name: str | None) -> dict[str, Any]:
    given = str(name)
    if given.startswith("#"):
        return {"id": f"C0{_letters(given)}", "name": given.removeprefix("#"), "is_member": True}
    return {"id": given, "is_member": True}


def _user(address: str) -> dict[str, Any]:
    name = address.partition("@")[0]
    return {"id": f"U0{_letters(address)}", "name": name, "profile": {"email": address}}


def _letters(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:9].upper()


def _seed(info: SandboxInfo, collection: str, records: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps({"object": collection, "record": record}) for record in records]
    with requests.Session() as session:
        session.trust_env = False
        data = "\n".join(lines).encode()
        session.post(f"{info.url}/__sandbox__/seed", data, timeout=_SECONDS).raise_for_status()
