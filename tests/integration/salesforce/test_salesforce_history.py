"""An edit that slips in while an account is written is told, by the write or the field history."""

import datetime as dt
from collections.abc import Callable, Sequence

import pytest

from connectors.destinations.common.crm import Change, RowAnswer
from connectors.destinations.salesforce.crm import SalesforceCrm
from connectors.sandbox.salesforce.ids import make_id
from tests.integration.salesforce.conftest import Sandbox
from tests.integration.salesforce.publishing import Publisher, Read, outbound
from tests.integration.salesforce.test_salesforce_bulk import used

WAITING = "next_action: a person wrote Wait for me meanwhile; overwritten unseen"
Opened = Callable[..., SalesforceCrm]


@pytest.fixture
def opened(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Return what opens a CRM in which something happens right before each write."""

    def open_crm(happens: Callable[[], None], *, tracks_edits: bool = False) -> SalesforceCrm:
        crm = SalesforceCrm(publisher.environment, publisher.policy, tracks_edits=tracks_edits)
        write = crm.write

        def disturbed(changes: Sequence[Change]) -> list[RowAnswer]:
            happens()
            return write(changes)

        monkeypatch.setattr(crm, "write", disturbed)
        return crm

    return open_crm


def published(publisher: Publisher, sandbox: Sandbox, count: int = 1) -> list[str]:
    """Publish accounts, and let the next run have something else to say of them."""
    accounts = sandbox.seed_accounts(count)
    publisher.send(*(outbound(account) for account in accounts))
    publisher.run("first")
    publisher.send(
        *(outbound(account, next_action="Write", health_score=60) for account in accounts)
    )
    return accounts


def edit(sandbox: Sandbox, account: str, value: str | None) -> None:
    address = sandbox.url(f"sobjects/Account/{account}")
    answer = sandbox.http.patch(address, json={"Copilot_Next_Action__c": value})
    assert answer.status_code == 204, answer.text


def keep_in_history(sandbox: Sandbox, account: str, value: str) -> None:
    moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    row = {
        "Id": make_id("017", 1),
        "AccountId": account,
        "Field": "Copilot_Next_Action__c",
        "NewValue": value,
        "CreatedById": make_id("005", 99),
        "CreatedDate": moment,
    }
    sandbox.seed(("AccountHistory", row))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Wait for me", WAITING),
        (None, "next_action: a person wrote (empty) meanwhile; overwritten unseen"),
        ("Write", None),
    ],
)
def test_the_write_itself_tells_what_it_overwrote_at_no_call_more(
    publisher: Publisher,
    sandbox: Sandbox,
    ledger: Read,
    opened: Opened,
    value: str | None,
    words: str | None,
) -> None:
    (account,) = published(publisher, sandbox)
    crm = opened(lambda: edit(sandbox, account, value))
    before = used(sandbox)
    plan = publisher.plan(crm)
    result = publisher.apply(plan, "second", crm)
    by_hand = 1
    assert used(sandbox) - before - by_hand == result.units == plan.cost
    assert ledger("select state, message from sync_row where run_id = 'second'") == [
        ("applied", words)
    ]
    seen = sandbox.query("SELECT Copilot_Next_Action__c FROM Account")
    assert [row["Copilot_Next_Action__c"] for row in seen] == ["Write"]


def test_the_field_history_tells_what_it_knows_for_one_call_a_batch(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, opened: Opened
) -> None:
    (account,) = published(publisher, sandbox)
    before = used(sandbox)
    crm = opened(lambda: keep_in_history(sandbox, account, "Wait for me"), tracks_edits=True)
    plan = publisher.plan(crm)
    result = publisher.apply(plan, "second", crm)
    assert ledger("select message from sync_row where run_id = 'second'") == [(WAITING,)]
    assert used(sandbox) - before == result.units == plan.cost


def test_what_write_and_history_both_tell_is_told_once(
    publisher: Publisher, sandbox: Sandbox, ledger: Read, opened: Opened
) -> None:
    (account,) = published(publisher, sandbox)

    def meanwhile() -> None:
        edit(sandbox, account, "Wait for me")
        keep_in_history(sandbox, account, "Wait for me")

    crm = opened(meanwhile, tracks_edits=True)
    publisher.apply(publisher.plan(crm), "second", crm)
    assert ledger("select message from sync_row where run_id = 'second'") == [(WAITING,)]


def test_a_reading_that_fails_does_not_stop_the_write(
    publisher: Publisher, sandbox: Sandbox
) -> None:
    hidden, other = published(publisher, sandbox, 2)
    crm = SalesforceCrm(publisher.environment, publisher.policy)
    for row in sandbox.query(
        "SELECT Id FROM FieldPermissions WHERE Field = 'Account.Copilot_Next_Action__c'"
    ):
        sandbox.http.delete(sandbox.url(f"sobjects/FieldPermissions/{row['Id']}"))
    answers = crm.write(
        [Change(hidden, {"next_action": "Write"}), Change(other, {"health_score": 60.0})]
    )
    assert [answer.code for answer in answers] == ["INVALID_FIELD", None]
    assert [answer.before for answer in answers] == [None, None]
    seen = sandbox.query("SELECT Copilot_Health_Score__c FROM Account ORDER BY Id")
    assert [row["Copilot_Health_Score__c"] for row in seen] == [71.5, 60]
