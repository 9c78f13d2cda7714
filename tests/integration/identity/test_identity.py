"""Links are right on the synthetic company's truth and on traps; a decision can be taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.config import WorldConfig
from ml.identity.suggest import suggest
from orchestration.cli.summary import unmatched_lines
from orchestration.resources.dbt_failures import failed_nodes
from tests.company import fingerprint
from tests.dbt import dbt, try_dbt
from tests.integration.combinations.company import SAMPLE, company, rows, sync
from tests.integration.identity.measure import (
    quality,
    read_links,
    read_truth,
    set_traps,
)
from tests.integration.identity.traps import Key, Trap, all_traps
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings, copilot_home

SELECTED = ("+account_source_link", "+dim_account", "+unmatched_account_record", "+account_rollup")
SELECTED += ("account_link_review", "+fct_mrr_movement", "+fct_ticket", "+rpt_unmatched_record")


@dataclass
class Trapped:
    warehouse: Warehouse
    settings: Settings
    target: Path
    traps: list[Trap]
    links: dict[Key, tuple[str, str, str]]

    def build(self) -> None:
        without = ("--exclude-resource-type", "unit_test", "--select")
        dbt(self.warehouse, self.settings, self.target, "build", *without, *SELECTED)

    def decide(self, *decisions: tuple[str, ...]) -> None:
        """Fill the seed's table with decisions, and build what rests on it."""
        self.write_down(*decisions)
        resting = [f"{selected},account_link+" for selected in SELECTED]
        dbt(
            self.warehouse, self.settings, self.target, "run",
            "--exclude", "account_link", "--select", *resting,
        )  # fmt: skip

    def refused(self, *decisions: tuple[str, ...]) -> str:
        """Fill the seed's table with decisions, and return what a run says of them."""
        self.write_down(*decisions)
        built = ("int_identity__source_account", "int_identity__anchor_record")
        without = ("--exclude-resource-type", "unit_test")
        try_dbt(self.warehouse, self.settings, self.target, "build", *without, "--select", *built)
        return failed_nodes(self.warehouse, self.target)

    def write_down(self, *decisions: tuple[str, ...]) -> None:
        """Fill the seed's table with decisions."""
        table = f'"{self.warehouse.schema("seeds")}".account_link'
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            connection.execute(f"truncate {table}")
            for decision in decisions:
                connection.execute(
                    f"insert into {table} (source, source_object, source_id, action,"
                    " account_source_id, decided_by) values (%s, %s, %s, %s, %s, 'a test')",
                    decision,
                )
            connection.commit()


@pytest.fixture(scope="module")
def trapped(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trapped]:
    settings = company(
        "salesforce", "zendesk", "mixpanel", "stripe", prefix=warehouse.schema_prefix
    )
    sync(warehouse, settings)
    traps = list(all_traps())
    set_traps(warehouse, traps)
    made = Trapped(warehouse, settings, tmp_path_factory.mktemp("dbt"), traps, {})
    made.build()
    made.links = read_links(warehouse)
    yield made


def test_links_of_the_synthetic_company_are_right_and_nearly_all_there(trapped: Trapped) -> None:
    folder = company_folder(
        copilot_home() / "sample", WorldConfig(SAMPLE.accounts, SAMPLE.months, SAMPLE.seed)
    )
    found = quality(trapped.links, read_truth(folder / "truth.parquet"))
    assert found.precision >= 0.995, found.wrong[:10]
    assert found.recall >= 0.97, found.missed[:10]


@pytest.mark.parametrize("name", [trap.name for trap in all_traps()])
def test_no_trap_merges_what_is_apart(trapped: Trapped, name: str) -> None:
    trap = next(trap for trap in trapped.traps if trap.name == name)
    found = {key: trapped.links.get(key, (None, None, None)) for key in trap.truth}
    false = {key: link for key, link in found.items() if link[0] not in (None, trap.truth[key])}
    assert false == {}
    missed = {key for key, link in found.items() if link[0] is None and trap.truth[key] is not None}
    assert missed <= trap.may_miss


def test_every_link_says_why(trapped: Trapped) -> None:
    rules = {rule for _, rule, _ in trapped.links.values()}
    assert rules == {"anchor", "explicit_id", "domain", "people"}
    assert all(evidence for _, _, evidence in trapped.links.values())


def test_what_matches_nothing_is_listed_with_its_reason(trapped: Trapped) -> None:
    with trapped.warehouse.connect(Role.ANALYST) as connection:
        schema = trapped.warehouse.schema("marts")
        listed = {
            (source, kind, identifier): reason
            for source, kind, identifier, reason in connection.execute(
                "select source, source_object, source_id, reason"
                f' from "{schema}".unmatched_account_record'
            )
        }
    assert not listed.keys() & trapped.links.keys()
    nobody = {key for trap in trapped.traps for key, account in trap.truth.items() if not account}
    assert nobody <= listed.keys()
    assert (
        listed["zendesk", "user", "890000100"] == "its domain: used by people of several accounts"
    )
    assert listed["zendesk", "user", "890000160"] == "its domain: free mail"
    clash = "its domain or people say one account, its name another"
    assert listed["stripe", "customer", "cus_traptansy"] == clash
    assert listed["zendesk", "organization", "880000210"] == clash
    assert listed["zendesk", "organization", "880000212"] == clash


def test_a_decision_made_by_hand_goes_first_and_can_be_taken_back(trapped: Trapped) -> None:
    schemas = ("marts",)
    before = fingerprint(trapped.warehouse, schemas)
    customer, organization = "cus_trapcedar", "880000150"
    trapped.decide(
        ("stripe", "customer", customer, "link", "001TRAP00000111AAA"),
        ("zendesk", "organization", organization, "unlink", ""),
        ("zendesk", "user", "890000190", "link", "001TRAP00000191"),
    )
    links = read_links(trapped.warehouse)
    assert links["stripe", "customer", customer][:2] == ("001TRAP00000111AAA", "manual")
    assert ("zendesk", "organization", organization) not in links
    assert links["zendesk", "user", "890000190"][:2] == ("001TRAP00000191AAA", "manual")
    assert fingerprint(trapped.warehouse, schemas) != before
    trapped.decide()
    assert fingerprint(trapped.warehouse, schemas) == before


def test_accounts_made_one_and_an_id_taken_back_come_apart_again_to_the_byte(
    trapped: Trapped,
) -> None:
    paying = "select anchor_source_id from {marts}.dim_account where mrr > 0 order by 1 limit 2"
    [(one,), (two,)] = rows(trapped.warehouse, paying)
    [(organization, account)] = rows(
        trapped.warehouse,
        "select source_id, anchor_source_id from {marts}.account_source_link inner join"
        " {marts}.dim_account using (account_id) where match_rule = 'explicit_id' and source_object"
        " = 'organization' and account_id in (select account_id from {marts}.fct_ticket)"
        f" and anchor_source_id not in ('{one}', '{two}') order by source_id limit 1",
    )
    before = fingerprint(trapped.warehouse, ("marts",))
    trapped.decide(
        ("salesforce", "Account", two, "link", one),
        ("zendesk", "organization", organization, "unlink", account),
    )
    links = read_links(trapped.warehouse)
    assert links["salesforce", "Account", two][:2] == (one, "manual")
    assert ("zendesk", "organization", organization) not in links
    after = fingerprint(trapped.warehouse, ("marts",))
    facts = ("fct_mrr_movement", "fct_ticket", "dim_account", "account_rollup")
    assert {f"marts.{fact}" for fact in facts} <= {t for t in before if before[t] != after[t]}
    trapped.decide()
    assert fingerprint(trapped.warehouse, ("marts",)) == before


def test_what_belongs_to_no_account_is_counted_at_the_end_of_a_run(trapped: Trapped) -> None:
    [(listed,)] = rows(trapped.warehouse, "select count(*) from {marts}.unmatched_account_record")
    [(linked,)] = rows(trapped.warehouse, "select count(*) from {marts}.account_source_link")
    marts = trapped.warehouse.schema("marts")
    with trapped.warehouse.engine(Role.TRANSFORMER).connect() as connection:
        [said] = unmatched_lines(connection, marts)
        assert f"organisation or person: {listed} of {listed + linked:,}" in said
        connection.execute(text(f'update "{marts}".rpt_unmatched_record set unmatched_records = 0'))
        assert unmatched_lines(connection, marts) == []
        connection.rollback()


WRONG_DECISIONS = {
    ("zendesk", "organization", "880000150", "link", "001NOBODY0000000AA"): "no account has the id",
    ("zendesk", "organization", "880000140", "unlink", "001NOBODY0000000AA"): "no account has the",
    ("zendesk", "organisation", "880000150", "unlink", ""): "no such record belongs",
    ("stripe", "customer", "cus_nobody", "link", "001TRAP00000111"): "no such record belongs",
    ("zendesc", "organization", "880000150", "unlink", ""): "there is no source zendesc",
    ("stripe", "customer", "cus_trapcedar", "link", ""): "a link must name the account",
    (
        "stripe",
        "customer",
        "cus_trapkelp",
        "link",
        "001TRAP00000110",
    ): "the record is linked to several",
    (
        "stripe",
        "customer",
        "cus_trapkelp",
        "link",
        "001TRAP00000111",
    ): "the record is linked to several",
}


def test_a_decision_that_cannot_be_followed_stops_the_run_and_says_which(trapped: Trapped) -> None:
    followed = (
        ("hubspot", "company", "1", "link", "001TRAP00000111"),
        ("stripe", "customer", "cus_trapiris", "link", "001TRAP00000111AAA"),
        ("stripe", "customer", "cus_trapiris", "unlink", "001TRAP00000110"),
    )
    said = trapped.refused(*WRONG_DECISIONS, *followed)
    for decision, why in WRONG_DECISIONS.items():
        assert f"    seeds/account_link.csv, row {','.join(decision)}: {why}" in said
    assert said.count("seeds/account_link.csv, row ") == len(WRONG_DECISIONS)


def test_accounts_linked_in_a_ring_stop_the_run_and_are_named(trapped: Trapped) -> None:
    one, two, own = ("001TRAP00000110AAA", "001TRAP00000111AAA", "001TRAP00000120AAA")
    ring = [
        ("salesforce", "Account", a, "link", b) for a, b in [(one, two), (two, one), (own, own)]
    ]
    said = trapped.refused(*ring)
    for account, master in ((one, two), (two, one), (own, own)):
        assert f"account {account} of salesforce is linked by hand to {master}" in said
    assert said.count("is linked by hand to") == len(ring)


def _review(warehouse: Warehouse, source_id: str) -> list[tuple[str, str, int, str, str]]:
    return rows(
        warehouse,
        "select account_name, account_domain, place, link_row, unlink_row"
        f" from {{marts}}.account_link_review where source_id = '{source_id}'",
    )


def test_a_suggestion_is_reviewed_decided_and_taken_back(trapped: Trapped) -> None:
    before = fingerprint(trapped.warehouse, ("marts",))
    done = suggest(trapped.warehouse)
    assert 0 < done.suggested_records < done.records
    after = fingerprint(trapped.warehouse, ("marts",))
    assert {table for table in before if before[table] != after[table]} == {
        "marts.account_link_review"
    }
    typo, twin = "880000171", "880000141"
    start = f"zendesk,organization,{typo}"
    assert _review(trapped.warehouse, typo) == [
        (
            "Larch Labs", "larchlabs.example", 1, f"{start},link,001TRAP00000170AAA,,,",
            f"{start},unlink,001TRAP00000170AAA,,,",
        )
    ]  # fmt: skip
    domains = [row[1:3] for row in _review(trapped.warehouse, twin)]
    assert sorted(domain for domain, _ in domains) == ["iris-us.example", "iris.co.uk"]
    assert [place for _, place in domains] == [1, 2]
    trapped.decide(
        tuple(f"{start},link,001TRAP00000170AAA".split(",")),
        ("zendesk", "organization", twin, "unlink", "001TRAP00000140"),
    )
    assert read_links(trapped.warehouse)["zendesk", "organization", typo][1] == "manual"
    assert _review(trapped.warehouse, typo) == []
    assert [row[1] for row in _review(trapped.warehouse, twin)] == ["iris.co.uk"]
    trapped.decide()
    assert fingerprint(trapped.warehouse, ("marts",)) == after


def test_accounts_roll_up_to_their_parent_and_stay_apart(trapped: Trapped) -> None:
    with trapped.warehouse.connect(Role.ANALYST) as connection:
        schema = trapped.warehouse.schema("marts")
        found = connection.execute(
            "select r.accounts_below, r.mrr, (select sum(mrr) from"
            f' "{schema}".dim_account where account_id = r.account_id'
            f' or parent_account_id = r.account_id) from "{schema}".account_rollup as r'
            f' inner join "{schema}".dim_account as a using (account_id)'
            " where a.anchor_source_id = '001TRAP00000130AAA'"
        ).fetchall()
        total = connection.execute(
            f'select count(*), (select count(*) from "{schema}".dim_account)'
            f' from "{schema}".account_rollup'
        ).fetchone()
    assert found[0][0] == 1
    assert found[0][1] == found[0][2]
    assert total is not None
    assert total[0] == total[1]
