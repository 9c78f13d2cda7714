"""An edit that slips in while an account is written is told where Salesforce keeps the history."""

import datetime as dt
from collections.abc import Sequence

import pytest

from connectors.destinations.common.crm import Change, RowAnswer
from connectors.destinations.salesforce.crm import SalesforceCrm
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound
from tests.integration.salesforce.test_salesforce_bulk import used


def test_an_edit_between_the_last_look_and_the_write_is_told(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    (account,) = sandbox.seed_accounts(1)
    publisher.send(outbound(account))
    publisher.run("first")
    publisher.send(outbound(account, next_action="Write", health_score=60))
    before = used(sandbox)
    crm = SalesforceCrm(publisher.environment, publisher.policy, tracks_edits=True)
    write = crm.write

    def edited_meanwhile(changes: Sequence[Change]) -> list[RowAnswer]:
        moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        row = {
            "Id": make_id("017", 1),
            "AccountId": account,
            "Field": "Copilot_Next_Action__c",
            "NewValue": "Wait for me",
            "CreatedById": make_id("005", 99),
            "CreatedDate": moment,
        }
        sandbox.seed(("AccountHistory", row))
        return write(changes)

    monkeypatch.setattr(crm, "write", edited_meanwhile)
    plan = publisher.plan(crm)
    result = publisher.apply(plan, "second", crm)
    ((words,),) = ledger("select message from sync_row where run_id = 'second'")
    assert words == "next_action: a person wrote Wait for me meanwhile; overwritten unseen"
    assert used(sandbox) - before == result.units == plan.cost
