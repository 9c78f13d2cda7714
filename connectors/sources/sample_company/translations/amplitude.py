"""Amplitude: Mixpanel's events, in the order in which they were uploaded."""

import uuid
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from connectors.sources.sample_company.simulation.records import Record, RecordFile
from connectors.sources.sample_company.simulation.timeline import iso_z
from connectors.sources.sample_company.translations import records

_PROJECT = uuid.UUID("6d1f4e2a-9b0c-5f4e-8a51-0c7c53bb7a01")
_ROWS = 10_000


def translate(company: Path, target: Path) -> None:
    """Write the stream `events`; an event that came twice has the same uuid both times."""
    emails: dict[str, str | None] = {
        profile["distinct_id"]: profile["email"]
        for _, profile in records(company, "mixpanel", "engage")
    }
    file = RecordFile(target / "events.parquet")
    exported = (event for _, event in records(company, "mixpanel", "export"))
    while events := list(islice(exported, _ROWS)):
        uploads = [int(event["mp_processing_time_ms"]) // 1000 for event in events]
        lines = [
            orjson.dumps(_event(event, uploaded, emails.get(event["distinct_id"])))
            for event, uploaded in zip(events, uploads, strict=True)
        ]
        file.write(np.array(uploads, dtype=np.int64) * 1000, lines)
    file.close()


def _event(event: dict[str, Any], uploaded: int, email: str | None) -> Record:
    company = event.get("company_id")
    user = event["distinct_id"]
    return {
        "uuid": str(uuid.uuid5(_PROJECT, event["insert_id"])),
        "$insert_id": event["insert_id"],
        "event_type": event["event"],
        "user_id": user,
        "amplitude_id": 500_000_000 + int(user.removeprefix("usr_")),
        "device_id": f"device-{user}",
        "session_id": -1,
        "event_time": event["time"],
        "client_event_time": event["time"],
        "client_upload_time": iso_z(uploaded),
        "server_received_time": iso_z(uploaded),
        "server_upload_time": iso_z(uploaded),
        "processed_time": iso_z(uploaded),
        "platform": "Web",
        "os_name": event.get("browser"),
        "device_family": event.get("os"),
        "country": event.get("mp_country_code"),
        "library": "amplitude-ts/2.11.1",
        "event_properties": {
            "page": event.get("current_url"),
            **({"quantity": int(event["quantity"])} if "quantity" in event else {}),
        },
        "user_properties": {"email": email} if email else {},
        "groups": {"company": [company]} if company else {},
        "group_properties": {},
        "data": {},
        "sample_rate": None,
        "paying": None,
    }
