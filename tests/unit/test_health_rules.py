"""The file of the health score: what it may say, and how a wrong key is told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.errors import CopilotError
from warehouse.health_rules import SHIPPED_RULES, load_health_rules, quantities
from warehouse.settings import PROJECT_ROOT, load_settings

Rules = dict[str, Any]


def written(path: Path, change: Callable[[Rules], Any]) -> Path:
    rules = yaml.safe_load(SHIPPED_RULES.read_text())
    change(rules)
    path.write_text(yaml.safe_dump(rules))
    return path


def test_the_shipped_rules_need_no_segments_and_name_quantities_that_sql_has() -> None:
    rules = load_health_rules()
    assert all(entry.segment is None for entry in rules.weights)
    assert not any(one.curve.kind == "percentile" for one in rules.measures.values())
    model = PROJECT_ROOT / "dbt_project/models/health/int_health__quantity.sql"
    found = set(re.findall(r"(?:\bas |pulse\.)(\w+),?$", model.read_text(), re.MULTILINE))
    assert set(quantities()) <= found


def test_dbt_gets_the_quantity_the_evidence_and_all_sentences(tmp_path: Path) -> None:
    plain = load_health_rules().as_var()
    assert plain["measures"]["usage_trend"]["quantity"] == "usage_volume"
    assert plain["measures"]["payment"]["evidence"] == "billing"
    assert plain["measures"]["payment"]["reason"]["otherwise"] == "{value} invoice{s} overdue"
    other = written(tmp_path / "h.yml", lambda r: r.update(pulse={" Green ": 1, "RED": 0}))
    assert load_health_rules(other).as_var()["pulse"] == {"green": 1, "red": 0}
    assert load_health_rules(other).as_var()["rules_version"] != plain["rules_version"]


WRONG: dict[str, tuple[Callable[[Rules], Any], str]] = {
    "flat": (lambda r: r["measures"]["payment"]["curve"].update(worst=0), "no slope"),
    "curve": (lambda r: r["measures"]["payment"]["curve"].update(kind="step"), "measures.payment"),
    "days": (lambda r: r["measures"]["usage_trend"]["curve"].pop("days"), "days: Field required"),
    "key": (lambda r: r["measures"]["payment"].update(wieght=1), "wieght: there is no such key"),
    "quantity": (lambda r: r["measures"]["payment"].update(quantity="cash"), "quantity 'cash'"),
    "group": (lambda r: r["measures"]["payment"].update(group="money"), "'money' is not among"),
    "negative": (lambda r: r["measures"]["payment"].update(weight=-1), "measures.payment.weight"),
    "infinite": (lambda r: r["measures"]["payment"].update(weight=float("inf")), "payment.weight"),
    "name": (lambda r: r["measures"].update({"a b": r["measures"]["payment"]}), "a b"),
    "override": (lambda r: r["measures"].update(override=r["measures"]["payment"]), "by hand"),
    "weightless": (
        lambda r: [m.update(weight=0) for m in r["measures"].values() if not m.get("optional")],
        "no measure that is not optional has a weight",
    ),
    "whom": (lambda r: r["weights"][0].pop("stage"), "for which segment or stage"),
    "stage": (lambda r: r["weights"][0].update(stage="gone"), "weights.0.stage"),
    "measure": (lambda r: r["weights"][0]["weights"].update(cash=1), "there is no measure 'cash'"),
    "bands": (lambda r: r["bands"].update(watch=0.8), "watch must begin below healthy"),
    "ageing": (lambda r: r["evidence"]["pulse"].update(fresh_days=90), "expires_days must be more"),
    "evidence": (lambda r: r["evidence"].pop("pulse"), "evidence: pulse is missing"),
    "no measures": (lambda r: r.pop("measures"), "measures: Field required"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_named_with_its_file(name: str, tmp_path: Path) -> None:
    change, message = WRONG[name]
    file = written(tmp_path / "own.yml", change)
    with pytest.raises(CopilotError, match=re.escape(message)) as error:
        load_health_rules(file)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("a: [", "not valid YAML"), ("just words", "is not right")],
)
def test_a_file_that_is_none_is_said(text: str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CopilotError, match=message):
        load_health_rules(file)


def test_the_file_is_looked_for_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "copilot.yml").write_text("sources: [app]\nhealth_file: rules/own.yml\n")
    assert load_settings(tmp_path / "copilot.yml").health_file == tmp_path / "rules/own.yml"
