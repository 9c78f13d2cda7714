"""The org's state in SQLite: one table an object, and the server's own bookkeeping."""

import contextlib
import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.sandbox.salesforce.custom_fields import custom_field
from connectors.sandbox.salesforce.fieldtypes import Field
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.schema import (
    CATALOG,
    SObject,
    standard_objects,
    tooling_objects,
)
from connectors.sandbox.salesforce.standard import HIDDEN_FIELDS

ORGANIZATION_ID = make_id("00D", 7)
INTEGRATION_USER_ID = make_id("005", 7)
INTEGRATION_USERNAME = "integration@copilot.sandbox.example"
_FIRST_DAY = "2020-01-01T00:00:00.000+0000"
_OWN_TABLES = """
create table if not exists server_counter (name text primary key, value integer not null);
create table if not exists server_session (token text primary key, created_at text not null);
create table if not exists server_cursor (
    locator text primary key, object text not null, is_tooling integer not null,
    fields text not null, ids text not null, page_size integer not null
);
create table if not exists server_job (id text primary key, info text not null, lines text);
create table if not exists server_ingest (
    id text primary key, info text not null, body text, ready real
);
create table if not exists server_ingest_row (
    job text not null, place integer not null, id text, error text, cells text not null,
    primary key (job, place)
);
create table if not exists server_grant (token text primary key, is_valid integer not null);
"""
_KEPT_CURSORS = 50
_OUTER = ("begin immediate", "commit", ("rollback",))
_INNER = ("savepoint part", "release part", ("rollback to part", "release part"))
ACTIVITY = "Activity"
_ADDRESS_PARTS = (
    "city",
    "country",
    "geocodeAccuracy",
    "latitude",
    "longitude",
    "postalCode",
    "state",
    "street",
)


def objects_of(entity: str) -> tuple[str, ...]:
    """Return the objects that have an entity's custom fields: those of activities are shared."""
    return ("Task", "Event") if entity == ACTIVITY else (entity,)


def quoted(name: str) -> str:
    """Return an identifier quoted for SQLite."""
    return '"' + name.replace('"', '""') + '"'


def now() -> dt.datetime:
    """Return the time of a write, as a real org's clock would say it."""
    return dt.datetime.now(dt.UTC)


class Store:
    """State of one org.

    Parameters
    ----------
    path : Path
        SQLite file; made if absent.
    catalog : Path
        Catalogue that names the standard fields.
    """

    def __init__(self, path: Path, catalog: Path = CATALOG) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(_OWN_TABLES)
        self.objects = standard_objects(catalog)
        self.tooling = tooling_objects()
        for sobject in [*self.objects.values(), *self.tooling.values()]:
            self._ensure_table(sobject)
        self._restore_custom_fields()
        self._ensure_fixed_rows()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Apply everything in the block, or nothing of it; blocks may stand within each other."""
        with self.lock:
            begin, end, undo = _INNER if self._db.in_transaction else _OUTER
            self._db.execute(begin)
            try:
                yield
            except BaseException:
                for statement in undo:
                    self._db.execute(statement)
                raise
            self._db.execute(end)

    def rows(self, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with self.lock:
            return self._db.execute(statement, tuple(values)).fetchall()

    # -- objects and fields ------------------------------------------------------------------

    def _ensure_table(self, sobject: SObject) -> None:
        table = quoted(sobject.name)
        existing = {row[1] for row in self.rows(f"pragma table_info({table})")}
        if not existing:
            columns = ", ".join(_column(spec) for spec in sobject.fields.values())
            self._db.execute(f"create table {table} ({columns})")
        for spec in sobject.fields.values():
            if existing and spec.name not in existing:
                self._db.execute(f"alter table {table} add column {_column(spec)}")
        self._index(sobject)

    def _index(self, sobject: SObject) -> None:
        wanted = ["SystemModstamp", "AccountId", "WhatId"]
        for name in [name for name in wanted if name in sobject.fields]:
            self._db.execute(
                f"create index if not exists {quoted(f'{sobject.name}_{name}')}"
                f" on {quoted(sobject.name)} ({quoted(name)})"
            )

    def _restore_custom_fields(self) -> None:
        made = self.rows(
            'select "TableEnumOrId", "DeveloperName", "Metadata" from "CustomField"'
            ' where not "IsDeleted"'
        )
        for entity, developer_name, metadata in made:
            spec = custom_field(developer_name, json.loads(metadata))
            for name in objects_of(entity):
                self.objects[name] = self.objects[name].with_fields([spec])

    def add_field(self, entity: str, spec: Field) -> None:
        """Give the objects of an entity one more column."""
        for object_name in objects_of(entity):
            known = self.rows(f"pragma table_info({quoted(object_name)})")
            if spec.name not in {row[1] for row in known}:
                self._db.execute(f"alter table {quoted(object_name)} add column {_column(spec)}")
            self.objects[object_name] = self.objects[object_name].with_fields([spec])

    def remove_field(self, entity: str, name: str) -> None:
        """Take a custom field away from the objects of an entity, with its values."""
        for object_name in objects_of(entity):
            old = self.objects[object_name]
            fields = {key: spec for key, spec in old.fields.items() if key != name}
            self.objects[object_name] = SObject(old.name, old.key_prefix, fields)
            self._db.execute(f"alter table {quoted(object_name)} drop column {quoted(name)}")

    def visible(self, object_name: str) -> SObject:
        """Return the object as the API user may see it (field-level security applied)."""
        sobject = self.objects[object_name]
        readable, editable = self._grants(object_name)
        made = self._made_fields(object_name)
        fields = {}
        for name, spec in sobject.fields.items():
            if (object_name, name) in HIDDEN_FIELDS or (name in made and name not in readable):
                continue
            is_locked = name in made and name not in editable
            fields[name] = replace(spec, createable=False, updateable=False) if is_locked else spec
        return SObject(sobject.name, sobject.key_prefix, fields)

    def _made_fields(self, object_name: str) -> set[str]:
        rows = self.rows(
            'select "DeveloperName" from "CustomField"'
            ' where "TableEnumOrId" in (?, ?) and not "IsDeleted"',
            (object_name, ACTIVITY if object_name in objects_of(ACTIVITY) else object_name),
        )
        return {f"{row[0]}__c" for row in rows}

    def _grants(self, object_name: str) -> tuple[set[str], set[str]]:
        rows = self.rows(
            'select p."Field", p."PermissionsRead", p."PermissionsEdit" from "FieldPermissions" p'
            ' join "PermissionSetAssignment" a on a."PermissionSetId" = p."ParentId"'
            ' where a."AssigneeId" = ? and p."SobjectType" = ?'
            ' and not p."IsDeleted" and not a."IsDeleted"',
            (INTEGRATION_USER_ID, object_name),
        )
        names = [(row[0].split(".", 1)[-1], row[1], row[2]) for row in rows]
        return {n for n, read, edit in names if read or edit}, {n for n, _, edit in names if edit}

    def _ensure_fixed_rows(self) -> None:
        stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), _FIRST_DAY)
        user = {
            "Id": INTEGRATION_USER_ID,
            "Username": INTEGRATION_USERNAME,
            "Name": "Integration User",
            "FirstName": "Integration",
            "LastName": "User",
            "Email": INTEGRATION_USERNAME,
            "IsActive": True,
            "UserType": "Standard",
            "IsDeleted": False,
            **stamps,
        }
        with self.transaction():
            known = self.objects["User"].fields
            if not self.rows('select 1 from "User" where "Id" = ?', (INTEGRATION_USER_ID,)):
                self.put("User", [{k: v for k, v in user.items() if k in known}])
            entities = [
                {
                    "Id": make_id("000", number),
                    "DurableId": name,
                    "QualifiedApiName": name,
                    "DeveloperName": name,
                    "Label": sobject.label,
                    "KeyPrefix": sobject.key_prefix,
                    "IsCustomizable": True,
                    "IsDeleted": False,
                    **stamps,
                }
                for number, (name, sobject) in enumerate(self.objects.items(), start=1)
            ]
            self.put("EntityDefinition", entities)

    # -- records -----------------------------------------------------------------------------

    def put(self, object_name: str, records: list[dict[str, Any]]) -> None:
        """Insert records with exactly these columns, replacing those of the same Id."""
        if not records:
            return
        columns = list(records[0])
        statement = (
            f"insert or replace into {quoted(object_name)}"  # noqa: S608
            f" ({', '.join(quoted(name) for name in columns)})"
            f" values ({', '.join('?' * len(columns))})"
        )
        with self.lock:
            self._db.executemany(
                statement, [[record.get(name) for name in columns] for record in records]
            )

    def change(self, object_name: str, record_id: str, values: dict[str, Any]) -> None:
        """Set columns of one record."""
        assignments = ", ".join(f"{quoted(name)} = ?" for name in values)
        with self.lock:
            self._db.execute(
                f'update {quoted(object_name)} set {assignments} where "Id" = ?',  # noqa: S608
                [*values.values(), record_id],
            )

    def get(self, sobject: SObject, record_id: str) -> dict[str, Any] | None:
        """Return one record's stored values by field name."""
        found = self.records(sobject, list(sobject.fields), [record_id])
        return found.get(record_id)

    def records(
        self, sobject: SObject, fields: list[str], ids: list[str]
    ) -> dict[str, dict[str, Any]]:
        """Return stored values of several records, by Id."""
        columns = ["Id", *[name for name in fields if name != "Id"]]
        selected = ", ".join(_selected(sobject, sobject.fields[name]) for name in columns)
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), 500):
            chunk = ids[start : start + 500]
            marks = ", ".join("?" * len(chunk))
            rows = self.rows(
                f'select {selected} from {quoted(sobject.name)} where "Id" in ({marks})',  # noqa: S608
                chunk,
            )
            for row in rows:
                found[row[0]] = dict(zip(columns, row, strict=True))
        return found

    def new_id(self, prefix: str) -> str:
        """Return the next Id of an object."""
        return make_id(prefix, 1000 + self.count(f"id:{prefix}"))

    # -- bookkeeping -------------------------------------------------------------------------

    def count(self, name: str, by: int = 1) -> int:
        """Add to a lasting counter and return it."""
        row = self.rows(
            "insert into server_counter (name, value) values (?, ?)"
            " on conflict (name) do update set value = value + excluded.value returning value",
            (name, by),
        )[0]
        return int(row[0])

    def setting(self, name: str, default: int) -> int:
        """Return a lasting number, or its default."""
        rows = self.rows("select value from server_counter where name = ?", (name,))
        return int(rows[0][0]) if rows else default

    def set_setting(self, name: str, value: int) -> None:
        """Keep a lasting number."""
        self.rows(
            "insert into server_counter (name, value) values (?, ?)"
            " on conflict (name) do update set value = excluded.value",
            (name, value),
        )

    def open_session(self, token: str) -> None:
        """Remember a session's token."""
        self.rows(
            "insert into server_session (token, created_at) values (?, ?)",
            (token, format(now(), "%Y-%m-%dT%H:%M:%S")),
        )

    def has_session(self, token: str) -> bool:
        """Say whether a token belongs to an open session."""
        return bool(self.rows("select 1 from server_session where token = ?", (token,)))

    def close_session(self, token: str) -> None:
        """End one session."""
        self.rows("delete from server_session where token = ?", (token,))

    def close_sessions(self) -> None:
        """End all sessions."""
        self.rows("delete from server_session")

    def grant(self, token: str) -> bool | None:
        """Say whether a refresh token was made valid or invalid; None if neither."""
        rows = self.rows("select is_valid from server_grant where token = ?", (token,))
        return bool(rows[0][0]) if rows else None

    def set_grants(self, grants: dict[str, bool]) -> None:
        """Make refresh tokens valid or invalid."""
        with self.transaction():
            for token, is_valid in grants.items():
                self.rows("insert or replace into server_grant values (?, ?)", (token, is_valid))

    def save_cursor(
        self, locator: str, sobject: SObject, fields: list[str], ids: list[str], page_size: int
    ) -> None:
        """Remember the rest of a query's result, by Id."""
        with self.transaction():
            self.rows(
                "insert into server_cursor values (?, ?, ?, ?, ?, ?)",
                (
                    locator,
                    sobject.name,
                    sobject.is_tooling,
                    json.dumps(fields),
                    json.dumps(ids),
                    page_size,
                ),
            )
            self.rows(
                "delete from server_cursor where rowid <="
                " (select max(rowid) from server_cursor) - ?",
                (_KEPT_CURSORS,),
            )

    def cursor(self, locator: str) -> tuple[SObject, list[str], list[str], int] | None:
        """Return object, fields, ids and page size of a remembered query."""
        rows = self.rows(
            "select object, is_tooling, fields, ids, page_size from server_cursor"
            " where locator = ?",
            (locator,),
        )
        if not rows:
            return None
        name, is_tooling, fields, ids, page_size = rows[0]
        sobject = self.tooling[name] if is_tooling else self.objects[name]
        return sobject, json.loads(fields), json.loads(ids), page_size


def _selected(sobject: SObject, spec: Field) -> str:
    """Return the SQL of a field's value; a compound address is JSON made of its parts."""
    if spec.type != "address":
        return quoted(spec.name)
    prefix = spec.name.removesuffix("Address")
    parts = {part: f"{prefix}{part[0].upper()}{part[1:]}" for part in _ADDRESS_PARTS}
    known = {part: quoted(name) for part, name in parts.items() if name in sobject.fields}
    pairs = ", ".join(f"'{part}', {known.get(part, 'null')}" for part in parts)
    if not known:
        return "null"
    some = f"coalesce({', '.join(known.values())}, null) is not null"
    return f"case when {some} then json_object({pairs}) end"


def _column(spec: Field) -> str:
    collation = " collate nocase" if spec.column_type == "TEXT" and spec.type != "id" else ""
    key = " primary key" if spec.name == "Id" else ""
    return f"{quoted(spec.name)} {spec.column_type}{collation}{key}"
