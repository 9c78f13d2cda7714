"""What a stand-in keeps on disk: JSON values by section and key, in SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_TABLE = """
create table if not exists kept (
    section text not null, key text not null, value text not null, primary key (section, key)
) without rowid
"""


class ValueStore:
    """Values that outlive the process.

    Parameters
    ----------
    path : Path
        SQLite file; made if absent.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.execute(_TABLE)

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        """Yield section, key and value of all that is kept."""
        for section, key, value in self._db.execute("select section, key, value from kept"):
            yield section, key, json.loads(value)

    def write(self, changes: Iterable[tuple[str, str, Any]]) -> None:
        """Keep values, all or none of them; None forgets one."""
        self._db.execute("begin immediate")
        for section, key, value in changes:
            if value is None:
                self._db.execute("delete from kept where section = ? and key = ?", (section, key))
            else:
                row = (section, key, json.dumps(value, separators=(",", ":")))
                self._db.execute("insert or replace into kept values (?, ?, ?)", row)
        self._db.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
