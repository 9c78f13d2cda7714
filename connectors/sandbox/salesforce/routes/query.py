"""``query`` and ``queryAll``, in pages."""

import datetime as dt
import re
import secrets
from typing import Any

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call, Handler
from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.routes.data import BASE
from connectors.sandbox.salesforce.schema import SObject
from connectors.sandbox.salesforce.soql.compiler import compile_query
from connectors.sandbox.salesforce.soql.lexer import explain
from connectors.sandbox.salesforce.soql.parser import parse
from connectors.sandbox.salesforce.soql.tree import Query

PAGE_SIZE = 2000
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def find_object(query: Query, call: Call, *, is_tooling: bool) -> SObject:
    """Return the object that a query reads, or answer that there is none."""
    store = call.org.store
    names = store.tooling if is_tooling else store.objects
    for name in names:
        if name.lower() == query.object_name.lower():
            return store.tooling[name] if is_tooling else store.visible(name)
    raise ApiError(
        400,
        "INVALID_TYPE",
        explain(
            query.text,
            query.object_position,
            f"sObject type '{query.object_name}' is not supported. If you are attempting to use a"
            " custom object, be sure to append the '__c' after the entity name. Please reference"
            " your WSDL or the describe call for the appropriate names.",
        ),
    )


def run_query(call: Call, *, include_deleted: bool, is_tooling: bool) -> Answer:
    """Answer a query: its first page, and where to ask for the next."""
    text = call.query.get("q")
    if text is None:
        raise ApiError(400, "MALFORMED_QUERY", "SOQL query string is missing")
    query = parse(text)
    sobject = find_object(query, call, is_tooling=is_tooling)
    today = dt.datetime.now(dt.UTC).date()
    compiled = compile_query(query, sobject, include_deleted=include_deleted, today=today)
    rows = call.org.store.rows(compiled.statement, compiled.values)
    if query.is_count:
        return Answer({"totalSize": rows[0][0], "done": True, "records": []})
    ids = [row[0] for row in rows]
    size = _page_size(call)
    locator = ""
    if len(ids) > size:
        locator = f"0r8{secrets.token_hex(8)}"
        call.org.store.save_cursor(locator, sobject, compiled.fields, ids, size)
    return _page(call, sobject, compiled.fields, ids, 0, size, locator)


def _page_size(call: Call) -> int:
    most = call.org.store.setting("limit:query_page_size", PAGE_SIZE)
    match = _BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
    return min(most, max(200, int(match[1]))) if match else most


def _page(
    call: Call,
    sobject: SObject,
    fields: list[str],
    ids: list[str],
    start: int,
    size: int,
    locator: str,
) -> Answer:
    shown_ids = ids[start : start + size]
    found = call.org.store.records(sobject, fields, shown_ids)
    result: dict[str, Any] = {
        "totalSize": len(ids),
        "done": start + size >= len(ids),
        "records": [
            _shown(call, sobject, found[record_id], fields)
            for record_id in shown_ids
            if record_id in found
        ],
    }
    if not result["done"]:
        area = "tooling/" if sobject.is_tooling else ""
        result["nextRecordsUrl"] = (
            f"/services/data/v{call.version}/{area}query/{locator}-{start + size}"
        )
    return Answer(result)


def _shown(call: Call, sobject: SObject, record: dict[str, Any], fields: list[str]) -> Any:
    return records.shown(sobject, record, fields, call.version)


def more(call: Call) -> Answer:
    """Answer with a later page of a query."""
    locator, _, start = call.path["locator"].rpartition("-")
    cursor = call.org.store.cursor(locator) if start.isdigit() else None
    if cursor is None:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    sobject, fields, ids, size = cursor
    return _page(call, sobject, fields, ids, int(start), size, locator)


def _handler(*, include_deleted: bool, is_tooling: bool = False) -> Handler:
    def handle(call: Call) -> Answer:
        return run_query(call, include_deleted=include_deleted, is_tooling=is_tooling)

    return handle


_MORE: dict[str, Handler] = {"GET": more}
ROUTES = [
    ApiRoute(f"{BASE}/query", {"GET": _handler(include_deleted=False)}),
    ApiRoute(f"{BASE}/queryAll", {"GET": _handler(include_deleted=True)}),
    ApiRoute(f"{BASE}/query/{{locator}}", _MORE),
    ApiRoute(f"{BASE}/queryAll/{{locator}}", _MORE),
    ApiRoute(f"{BASE}/tooling/query", {"GET": _handler(include_deleted=False, is_tooling=True)}),
    ApiRoute(f"{BASE}/tooling/query/{{locator}}", _MORE),
]
