"""People, failures and runs in any order: nothing of theirs is harmed, nothing of ours is lost."""

from tests.integration.publish.interleaving import Interleaving
from tests.integration.publish.outbound import empty_ledgers, make_outbound_table
from warehouse.database import Warehouse
from warehouse.settings import Settings

_COUNT = 200


def test_no_interleaving_of_edits_failures_and_runs_breaks_a_promise(
    warehouse: Warehouse, settings: Settings
) -> None:
    make_outbound_table(warehouse)
    played = []
    for seed in range(_COUNT):
        empty_ledgers(warehouse)
        played.append(Interleaving(seed).play(warehouse, settings))
    assert [problem for one in played for problem in one.problems] == []
    assert sum(one.edits for one in played) > _COUNT
    assert sum(one.faults for one in played) > _COUNT
