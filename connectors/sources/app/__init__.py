"""A company's own tables, as CSV or Parquet files that keep the own-tables contract."""

from connectors.sources.app.contract import TABLES
from connectors.sources.app.load import LoadResult, TableCount, ensure_app_tables, load_directory

__all__ = ["TABLES", "LoadResult", "TableCount", "ensure_app_tables", "load_directory"]
