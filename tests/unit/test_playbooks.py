"""What the drafts of the shipped playbooks say to a customer."""

import csv
import re

from warehouse.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "dbt_project/seeds/playbook.csv"


def test_a_draft_quotes_no_reason_since_those_are_for_the_csm() -> None:
    with SEED.open(newline="") as file:
        playbooks = list(csv.DictReader(file))
    assert len(playbooks) > 1
    for playbook in playbooks:
        named = set(re.findall(r"{(\w+)}", playbook["subject"] + playbook["message"]))
        assert named <= {"account_name", "product"}, playbook["playbook"]
