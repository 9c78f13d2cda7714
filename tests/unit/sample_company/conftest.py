"""One small synthetic company for all tests of this folder."""

import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.catalog import Wanted, load_catalog
from connectors.sources.sample_company.config import WorldConfig
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.reader import read_stream
from connectors.sources.sample_company.translations import ensure_vendor

SMALL = WorldConfig(accounts=120, months=12, seed=3)
ON_DISK = ("zendesk", "mixpanel", "stripe")


@dataclass
class Told:
    """What the source wrote, message by message."""

    messages: list[dict[str, Any]]
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for message in self.messages:
            if message["type"] == "RECORD":
                record = message["record"]
                self.records[record["stream"]].append(record["data"])

    def states(self) -> list[dict[str, Any]]:
        return [m["state"]["stream"]["stream_state"] for m in self.messages if m["type"] == "STATE"]


def told(raw: bytes) -> Told:
    return Told([orjson.loads(line) for line in raw.splitlines()])


def read(
    folder: Path,
    vendor: str,
    name: str,
    state: dict[str, Any] | None = None,
    crm: str = "salesforce",
) -> Told:
    buffer = io.BytesIO()
    wanted = Wanted(name, True, frozenset())
    place = ensure_vendor(folder, vendor, lambda _: None)
    read_stream(Output(buffer), place, wanted, state or {}, vendor, crm)
    return told(buffer.getvalue())


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample-cache")


@pytest.fixture(scope="session")
def company(cache_dir: Path) -> Path:
    return company_folder(cache_dir, SMALL)


@pytest.fixture(scope="session")
def streams(company: Path) -> dict[str, list[dict[str, Any]]]:
    """Every record that lies on disk, by stream; CRM records as they will be seeded."""
    from connectors.sources.sample_company.reader import _pages

    out: dict[str, list[dict[str, Any]]] = {}
    for vendor in (*ON_DISK, "salesforce"):
        for stream in load_catalog(vendor):
            path = company / vendor / f"{stream['name']}.parquet"
            out[stream["name"]] = [
                orjson.loads(line) for _, lines in _pages(path, None) for line in lines
            ]
    return out
