"""Addresses that no vendor has: health, seeding, faults, time, limits.

They take no credentials, so they answer only programs on this machine: a request from a web page
carries an ``Origin`` or a foreign ``Host``, and the server refuses both.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from connectors.sandbox.common.vendor import (
    ADMIN,
    Answer,
    Call,
    RefusedError,
    Vendor,
    build_app,
    route,
)


def app_of(vendor: Vendor, routes: Sequence[BaseRoute]) -> ASGIApp:
    """Return the application of a stand-in: its administration, and the vendor's own routes."""
    return build_app(vendor, [*admin_routes(vendor), *routes])


def admin_routes(vendor: Vendor) -> list[BaseRoute]:
    """Return the addresses of the administration."""
    table: dict[str, dict[str, Any]] = {
        "health": {"GET": _health},
        "seed": {"POST": _seed},
        "faults": {"POST": _add_fault, "GET": _list_faults, "DELETE": _clear_faults},
        "requests": {"GET": _requests},
        "clock": {"POST": _move_clock},
        "settings": {"POST": _change_settings},
    }
    return [
        route(vendor, f"{ADMIN}/{name}", handlers, is_public=True)
        for name, handlers in table.items()
    ]


def _health(call: Call) -> Answer:
    counts = {name: len(records) for name, records in sorted(call.vendor.records.items())}
    return Answer(
        {
            "pid": os.getpid(),
            "vendor": call.vendor.name,
            "now": call.vendor.clock.now().isoformat(),
            "settings": call.vendor.settings,
            "records": counts,
        }
    )


def _seed(call: Call) -> Answer:
    """Take NDJSON of {"object", "record"}; a wrong line ends it."""
    written: Counter[str] = Counter()
    for number, line in enumerate(call.body.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            name, record = entry["object"], dict(entry["record"])
        except (ValueError, KeyError, TypeError) as error:
            raise _wrong(f"Line {number} is not {{object, record}}: {error}") from error
        if name not in call.vendor.collections:
            raise _wrong(f"Line {number}: there is no object '{name}'")
        call.vendor.seed(name, record)
        written[name] += 1
    return Answer(dict(written))


def _wrong(message: str) -> RefusedError:
    return RefusedError(400, {"error": message})


def _add_fault(call: Call) -> Answer:
    try:
        fault = call.vendor.faults.add(call.json_object())
    except ValueError as error:
        raise _wrong(str(error)) from error
    return Answer(vars(fault), 201)


def _list_faults(call: Call) -> Answer:
    return Answer(call.vendor.faults.planned())


def _clear_faults(call: Call) -> Answer:
    call.vendor.faults.clear()
    return Answer()


def _requests(call: Call) -> Answer:
    return Answer(dict(call.vendor.faults.requests))


def _move_clock(call: Call) -> Answer:
    call.vendor.clock.advance(float(call.json_object().get("advance", 0)))
    return Answer({"now": call.vendor.clock.now().isoformat()})


def _change_settings(call: Call) -> Answer:
    for name, value in call.json_object().items():
        if name not in call.vendor.settings:
            raise _wrong(f"There is no setting '{name}'")
        call.vendor.settings[name] = int(value)
    return Answer(call.vendor.settings)
