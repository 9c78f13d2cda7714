"""Mixpanel user profiles, the engage stream."""

from pathlib import Path

import numpy as np

from connectors.sources.sample_company.simulation.records import Stream
from connectors.sources.sample_company.simulation.timeline import iso_local
from connectors.sources.sample_company.simulation.usage import UsageSimulation
from connectors.sources.sample_company.simulation.world import PLACES, ZONES

_ROLES = ("admin", "editor", "viewer", None)


def write_profiles(folder: Path, usage: UsageSimulation, seed: int) -> int:
    """Write a profile for everybody who was ever seen and return how many records that makes."""
    stream = Stream("engage")
    people, world = usage.people, usage.world
    for person in np.flatnonzero(usage.last_seen >= 0).tolist():
        account, seen = int(people.account[person]), int(usage.last_seen[person])
        _, code, city, zone, _, _ = PLACES[world.place[account]]
        offset = int(usage.offsets[-1, ZONES.index(zone)])
        named = bool(usage.names_company[account])
        first, last = str(people.first[person]), str(people.last[person])
        record = {
            "distinct_id": people.product_id(person),
            "email": people.email[person],
            "name": f"{first} {last}",
            "first_name": first,
            "last_name": last if person % 60 else None,
            "last_seen": str(np.datetime64(seen, "s")),
            "browser": "Chrome",
            "browser_version": "",
            "os": None,
            "city": city,
            "region": None,
            "country_code": code,
            "timezone": zone,
            "company_id": usage.ids[account] if named else None,
            "role": _ROLES[person % 4],
            "signed_up_at": iso_local(int(usage.first_seen[person]), offset),
        }
        stream.add(seen * 1000, record)
    return stream.write(folder, np.random.default_rng([seed, 12]))
