"""A warehouse of an older version: what its ledger says was applied counts as written."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import warehouse.migrations as migrations
from connectors.destinations.common.ledger import Ledger
from warehouse.database import Warehouse
from warehouse.settings import Settings

_ROW = (
    "insert into {}.sync_row (run_id, destination, object, record_id, state, fields, at)"
    " values ('%s', 'salesforce', 'Account', 'r1', '%s', '%s', '%s')"
)
_ROWS = (
    ("old", "applied", '{"Copilot_Health_Score__c": {"old": null, "new": 71.5},'
     ' "Copilot_As_Of__c": {"old": null, "new": "2026-06-29"}}', "2026-06-29"),
    ("new", "applied", '{"Copilot_Health_Score__c": {"old": 71.5, "new": 70.0}}', "2026-06-30"),
    ("bad", "rejected", '{"Copilot_Health_Score__c": {"old": 70.0, "new": 9.0}}', "2026-07-01"),
)  # fmt: skip


def test_what_an_older_version_wrote_is_not_taken_for_a_persons_edit(
    warehouse: Warehouse, settings: Settings
) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["warehouse"] = warehouse
    command.downgrade(config, "0010")
    ops = f'"{warehouse.schema("ops")}"'
    with warehouse.connect() as connection:
        for row in _ROWS:
            connection.execute((_ROW.format(ops) % row).encode())
    migrations.migrate(warehouse, settings)
    known = Ledger(warehouse, "salesforce", "Account").remembered()
    assert known["r1"].written == {"health_score": 70.0, "as_of_date": "2026-06-29"}
