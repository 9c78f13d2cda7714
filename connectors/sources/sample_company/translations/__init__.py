"""The synthetic company as other vendors' systems would hold it.

The simulation writes the records of Salesforce, Zendesk, Mixpanel and Stripe. Every other system
is a translation of those, so the facts are the same by construction; it is made when it is first
read. A module of this package has one function, ``translate(company, target)``: it reads the
records of the folder `company` and writes a file for each of the vendor's streams into `target`.
Ids of accounts stay those of Salesforce; the reader puts those of the company's CRM in their place.
"""

import hashlib
import importlib
import shutil
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow.parquet as pq

from connectors.sources.sample_company.simulation.records import Stream
from warehouse.files import locked

_PACKAGE = Path(__file__).resolve().parent
SIMULATED = ("salesforce", "zendesk", "mixpanel", "stripe")


def ensure_vendor(company: Path, vendor: str, log: Callable[[str], None]) -> Path:
    """Return the folder of a vendor's records, translating them first if need be.

    It appears by one rename after everything in it is written.

    Parameters
    ----------
    company : Path
        The simulated company's folder.
    """
    if vendor in SIMULATED:
        return company / vendor
    target = company / f"{vendor}-{_version(vendor)}"
    if target.is_dir():
        return target
    with locked(company / f"{vendor}.lock"):
        if not target.is_dir():
            _translate(company, vendor, target, log)
    return target


def _version(vendor: str) -> str:
    """Return a name for the translation's code: another one gives another folder."""
    text = hashlib.sha256()
    for path in sorted({*_PACKAGE.glob("_*.py"), *_PACKAGE.glob(f"{vendor}*.py")}):
        text.update(path.read_bytes())
    return text.hexdigest()[:8]


def _translate(company: Path, vendor: str, target: Path, log: Callable[[str], None]) -> None:
    for leftover in company.glob(f"{vendor}-*"):
        shutil.rmtree(leftover)
    log(f"Translating the synthetic company's records for {vendor}")
    scratch = Path(tempfile.mkdtemp(prefix=f"{vendor}-part-", dir=company))
    try:
        importlib.import_module(f"{__name__}.{vendor}").translate(company, scratch)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_streams(
    streams: Mapping[str, Stream], target: Path, repeated: Container[str] = ()
) -> None:
    """Write a vendor's streams; a few records of those in `repeated` come twice."""
    rng = np.random.default_rng(0)
    for name, stream in streams.items():
        stream.write(target, rng, repeat=name in repeated)


def records(company: Path, vendor: str, stream: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield a simulated stream's cursor (ms since 1970) and record, in order, repeats included."""
    with pq.ParquetFile(company / vendor / f"{stream}.parquet") as file:
        for batch in file.iter_batches():
            cursors = batch.column(0).to_pylist()
            for cursor, line in zip(cursors, batch.column(1).to_pylist(), strict=True):
                yield cursor, orjson.loads(line)
