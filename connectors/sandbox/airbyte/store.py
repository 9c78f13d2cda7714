"""The stand-in's state on disk: JSON documents by kind and id, oldest first."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """Documents in a SQLite file; each write is committed before the answer is sent.

    Parameters
    ----------
    path : Path
        The file; made if absent, for its owner only.
    """

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute(
            "create table if not exists document (number integer primary key autoincrement,"
            " kind text not null, id text not null, body text not null, unique (kind, id))"
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def add(self, kind: str, document_id: str, body: Document) -> None:
        """Write a new document, or replace it where it stands."""
        with self._lock:
            self._database.execute(
                "insert into document (kind, id, body) values (?, ?, ?)"
                " on conflict (kind, id) do update set body = excluded.body",
                (kind, document_id, json.dumps(body)),
            )

    def get(self, kind: str, document_id: str) -> Document | None:
        """Return a document, or None."""
        with self._lock:
            row = self._database.execute(
                "select body from document where kind = ? and id = ?", (kind, document_id)
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def list(self, kind: str) -> list[Document]:
        """Return all documents of a kind, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "select body from document where kind = ? order by number", (kind,)
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def remove(self, kind: str, document_id: str) -> None:
        """Forget a document."""
        with self._lock:
            self._database.execute(
                "delete from document where kind = ? and id = ?", (kind, document_id)
            )
