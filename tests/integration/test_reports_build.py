"""Building the reports from a warehouse: data, check of the pages' SQL, swap."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.resources.report_export import export_tables
from orchestration.resources.report_pages import REPORTS, check_page_queries, pages_key
from orchestration.resources.reports import build_reports, site_path
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

installed = pytest.mark.skipif(
    shutil.which("node") is None or not (REPORTS / "node_modules").is_dir(),
    reason="the reports' packages are not installed",
)


@pytest.fixture
def marts(warehouse: Warehouse) -> Warehouse:
    """A reporting table with every type, in the prefixed marts, owned by the transformer."""
    schema = warehouse.schema("marts")
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(f'drop table if exists "{schema}".rpt_thing'.encode())
        connection.execute(
            f'create table "{schema}".rpt_thing (account_id text, amount numeric, number bigint,'
            " is_good boolean, on_date date, at timestamptz)".encode()
        )
        connection.execute(
            f'insert into "{schema}".rpt_thing values'
            " ('a1', 12.50, 9, true, '2026-06-30', '2026-06-30 23:30+00'),"
            " ('b''2', null, null, null, null, null)".encode()
        )
    return warehouse


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tiny report project whose pages count as compiled."""
    folder = tmp_path / "reports"
    for name in ("sources/warehouse", "pages/accounts", "partials"):
        (folder / name).mkdir(parents=True)
    (folder / "node_modules").symlink_to(REPORTS / "node_modules")
    (folder / "scripts").symlink_to(REPORTS / "scripts")
    (folder / "sources/warehouse/thing.sql").write_text("select * from rpt_thing order by 1")
    (folder / "partials/top.md").write_text("```sql top\nselect count(*) from warehouse.thing\n```")
    (folder / "pages/index.md").write_text(
        '{@partial "top.md"}\n\n```sql all_things\nselect * from warehouse.thing\n```\n\n'
        "```sql some\nselect number from ${all_things} where is_good\n```\n"
    )
    (folder / "pages/accounts/[account_id].md").write_text(
        "```sql one\nselect amount / 2 from warehouse.thing"
        " where account_id = '${params.account_id}'\n```\n"
    )
    compiled(folder)
    return folder


def compiled(project: Path) -> None:
    shell = project / "build" / pages_key(project)
    shell.mkdir(parents=True, exist_ok=True)
    (shell / "index.html").write_text("shell")


def table(site: Path) -> pa.Table:
    [path] = site.glob("data/warehouse/thing/*/thing.parquet")
    return pq.read_table(path)


def change(warehouse: Warehouse, statement: str) -> None:
    with warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(statement.format(marts=warehouse.schema("marts")).encode())


@installed
def test_a_build_gives_pages_and_data_and_a_second_one_does_nothing(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    first = build_reports(marts, tmp_path, reports=project)
    assert first.built
    assert (first.queries, first.rows) == (4, {"thing": 2})
    assert (first.site / "index.html").read_text() == "shell"
    manifest = json.loads((first.site / "data" / "manifest.json").read_text())
    [name] = manifest["renderedFiles"]["warehouse"]
    assert (first.site / name.removeprefix("static/")).is_file()
    before = first.site.resolve()
    second = build_reports(marts, tmp_path, reports=project)
    assert not second.built
    assert second.site.resolve() == before
    assert [p.name for p in (tmp_path / "reports" / "sites").iterdir()] == [before.name]


@installed
def test_new_data_replaces_the_site_and_one_older_site_stays(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    for number in range(4):
        change(marts, f'update "{{marts}}".rpt_thing set number = {number}')
        assert build_reports(marts, tmp_path, reports=project).built
        assert table(site_path(tmp_path)).column("number").to_pylist() == [number, number]
    assert len(list((tmp_path / "reports" / "sites").iterdir())) == 2


@installed
def test_a_page_with_broken_sql_fails_the_build_and_the_old_site_stays(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    old = build_reports(marts, tmp_path, reports=project).site.resolve()
    page = project / "pages/accounts/[account_id].md"
    page.write_text(page.read_text().replace("amount", "no_such_column"))
    compiled(project)
    with pytest.raises(CopilotError) as failure:
        build_reports(marts, tmp_path, reports=project)
    assert "pages/accounts/[account_id].md, query one" in str(failure.value)
    assert "no_such_column" in str(failure.value)
    assert site_path(tmp_path).resolve() == old
    assert [p.name for p in (tmp_path / "reports" / "sites").iterdir()] == [old.name]


@installed
def test_a_reference_to_a_query_that_is_not_there_fails(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    (project / "pages/index.md").write_text("```sql a\nselect 1 from ${nothing}\n```\n")
    export_tables(marts, project / "sources/warehouse", tmp_path / "data")
    with pytest.raises(CopilotError, match=r"pages/index.md, query a"):
        check_page_queries(tmp_path / "data", project)


def test_dates_are_noon_and_times_utc_and_nulls_stay(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    [exported] = export_tables(marts, project / "sources/warehouse", tmp_path)
    first, second = pq.read_table(exported.path).to_pylist()
    assert first == {
        "account_id": "a1",
        "amount": 12.5,
        "number": 9.0,
        "is_good": True,
        "on_date": dt.datetime(2026, 6, 30, 12),
        "at": dt.datetime(2026, 6, 30, 23, 30),
    }
    assert second == {**dict.fromkeys(first), "account_id": "b'2"}


@installed
def test_an_empty_table_keeps_its_types_and_its_pages_still_work(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    change(marts, 'delete from "{marts}".rpt_thing')
    result = build_reports(marts, tmp_path, reports=project)
    assert result.rows == {"thing": 0}
    assert table(result.site).schema.field("amount").type == pa.float64()
    assert table(result.site).schema.field("on_date").type == pa.timestamp("ms")


def test_the_same_rows_give_the_same_bytes(marts: Warehouse, project: Path, tmp_path: Path) -> None:
    queries = project / "sources/warehouse"
    [one] = export_tables(marts, queries, tmp_path / "one")
    [two] = export_tables(marts, queries, tmp_path / "two")
    assert one.digest == two.digest


def test_a_failed_source_query_names_its_file(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    (project / "sources/warehouse/thing.sql").write_text("select * from rpt_absent")
    with pytest.raises(CopilotError, match=r"thing\.sql fails: .*rpt_absent"):
        export_tables(marts, project / "sources/warehouse", tmp_path)


def test_a_column_that_a_report_cannot_show_is_named(
    marts: Warehouse, project: Path, tmp_path: Path
) -> None:
    (project / "sources/warehouse/thing.sql").write_text("select '{}'::jsonb as reasons")
    with pytest.raises(CopilotError, match="column reasons is of type jsonb"):
        export_tables(marts, project / "sources/warehouse", tmp_path)


def test_source_queries_cannot_write(marts: Warehouse, project: Path, tmp_path: Path) -> None:
    (project / "sources/warehouse/thing.sql").write_text("delete from rpt_thing returning 1 as a")
    with pytest.raises(CopilotError, match=r"read-only|permission denied"):
        export_tables(marts, project / "sources/warehouse", tmp_path)


def test_the_source_queries_take_no_personal_data() -> None:
    for query in (REPORTS / "sources" / "warehouse").glob("*.sql"):
        words = set(query.read_text().replace(",", " ").split())
        assert (
            not {"*", "email", "csm_email", "requester_email", "full_name", "subject_text"} & words
        )
