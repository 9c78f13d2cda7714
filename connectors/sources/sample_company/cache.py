"""The simulated company on disk: made once, whole or not at all, shared by all readers."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from connectors.sources.sample_company.config import WorldConfig
from warehouse.errors import CopilotError
from warehouse.files import locked


def company_folder(
    cache_dir: Path, config: WorldConfig, log: Callable[[str], None] = lambda _: None
) -> Path:
    """Return the folder of a simulated company, simulating it first if need be.

    The folder appears by one rename after everything in it is written, so a reader never sees
    half of it. A lock makes several processes wait for the one that simulates.

    Raises
    ------
    CopilotError
        If the folder cannot be written.
    """
    target = cache_dir / config.digest()
    if target.is_dir():
        return target
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with locked(cache_dir / f"{target.name}.lock"):
            if not target.is_dir():
                _make(target, config, log)
    except OSError as error:
        what = f"The synthetic company could not be written to {cache_dir}: {error.strerror}."
        raise CopilotError(what, "Make room, or name another cache_dir.") from error
    return target


def _make(target: Path, config: WorldConfig, log: Callable[[str], None]) -> None:
    from connectors.sources.sample_company.simulation.company import (  # noqa: PLC0415
        write_company,  # slow to import, and not needed once the company is on disk
    )

    for leftover in target.parent.glob(f"{target.name}.part-*"):
        shutil.rmtree(leftover)
    log(f"Simulating a synthetic company of {config.accounts} accounts, {config.months} months")
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.part-", dir=target.parent))
    try:
        write_company(scratch, config, log)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
