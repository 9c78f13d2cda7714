"""Own tables: what loads, what is rejected and why, what is said about a wrong file."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from connectors.sources.app import TABLES, LoadResult, ensure_app_tables, load_directory
from tests.integration.runner_help import ops, table
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import PROJECT_ROOT, Settings, load_settings

ACCOUNTS = "account_id,name\nA1,Acme\nA2,Bolt\n"
SUBSCRIPTIONS = "subscription_id,account_id,mrr,started_on\nS1,A1,100.10,2026-01-01\n"


def write(folder: Path, **files: str | bytes) -> Path:
    """Write the two required files and those given; ``None`` leaves one out."""
    for name, text in ({"account": ACCOUNTS, "subscription": SUBSCRIPTIONS} | files).items():
        path = folder / f"{name}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def load(warehouse: Warehouse, folder: Path, **files: str | bytes) -> LoadResult:
    return load_directory(write(folder, **files), warehouse)


def rejected(warehouse: Warehouse) -> list[tuple]:
    return ops(
        warehouse,
        "select stream, record_key, reason from {}.rejected_row where source = 'app' order by 1, 3",
    )


def test_the_contract_s_tables_exist_before_any_file(warehouse: Warehouse) -> None:
    for _ in range(2):
        ensure_app_tables(warehouse)
    for name in ("account", "subscription", "user", "event", "ticket", "invoice", "churn_event"):
        table(warehouse, "app", name)


def test_rows_are_typed_and_further_columns_are_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        tmp_path,
        account="account_id,name,created_at,tier\n007,Ümlaut 東京,2026-01-01T10:00:00+02:00,gold\n"
        'A2,"Quo""te, Inc",2026-01-02,\n',
        subscription="mrr,subscription_id,account_id,seats,started_on,ended_on\n"
        "0.1,S1,007,12.0,2026-01-01,\n12345678901234567890.12,S2,A2,,2026-01-01,2026-01-01\n",
        user="user_id,account_id,created_at\nU1,A2,2026-01-01T00:00:00Z\n",
    )
    at = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)
    assert table(warehouse, "app", "account", "account_id, name, created_at, tier") == [
        ("007", "Ümlaut 東京", at, "gold"),
        ("A2", 'Quo"te, Inc', dt.datetime(2026, 1, 2, tzinfo=dt.UTC), None),
    ]
    columns = "subscription_id, mrr, seats, started_on, ended_on, plan"
    day = dt.date(2026, 1, 1)
    assert table(warehouse, "app", "subscription", columns) == [
        ("S1", Decimal("0.1"), 12, day, None, None),
        ("S2", Decimal("12345678901234567890.12"), None, day, day, None),
    ]
    assert table(warehouse, "app", "user", "user_id") == [("U1",)]


@pytest.mark.parametrize(
    ("name", "header", "row", "reason"),
    [
        ("account", "account_id,name", ",Nameless", "account_id is empty"),
        ("account", "account_id,name", "A9,  ", "name is empty"),
        ("account", "account_id,name,created_at", "A9,x,2026-01-01T10:00:00", "created_at '.*zone"),
        ("account", "account_id,name,created_at", "A9,x,9999-01-01", "outside of 1900-2200"),
        ("account", "account_id,name", "A9,x\x00y", "name holds a NUL"),
        ("account", "account_id,name", "A9,x,extra", "it has 3 cells, the header has 2"),
        ("subscription", "", "S9,A1,-5,2026-01-01", "mrr -5 is below 0"),
        ("subscription", "", "S9,A1,12 EUR,2026-01-01", "mrr '12 EUR' is not a number"),
        ("subscription", "", "S9,A1,NaN,2026-01-01", "mrr 'NaN' is not a number"),
        ("subscription", "", "S9,A1,,2026-01-01", "mrr is empty"),
        ("subscription", "", "S9,A1,5,2026-02-30", "started_on '2026-02-30' is not a date"),
        ("subscription", "", "S9,A1,5,01/02/2026", "started_on '01/02/2026' is not a date"),
        ("subscription", "", "S9,nobody,5,2026-01-01", "account_id nobody is no account"),
        (
            "subscription",
            "subscription_id,account_id,mrr,started_on,ended_on",
            "S9,A1,5,2026-01-02,2026-01-01",
            "ended_on 2026-01-01 lies before started_on",
        ),
        (
            "subscription",
            "subscription_id,account_id,mrr,started_on,seats",
            "S9,A1,5,2026-01-02,2.5",
            "seats '2.5' is not a whole number",
        ),
        (
            "subscription",
            "subscription_id,account_id,mrr,started_on,currency",
            "S9,A1,5,2026-01-02,euro",
            "currency 'euro' is not a currency code",
        ),
        (
            "ticket",
            "ticket_id,account_id,created_at,satisfaction_score",
            "T9,A1,2026-01-01T00:00:00Z,7",
            "satisfaction_score 7 is above 5",
        ),
    ],
)
def test_a_row_that_breaks_the_contract_is_rejected_and_the_rest_loads(
    warehouse: Warehouse, tmp_path: Path, name: str, header: str, row: str, reason: str
) -> None:
    header = header or "subscription_id,account_id,mrr,started_on"
    good = {
        "account": ["A1,Acme", "A2,Bolt"],
        "subscription": ["S1,A1,1,2026-01-01", "S2,A2,1,2026-01-01"],
        "ticket": ["T1,A1,2026-01-01T00:00:00Z", "T2,A2,2026-01-01T00:00:00Z"],
    }[name]
    commas = header.count(",") - good[0].count(",")
    good = [line + "," * commas for line in good]
    result = load(warehouse, tmp_path, **{name: "\n".join([header, good[0], row, good[1], ""])})
    assert result.tables[name].loaded == 2
    ((stream, _, words),) = rejected(warehouse)
    assert stream == name
    assert words.startswith("row 3: ")
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(words)
    load(warehouse, tmp_path, **{name: "\n".join([header, *good, ""])})
    assert rejected(warehouse) == []


def test_rows_of_a_rejected_account_are_rejected_too(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        tmp_path,
        account="account_id,name\nA1,Acme\nA2,\n",
        subscription=SUBSCRIPTIONS + "S2,A2,1,2026-01-01\n",
    )
    assert [row[1] for row in rejected(warehouse)] == ["A2", "S2"]


def test_of_doubled_ids_the_first_loads_and_mere_repetitions_only_count(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    result = load(
        warehouse,
        tmp_path,
        account=ACCOUNTS + "A1,Acme\nA1,Other\nA1,Acme\n",
    )
    count = result.tables["account"]
    assert (count.read, count.loaded, count.rejected, count.collapsed) == (5, 2, 1, 2)
    assert rejected(warehouse) == [
        ("account", "A1", "row 5: account_id A1 stands in row 2 with other values already")
    ]
    assert table(warehouse, "app", "account", "account_id, name") == [
        ("A1", "Acme"),
        ("A2", "Bolt"),
    ]


def test_loading_the_same_folder_again_changes_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    files = {"subscription": SUBSCRIPTIONS + "S2,A1,-1,2026-01-01\nS2,A1,-1,2026-01-01\n"}
    first = load(warehouse, tmp_path, **files)
    before = table(warehouse, "app", "account"), rejected(warehouse)
    again = load(warehouse, tmp_path, **files)
    assert (first.is_changed, again.is_changed) == (True, False)
    assert again.tables == first.tables
    assert (table(warehouse, "app", "account"), rejected(warehouse)) == before
    assert len(before[1]) == 2


def test_loading_the_same_folder_again_is_a_load_of_that_day(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    query = "select count(*) from {}.sync_run where source = 'app' and status = 'succeeded'"
    load(warehouse, tmp_path)
    ((before,),) = ops(warehouse, query)
    assert not load(warehouse, tmp_path).is_changed
    assert ops(warehouse, query) == [(before + len(TABLES),)]


def test_a_table_that_lost_its_rows_is_loaded_again(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, tmp_path)
    with warehouse.connect() as connection:
        name = sql.Identifier(warehouse.schema("raw_app"), "account")
        connection.execute(sql.SQL("truncate {}").format(name))
    assert load(warehouse, tmp_path).is_changed
    assert len(table(warehouse, "app", "account")) == 2


def test_a_new_folder_replaces_all_tables_at_once_or_none(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    event = "event_id,account_id,occurred_at\nE1,A1,2026-01-01T00:00:00Z\n"
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    load(warehouse, tmp_path / "one", event=event)
    with pytest.raises(CopilotError, match=r"No row of \S+subscription.csv keeps the contract"):
        load(
            warehouse,
            tmp_path / "two",
            account="account_id,name\nB1,Other\n",
            subscription="subscription_id,account_id,mrr,started_on\nS1,B1,x,2026-01-01\n",
        )
    assert table(warehouse, "app", "account", "account_id") == [("A1",), ("A2",)]
    load(
        warehouse,
        tmp_path / "two",
        account="account_id,name\nB1,Other\n",
        subscription="subscription_id,account_id,mrr,started_on\nS1,B1,1,2026-01-01\n",
    )
    assert table(warehouse, "app", "account", "account_id") == [("B1",)]
    assert table(warehouse, "app", "event", "event_id") == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"account": "id,name\nA1,x\n"}, r"account.csv: line 1 has no column account_id"),
        ({"account": "account_id;name\nA1;x\n"}, r"account.csv: line 1 .* with semicolons"),
        ({"account": "account_id,name\nA1,x\nA2,M\xfcller\n".encode("latin-1")},
         r"account.csv: line 3, column 2 is not UTF-8 \(byte 0xfc\)"),
        ({"account": ""}, r"account.csv: line 1 is empty"),
        ({"account": "account_id,name\n"}, r"account.csv has no rows"),
        ({"account": "account_id,name,name\nA1,x,y\n"}, r"names the column name twice"),
        ({"account": 'account_id,name\nA1,x\nA2,"open\nA3,y\n'}, r"line 3 is never closed"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_line_and_column(
    warehouse: Warehouse, tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    with pytest.raises(CopilotError, match=words) as caught:
        load(warehouse, tmp_path, **files)
    assert caught.value.hint


def test_a_missing_file_or_folder_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(CopilotError, match="There is no folder"):
        load_directory(tmp_path / "nowhere", warehouse)
    with pytest.raises(CopilotError, match=r"no account.csv and subscription.csv; it is empty"):
        load_directory(tmp_path, warehouse)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    with pytest.raises(CopilotError, match="Rename accounts.csv to account.csv"):
        load_directory(tmp_path, warehouse)


def test_parquet_loads_like_csv(warehouse: Warehouse, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "account.csv").unlink()
    at = [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None]
    accounts = {
        "account_id": ["A1", "A2"],
        "name": ["x", "y"],
        "created_at": at,
        "size": [1.5, None],
    }
    pq.write_table(pa.table(accounts), tmp_path / "account.parquet")
    load_directory(tmp_path, warehouse)
    rows = table(warehouse, "app", "account", "account_id, created_at, size")
    assert rows == [("A1", at[0], "1.5"), ("A2", None, None)]
    naive = accounts | {"created_at": [dt.datetime(2026, 1, 1), None]}
    pq.write_table(pa.table(naive), tmp_path / "account.parquet")
    with pytest.raises(CopilotError, match=r"account.parquet: the column created_at .* zone"):
        load_directory(tmp_path, warehouse)


def test_line_breaks_in_cells_and_a_byte_order_mark_are_read(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    ticket = (
        "\ufeffticket_id,account_id,created_at,body\r\n"
        'T1,A1,2026-01-01T00:00:00Z,"two\nlines, ""quoted"""\r\n'
    )
    load(warehouse, tmp_path, ticket=ticket)
    assert table(warehouse, "app", "ticket", "ticket_id, body") == [("T1", 'two\nlines, "quoted"')]


def test_ravenstack_loads_with_its_doubled_usage_ids_rejected(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    example = PROJECT_ROOT / "examples" / "ravenstack"
    subprocess.run([sys.executable, example / "to_contract.py", tmp_path], check=True)
    result = load_directory(tmp_path, warehouse)
    loaded = {name: count.loaded for name, count in result.tables.items() if count.loaded}
    assert loaded == {
        "account": 500, "subscription": 4222, "event": 24979, "ticket": 2000, "churn_event": 600,
    }  # fmt: skip
    assert result.rejected == 21
    assert {row[0] for row in rejected(warehouse)} == {"event"}


def test_ravenstack_s_settings_are_valid_and_end_with_its_data() -> None:
    settings: Settings = load_settings(PROJECT_ROOT / "examples" / "ravenstack" / "copilot.yml")
    assert settings.as_of_date == dt.date(2024, 12, 31)
    assert "synthetic" in settings.company_name
