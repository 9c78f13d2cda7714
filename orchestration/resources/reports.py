"""The reports: pages compiled once, data exported every run, the finished site swapped in."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.resources.report_export import ExportedTable, export_tables
from orchestration.resources.report_pages import (
    REPORTS,
    Progress,
    check_page_queries,
    compile_pages,
)
from warehouse.database import Warehouse
from warehouse.errors import CopilotError

KEPT_SITES = 2


@dataclass(frozen=True)
class ReportResult:
    """What one build of the reports did.

    Parameters
    ----------
    site : Path
        The folder to serve, a link to the finished build.
    built : bool
        False if the data and pages are those of the build that was there.
    fingerprint : str
        Hash of pages and data.
    queries : int
        Number of page queries that were checked; 0 if nothing changed.
    rows : dict of str to int
        Rows of each exported table.
    """

    site: Path
    built: bool
    fingerprint: str
    queries: int
    rows: dict[str, int]


def site_path(home: Path) -> Path:
    """Return where the finished reports of this installation are."""
    return home / "reports" / "site"


def build_reports(
    warehouse: Warehouse,
    home: Path,
    *,
    strict: bool = True,
    progress: Progress | None = None,
    reports: Path = REPORTS,
) -> ReportResult:
    """Bring the reports up to date.

    Compiles the pages if they changed (a minute or two, shared by all homes), exports the
    reporting marts, and only if that gave other data than last time checks every page's SQL
    on it and swaps the new site in. Killed at any moment, the old site stays.

    Parameters
    ----------
    warehouse : Warehouse
        Read as the analyst.
    home : Path
        ``COPILOT_HOME``; the site is ``home/reports/site``.
    strict : bool
        Whether a page with broken SQL fails the build (otherwise it is only told).
    progress : callable, optional
        Receives one sentence a step.
    reports : Path
        The Evidence project.

    Raises
    ------
    CopilotError
        A page does not compile, a query fails, or packages are missing.
    """
    tell = progress or (lambda _: None)
    pages = compile_pages(reports, progress)
    sites = home / "reports" / "sites"
    sites.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=sites))
    try:
        draft.chmod(0o755)
        tables = export_tables(warehouse, reports / "sources" / "warehouse", draft / "data")
        rows = {table.name: table.rows for table in tables}
        fingerprint = _fingerprint(pages.name, tables)
        site = site_path(home)
        if site.is_symlink() and site.resolve() == (sites / fingerprint).resolve():
            tell("The reports are up to date")
            return ReportResult(site, False, fingerprint, 0, rows)
        queries = _check(draft / "data", reports, strict=strict, progress=tell)
        _assemble(pages, draft, sites / fingerprint)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _swap(site, sites / fingerprint)
    _prune(sites, fingerprint)
    tell(f"The reports are built: {len(tables)} tables, {queries} page queries checked")
    return ReportResult(site, True, fingerprint, queries, rows)


def _check(data: Path, reports: Path, *, strict: bool, progress: Progress) -> int:
    try:
        return check_page_queries(data, reports)
    except CopilotError as error:
        if strict:
            raise
        progress(str(error))
        return 0


def _fingerprint(pages: str, tables: Sequence[ExportedTable]) -> str:
    described = "\n".join([pages, *(f"{table.name} {table.digest}" for table in tables)])
    return hashlib.sha256(described.encode()).hexdigest()[:16]


def _assemble(pages: Path, draft: Path, target: Path) -> None:
    for item in pages.iterdir():
        if item.is_dir():
            shutil.copytree(
                item, draft / item.name, copy_function=_link_or_copy, dirs_exist_ok=True
            )
        else:
            _link_or_copy(str(item), str(draft / item.name))
    if target.exists():
        shutil.rmtree(target)
    draft.rename(target)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _swap(site: Path, target: Path) -> None:
    link = site.with_name(f".site-{os.getpid()}")
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(site.parent))
    link.replace(site)


def _prune(sites: Path, current: str) -> None:
    builds = sorted(
        (path for path in sites.iterdir() if not path.name.startswith("draft-")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in [path for path in builds if path.name != current][KEPT_SITES - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
