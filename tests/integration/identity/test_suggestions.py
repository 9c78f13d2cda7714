"""Suggestions: like names and domains find their accounts, with evidence, and link nothing."""

from collections.abc import Iterator
from typing import Any

import click.testing
import pytest

from ml.identity.suggest import Suggested, suggest
from orchestration.cli.main import cli
from tests.company import fingerprint
from warehouse.database import Role, Warehouse
from warehouse.errors import CopilotError

ACCOUNTS = """
    account_id text, account_name text, domain text, country text, is_deleted boolean
"""
RECORDS = """
    account_source_link_id text, source text, source_object text, source_id text,
    account_name text, domain text, is_own_domain boolean, reason text
"""
Found = dict[tuple[str, str], tuple[float, dict[str, Any]]]


class Marts:
    """The two marts that a run reads, with literal rows."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def fill(self, accounts: list[tuple[Any, ...]], records: list[tuple[Any, ...]]) -> None:
        """Make the tables: (id, name, domain, country) and (id, name, domain, is_own_domain)."""
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            for table, columns in (
                ("dim_account", ACCOUNTS),
                ("unmatched_account_record", RECORDS),
            ):
                connection.execute(f"drop table if exists {self.name(table)}")
                connection.execute(f"create table {self.name(table)} ({columns})")
            for row in accounts:
                connection.execute(
                    f"insert into {self.name('dim_account')} values (%s, %s, %s, %s, false)", row
                )
            for identifier, name, domain, is_own in records:
                connection.execute(
                    f"insert into {self.name('unmatched_account_record')}"
                    " values (%s, 'stripe', 'customer', %s, %s, %s, %s, 'no domain')",
                    (f"key {identifier}", identifier, name, domain, is_own),
                )
            connection.commit()

    def name(self, table: str) -> str:
        return f'"{self.warehouse.schema("marts")}".{table}'

    def run(self) -> tuple[Suggested, Found]:
        done = suggest(self.warehouse)
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            found = connection.execute(
                "select source_id, account_id, probability, evidence"
                f' from "{self.warehouse.schema("ops")}".account_link_suggestion'
            ).fetchall()
        return done, {(r, a): (float(p), evidence) for r, a, p, evidence in found}


@pytest.fixture
def marts(warehouse: Warehouse) -> Iterator[Marts]:
    made = Marts(warehouse)
    made.fill(
        [
            ("larch", "Larch Labs", "larchlabs.example", "DE"),
            ("iris_us", "Iris Software, Inc.", "iris-us.example", "US"),
            ("iris_uk", "IRIS Software Ltd", "iris.co.uk", "GB"),
            ("kelp", "Kelp Kitchens", "gmail.com", None),
            ("muster", "Müller & Söhne GmbH", None, "DE"),
        ],
        [
            ("typo", "Larch Lbas", None, False),
            ("near", "Help desk", "larchlab.example", True),
            ("iris", "Iris software", None, False),
            ("ending", "Iris Softwear", "iris-us.test", True),
            ("mail", "Ymail people", "ymail.com", False),
            ("accents", "MULLER AND SOHNE", None, False),
            ("nobody", "Zebra Zoo", "zebrazoo.example", True),
            ("marks", "!!!", "larchlabs.example", True),
            ("unnamed", None, "larchlabs.example", True),
        ],
    )
    yield made


def test_a_typo_finds_its_account_and_says_how_they_compare(marts: Marts) -> None:
    _, found = marts.run()
    probability, evidence = found["typo", "larch"]
    assert 0.5 < probability < 1
    assert evidence == {
        "name": "one character apart",
        "domain": "not known of both",
        "record_domain": None,
        "account_domain": "larchlabs.example",
        "account_country": "DE",
        "account_is_deleted": False,
        "why_unmatched": "no domain",
    }


def test_a_near_domain_is_suggested_alone_and_counts_with_a_near_name(marts: Marts) -> None:
    _, found = marts.run()
    assert found["near", "larch"][1]["domain"] == "one character apart"
    assert found["near", "larch"][0] < 0.5
    assert found["ending", "iris_us"][1]["domain"] == "the same but for its ending"
    assert found["ending", "iris_us"][0] > 0.9


def test_accounts_of_one_name_in_two_countries_are_two_suggestions(marts: Marts) -> None:
    _, found = marts.run()
    countries = {
        account: evidence["account_country"]
        for (record, account), (_, evidence) in found.items()
        if record == "iris"
    }
    assert countries == {"iris_us": "US", "iris_uk": "GB"}
    assert found["iris", "iris_us"][0] == found["iris", "iris_uk"][0]


def test_spelling_is_no_difference_and_strangers_are_left_alone(marts: Marts) -> None:
    done, found = marts.run()
    assert found["accents", "muster"][1]["name"] == "the same"
    assert {record for record, _ in found} == {"typo", "near", "iris", "ending", "accents"}
    assert (done.records, done.accounts, done.suggested_records) == (8, 5, 5)


def test_a_run_writes_suggestions_only_and_the_same_again(marts: Marts) -> None:
    before = fingerprint(marts.warehouse, ("marts", "seeds"))
    first = marts.run()
    ledgers = fingerprint(marts.warehouse, ("ops",), without=("suggested_at",))
    assert marts.run() == first
    assert fingerprint(marts.warehouse, ("ops",), without=("suggested_at",)) == ledgers
    assert fingerprint(marts.warehouse, ("marts", "seeds")) == before


def test_suggestions_are_replaced_whole(marts: Marts) -> None:
    assert marts.run()[0].suggestions > 0
    marts.fill([("one", "Alder Mills", None, None)], [("new", "Alder Mill", None, False)])
    assert list(marts.run()[1]) == [("new", "one")]


@pytest.mark.parametrize(
    ("accounts", "records"),
    [
        ([], []),
        ([("one", "Alder Mills", None, None)], []),
        ([], [("r", "Alder Mills", None, False)]),
        ([("one", "Alder Mills", None, None)], [("r", "Zebra Zoo", None, False)]),
    ],
)
def test_nothing_to_compare_is_no_failure(
    marts: Marts, accounts: list[tuple[Any, ...]], records: list[tuple[Any, ...]]
) -> None:
    marts.fill(accounts, records)
    done, found = marts.run()
    assert found == {}
    assert (done.records, done.accounts) == (len(records), len(accounts))


def test_a_name_that_many_bear_suggests_five_at_most(marts: Marts) -> None:
    many = [(f"a{number}", "Alder Mills", None, None) for number in range(7)]
    marts.fill(many, [("r", "Alder Mills", None, False)])
    assert sorted(account for _, account in marts.run()[1]) == [f"a{number}" for number in range(5)]


def test_marts_that_are_not_built_are_named(marts: Marts) -> None:
    with marts.warehouse.connect(Role.TRANSFORMER) as connection:
        connection.execute(f"drop table {marts.name('unmatched_account_record')}")
        connection.commit()
    with pytest.raises(CopilotError, match="unmatched_account_record does not exist"):
        suggest(marts.warehouse)


def test_the_scientist_may_write_suggestions_and_say_what_it_did_and_no_other_ledger(
    marts: Marts,
) -> None:
    with marts.warehouse.connect(Role.OWNER) as connection:
        found = connection.execute(
            "select distinct table_name, privilege_type from information_schema.table_privileges"
            " where table_schema = %s and grantee = %s",
            (marts.warehouse.schema("ops"), marts.warehouse.role_name(Role.SCIENTIST)),
        ).fetchall()
    wanted = {("account_link_suggestion", right) for right in ("SELECT", "INSERT", "DELETE")}
    assert set(found) == wanted | {("audit_log", "INSERT")}


def test_the_command_says_what_it_found(
    marts: Marts, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    settings = tmp_path / "copilot.yml"
    settings.write_text("sources: [app]\ncompany_name: Test company (synthetic)\n")
    monkeypatch.setenv("COPILOT_SETTINGS", str(settings))
    monkeypatch.setenv("COPILOT_SCHEMA_PREFIX", marts.warehouse.schema_prefix)
    said = click.testing.CliRunner().invoke(cli, ["identity", "suggest"], catch_exceptions=False)
    assert said.exit_code == 0
    assert "8 unmatched records with a name, compared with 5 accounts" in said.output
    assert "marts.account_link_review" in said.output
    marts.fill([], [])
    said = click.testing.CliRunner().invoke(cli, ["identity", "suggest"], catch_exceptions=False)
    assert "Nothing to review" in said.output
