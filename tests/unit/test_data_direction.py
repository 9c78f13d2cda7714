"""The data flows one way: dbt's manifest keeps the rules, and each rule notices a bad project."""

import json
from pathlib import Path

import pytest

from tests.unit import dbt_rules as rules
from tests.unit.dbt_rules import Manifest, Node
from warehouse.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
OUTCOME = {"success", "reporting", "publish", "prediction", "ledger"}


def _texts(folder: Path, pattern: str) -> dict[str, str]:
    found = {
        str(path.relative_to(PROJECT_ROOT)): path.read_text() for path in folder.rglob(pattern)
    }
    assert found, f"nothing like {pattern} under {folder}"
    return found


class TestTheProject:
    def test_what_one_customers_score_reads_lies_under_an_index(self, manifest: Manifest) -> None:
        read = ("ftr_account_snapshot", "fct_account_health", "fct_account_health_measure")
        for name in read:
            indexes = manifest["nodes"][f"model.copilot.{name}"]["config"].get("indexes")
            assert {"columns": ["as_of_date", "account_id"]} in (indexes or []), name

    def test_every_model_belongs_to_a_layer_and_carries_its_tag(self, manifest: Manifest) -> None:
        assert rules.models(manifest)
        assert rules.unknown_layers(manifest) == []

    def test_no_model_reads_a_layer_above_it(self, manifest: Manifest) -> None:
        assert rules.reads_upwards(manifest) == []

    def test_only_daily_states_read_core_facts_from_below(self, manifest: Manifest) -> None:
        assert rules.core_facts_read_from_below(manifest) == []

    def test_staging_reads_its_own_source_only(self, manifest: Manifest) -> None:
        assert rules.staging_reads_of_another_source(manifest) == []

    def test_the_foundation_rests_on_no_outcome(self, manifest: Manifest) -> None:
        assert rules.predictions_under(manifest, rules.FOUNDATION, OUTCOME) == []

    def test_features_rest_on_no_health_prediction_or_alert(self, manifest: Manifest) -> None:
        assert rules.predictions_under(manifest, {"features"}, OUTCOME | {"health"}) == []

    def test_nothing_that_features_rest_on_reads_the_labels(self, manifest: Manifest) -> None:
        below = rules.readers(manifest, "ftr_account_outcome")
        assert [name for name in below if name.startswith(("stg_", "int_", "ftr_"))] == []

    def test_outbound_models_are_the_end_of_the_road(self, manifest: Manifest) -> None:
        assert rules.publish_readers(manifest) == []
        assert rules.misplaced_outbound_models(manifest) == []

    def test_no_sql_asks_the_wall_clock(self) -> None:
        assert rules.clock_words(_texts(DBT_PROJECT, "*.sql")) == []

    def test_every_model_and_column_is_described(self, manifest: Manifest) -> None:
        assert rules.undocumented(manifest) == []

    def test_every_model_has_a_tested_key(self, manifest: Manifest) -> None:
        assert rules.without_key(manifest) == []

    def test_every_public_model_enforces_its_contract(self, manifest: Manifest) -> None:
        assert rules.without_contract(manifest) == []

    def test_no_data_test_only_warns(self, manifest: Manifest) -> None:
        assert rules.tests_that_only_warn(manifest) == []

    def test_dbt_knows_no_python(self, manifest: Manifest) -> None:
        assert rules.python_in_dbt(manifest, DBT_PROJECT) == []

    def test_reports_read_marts_only(self, manifest: Manifest) -> None:
        sources = _texts(PROJECT_ROOT / "reports" / "sources", "*.sql")
        assert rules.report_reads(sources, manifest) == []

    def test_reverse_etl_reads_publish_and_its_ledgers_only(self) -> None:
        code = _texts(PROJECT_ROOT / "connectors" / "destinations", "*.py")
        code |= _texts(PROJECT_ROOT / "connectors" / "alerts", "*.py")
        assert rules.schemas_named(code, {"schema"}, {"publish", "ops"}) == []

    def test_models_read_features_labels_and_the_rule_score_only(self) -> None:
        code = _texts(PROJECT_ROOT / "ml", "*.py")
        matching = {name: code.pop(name) for name in list(code) if "/identity/" in name}
        methods = {"schema", "table", "read", "columns"}
        assert rules.schemas_named(code, methods, {"features", "marts", "ml", "preview"}) == []
        assert rules.schemas_named(matching, methods, {"marts", "ops"}) == []

    def test_only_the_review_reads_suggested_links(self, manifest: Manifest) -> None:
        assert rules.readers(manifest, "account_link_suggestion") == ["account_link_review"]
        assert rules.readers(manifest, "account_link_review") == []


def _node(kind: str, name: str, schema: str, reads: tuple[str, ...] = (), **more: object) -> Node:
    foundation = schema in rules.FOUNDATION | {"marts", "seeds"}
    node: Node = {
        "unique_id": f"{kind}.{name}",
        "resource_type": kind,
        "name": name,
        "fqn": ["copilot", schema, name.split("_")[1] if schema == "staging" else "x", name],
        "tags": ["foundation" if foundation else "outcome"],
        "config": {"schema": schema, "meta": {}, "contract": {"enforced": True}},
        "depends_on": {"nodes": list(reads)},
        "patch_path": "some.yml",
        "description": "What it is.",
        "columns": {"id": {"name": "id", "description": "Its key."}},
        "language": "sql",
    }
    return node | more


def _key_tests(name: str) -> list[Node]:
    return [
        {
            "unique_id": f"test.{kind}_{name}",
            "resource_type": "test",
            "name": f"{kind}_{name}",
            "attached_node": f"model.{name}",
            "column_name": "id",
            "test_metadata": {"name": kind, "kwargs": {"column_name": "id"}},
            "config": {"severity": "ERROR", "error_if": "!= 0", "enabled": True},
        }
        for kind in ("unique", "not_null")
    ]


ROAD = [
    _node("model", "stg_desk__ticket", "staging", ("source.raw_desk.tickets",)),
    _node("model", "int_ticket", "intermediate", ("model.stg_desk__ticket",)),
    _node("model", "fct_ticket", "marts", ("model.int_ticket",)),
    _node("model", "int_ticket__account_day", "intermediate", ("model.fct_ticket",)),
    _node("model", "ftr_account", "features", ("model.int_ticket__account_day",)),
    _node("model", "int_health__score", "health", ("model.int_ticket__account_day",)),
    _node("model", "fct_account_health", "marts", ("model.int_health__score",)),
    _node("model", "alert", "success", ("model.fct_account_health", "source.ml.churn_score")),
    _node("model", "rpt_alert", "marts", ("model.alert",), tags=["outcome"]),
    _node("model", "sync_crm_account", "publish", ("model.rpt_alert",)),
]


def _manifest(*replaced: Node) -> Manifest:
    """Return a small project that keeps every rule, with some nodes put in or replaced."""
    nodes = {node["unique_id"]: node for node in ROAD}
    for node in ROAD:
        nodes.update({test["unique_id"]: test for test in _key_tests(str(node["name"]))})
    nodes.update({node["unique_id"]: node for node in replaced})
    sources = [("raw_desk", "tickets"), ("ml", "churn_score"), ("ops", "sync_row")]
    return {
        "nodes": nodes,
        "sources": {
            f"source.{schema}.{table}": {
                "unique_id": f"source.{schema}.{table}",
                "resource_type": "source",
                "source_name": schema,
                "name": table,
            }
            for schema, table in sources
        },
    }


def _every_rule(manifest: Manifest) -> list[str]:
    return [
        *rules.unknown_layers(manifest),
        *rules.reads_upwards(manifest),
        *rules.core_facts_read_from_below(manifest),
        *rules.staging_reads_of_another_source(manifest),
        *rules.predictions_under(manifest, rules.FOUNDATION, OUTCOME),
        *rules.predictions_under(manifest, {"features"}, OUTCOME | {"health"}),
        *rules.publish_readers(manifest),
        *rules.misplaced_outbound_models(manifest),
        *rules.undocumented(manifest),
        *rules.without_key(manifest),
        *rules.without_contract(manifest),
        *rules.tests_that_only_warn(manifest),
        *rules.python_in_dbt(manifest, PROJECT_ROOT / "dbt_project"),
    ]


class TestABadProject:
    def test_a_good_one_breaks_no_rule(self) -> None:
        assert _every_rule(_manifest()) == []

    @pytest.mark.parametrize(
        ("node", "said"),
        [
            (
                _node("model", "stg_desk__ticket", "staging", ("model.int_ticket",)),
                "staging.stg_desk__ticket reads intermediate.int_ticket",
            ),
            (
                _node("model", "int_ticket", "intermediate", ("source.raw_desk.tickets",)),
                "intermediate.int_ticket reads source.tickets",
            ),
            (
                _node("model", "fct_ticket", "marts", ("source.raw_desk.tickets",)),
                "core.fct_ticket reads source.tickets",
            ),
            (
                _node("model", "fct_ticket", "marts", ("model.fct_account_health",)),
                "core.fct_ticket reads health.fct_account_health",
            ),
            (
                _node("model", "ftr_account", "features", ("source.ml.churn_score",)),
                "features.ftr_account reads prediction.churn_score",
            ),
            (
                _node("model", "ftr_account", "features", ("model.alert",)),
                "features.ftr_account reads success.alert",
            ),
            (
                _node("model", "int_health__score", "health", ("model.ftr_account",)),
                "health.int_health__score reads features.ftr_account",
            ),
            (
                _node("model", "alert", "success", ("model.rpt_alert",)),
                "success.alert reads reporting.rpt_alert",
            ),
            (
                _node("model", "sync_crm_account", "publish", ("source.ml.churn_score",)),
                "publish.sync_crm_account reads prediction.churn_score",
            ),
        ],
    )
    def test_a_read_upwards_or_past_a_layer_is_noticed(self, node: Node, said: str) -> None:
        assert said in rules.reads_upwards(_manifest(node))

    def test_a_foundation_that_rests_on_an_outcome_by_a_detour_is_noticed(self) -> None:
        bad = _manifest(_node("model", "int_ticket", "intermediate", ("model.alert",)))
        found = rules.predictions_under(bad, rules.FOUNDATION, OUTCOME)
        assert "core.fct_ticket rests on prediction.churn_score" in found

    def test_a_feature_that_rests_on_health_by_a_detour_is_noticed(self) -> None:
        day = _node(
            "model", "int_ticket__account_day", "intermediate", ("model.int_health__score",)
        )
        health = _node("model", "int_health__score", "health", ("model.int_ticket",))
        found = rules.predictions_under(_manifest(day, health), {"features"}, {"health"})
        assert found == ["features.ftr_account rests on health.int_health__score"]

    def test_an_intermediate_that_reads_a_core_fact_without_being_a_daily_state_is_noticed(
        self,
    ) -> None:
        bad = _manifest(_node("model", "int_odd", "intermediate", ("model.fct_ticket",)))
        assert rules.core_facts_read_from_below(bad) == ["int_odd reads fct_ticket"]

    def test_staging_of_one_source_that_reads_another_is_noticed(self) -> None:
        bad = _manifest(_node("model", "stg_crm__x", "staging", ("source.raw_desk.tickets",)))
        assert rules.staging_reads_of_another_source(bad) == [
            "stg_crm__x reads source.raw_desk.tickets"
        ]

    def test_a_model_that_reads_an_outbound_one_is_noticed(self) -> None:
        bad = _manifest(
            _node("model", "rpt_y", "marts", ("model.sync_crm_account",), tags=["outcome"])
        )
        assert rules.publish_readers(bad) == ["rpt_y reads sync_crm_account"]

    def test_every_reader_of_a_ledger_is_noticed(self) -> None:
        bad = _manifest(_node("model", "rpt_z", "marts", ("source.ops.sync_row",)))
        assert rules.readers(bad, "sync_row") == ["rpt_z"]

    def test_an_outbound_model_elsewhere_and_another_model_in_publish_are_noticed(self) -> None:
        bad = _manifest(
            _node("model", "sync_other", "success"), _node("model", "int_other", "publish")
        )
        assert rules.misplaced_outbound_models(bad) == [
            "int_other in publish",
            "sync_other in success",
        ]

    def test_a_strange_schema_and_a_wrong_tag_are_noticed(self) -> None:
        bad = _manifest(
            _node("model", "misc", "analytics"), _node("model", "ftr_x", "features", tags=[])
        )
        assert len(rules.unknown_layers(bad)) == 2

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"patch_path": None}, "int_ticket: no yml"),
            ({"description": " "}, "int_ticket: no description"),
            ({"columns": {}}, "int_ticket: no columns"),
            (
                {"columns": {"id": {"name": "id", "description": ""}}},
                "int_ticket.id: no description",
            ),
        ],
    )
    def test_what_is_not_described_is_noticed(self, change: dict[str, object], said: str) -> None:
        bad = _manifest(_node("model", "int_ticket", "intermediate", **change))
        assert rules.undocumented(bad) == [said]

    @pytest.mark.parametrize("lost", ["unique", "not_null"])
    def test_a_model_without_a_whole_key_test_is_noticed(self, lost: str) -> None:
        bad = _manifest()
        del bad["nodes"][f"test.{lost}_fct_ticket"]
        assert [line.split(":")[0] for line in rules.without_key(bad)] == ["fct_ticket"]

    def test_a_primary_key_is_tested_whole_by_one_test(self) -> None:
        good = _manifest()
        del good["nodes"]["test.not_null_fct_ticket"]
        good["nodes"]["test.unique_fct_ticket"]["test_metadata"]["name"] = "primary_key"
        assert rules.without_key(good) == []

    def test_a_reason_stands_in_for_a_key(self) -> None:
        keyless = _node("model", "int_odd", "intermediate")
        assert rules.without_key(_manifest(keyless)) != []
        keyless["config"]["meta"]["no_key_reason"] = "Raw events carry no id."
        assert rules.without_key(_manifest(keyless)) == []

    def test_a_public_model_without_a_contract_is_noticed(self) -> None:
        bad = _manifest()
        bad["nodes"]["model.alert"] = json.loads(json.dumps(bad["nodes"]["model.alert"]))
        bad["nodes"]["model.alert"]["config"]["contract"]["enforced"] = False
        assert rules.without_contract(bad) == ["alert"]

    @pytest.mark.parametrize("change", [{"severity": "WARN"}, {"error_if": ">10"}])
    def test_a_test_that_only_warns_is_noticed(self, change: dict[str, str]) -> None:
        bad = _manifest()
        bad["nodes"]["test.unique_alert"]["config"].update(change)
        assert rules.tests_that_only_warn(bad) == ["unique_alert"]

    def test_python_in_dbt_is_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "model.py").touch()
        bad = _manifest(_node("model", "int_odd", "intermediate", language="python"))
        assert rules.python_in_dbt(bad, tmp_path) == ["model.py", "int_odd"]

    @pytest.mark.parametrize(
        "sql",
        [
            "select current_date",
            "select NOW ()",
            "select current_timestamp - interval '1 day'",
            "select 'today'::date",
            "select cast('yesterday' as date)",
            "select date 'now'",
            "select '{{ run_started_at }}'",
            "{{ modules.datetime.date.today() }}",
            "select age(started_on)",
        ],
    )
    def test_sql_that_asks_the_wall_clock_is_noticed(self, sql: str) -> None:
        assert rules.clock_words({"model.sql": sql}) != []

    @pytest.mark.parametrize(
        "sql",
        [
            "-- not current_date\nselect 1",
            "{# now() #} select 1",
            "select 'Now' as label, known_at",
            "select age(a, b)",
        ],
    )
    def test_sql_that_does_not_is_left_alone(self, sql: str) -> None:
        assert rules.clock_words({"model.sql": sql}) == []

    @pytest.mark.parametrize(
        "sql",
        ["select * from alert", "select 1 from rpt_alert join ml.churn_score using (id)"],
    )
    def test_a_report_that_reads_past_the_marts_is_noticed(self, sql: str) -> None:
        assert len(rules.report_reads({"page.sql": sql}, _manifest())) == 1

    def test_a_report_may_read_a_mart_through_a_cte(self) -> None:
        sql = "with a as (select 1 from rpt_alert), b as (select 2 from a) select * from b"
        assert rules.report_reads({"page.sql": sql}, _manifest()) == []

    def test_python_that_names_a_schema_it_may_not_read_is_noticed(self) -> None:
        code = {"apply.py": 'a = w.schema("publish")\nb = w.schema("marts")\n'}
        assert rules.schemas_named(code, {"schema"}, {"publish"}) == ["apply.py:2 names marts"]
