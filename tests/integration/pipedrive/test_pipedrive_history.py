"""An edit that slips in while an organisation is written is told, if Pipedrive is to be asked."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.destinations.common.crm import Change, RowAnswer
from connectors.destinations.pipedrive import history
from connectors.destinations.pipedrive.client import CHANGE, PipedriveCrm
from tests.integration.pipedrive.conftest import Opened
from tests.integration.publisher import Publisher
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import Settings

LOOK = 10  # tokens, at the company's fields
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def publisher(warehouse: Warehouse, settings: Settings, opened: Opened) -> Publisher:
    """Return what publishes three organisations, each published once already."""
    opened.company.settings["requests_per_two_seconds"] = 1000
    made = Publisher(warehouse, settings, "pipedrive", lambda: opened.crm(tracks_edits=True))
    made.begin()
    made.send(opened.organizations(3))
    made.run("first")
    return made


def edit(opened: Opened, record_id: str, **values: Any) -> None:
    """Let a person write into the copilot's fields, in Pipedrive's form."""
    fields = opened.crm()._fields
    custom = {fields[column].key: fields[column].sent(value) for column, value in values.items()}
    opened.standin.call(
        "PATCH", f"/api/v2/organizations/{record_id}", json={"custom_fields": custom}
    )


def slip_in(monkeypatch: pytest.MonkeyPatch, opened: Opened, record_id: str, **values: Any) -> None:
    """Let a person write after the copilot's last look and before its write."""
    write = PipedriveCrm.write

    def edited_meanwhile(crm: PipedriveCrm, changes: Sequence[Change]) -> list[RowAnswer]:
        edit(opened, record_id, **values)
        return write(crm, changes)

    monkeypatch.setattr(PipedriveCrm, "write", edited_meanwhile)


def test_an_edit_between_the_last_look_and_the_write_is_told_at_the_price_that_was_said(
    publisher: Publisher, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {
        "health_score": 60,
        "health_band": "at_risk",
        "arr_at_risk": 50,
        "next_action": "Write",
        "renewal_date": dt.date(2026, 11, 1),
    }
    publisher.send(["100", "101", "102"], **changed)
    slip_in(
        monkeypatch,
        opened,
        "101",
        health_score=99.5,
        health_band="healthy",
        arr_at_risk=7.25,
        next_action="Wait for me",
        renewal_date=None,
    )
    before = opened.company.used_tokens
    plan, result = publisher.run("second")
    assert result.applied == 3
    assert opened.company.used_tokens - before - LOOK - CHANGE == result.units == plan.cost
    assert publisher.messages("second") == {
        "100": None,
        "101": "health_score: a person wrote 99.5 meanwhile; overwritten unseen;"
        " health_band: a person wrote healthy meanwhile; overwritten unseen;"
        " next_action: a person wrote Wait for me meanwhile; overwritten unseen;"
        " arr_at_risk: a person wrote 7.25 meanwhile; overwritten unseen;"
        " renewal_date: a person wrote (empty) meanwhile; overwritten unseen",
        "102": None,
    }


def test_after_an_interruption_what_the_copilot_wrote_itself_is_no_persons_edit(
    publisher: Publisher, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.send(["100", "101", "102"], health_score=30)
    publisher.run("second")
    publisher.send(["100", "101", "102"], health_score=12)
    slip_in(monkeypatch, opened, "102", health_score=55)
    opened.standin.fault("organizations/101$", method="PATCH", kind="drop_after", times=3)
    with pytest.raises(CopilotError, match="no usable answer"):
        publisher.run("cut")
    monkeypatch.undo()
    publisher.run("next")
    words = publisher.messages("cut")
    assert words["100"] == words["101"] == "Read back after an interruption."
    assert "health_score: a person wrote 55.0 meanwhile; overwritten unseen" in str(words["102"])


def test_a_long_changelog_is_read_back_to_the_moment_and_no_further(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.company.settings["requests_per_two_seconds"] = 1000
    monkeypatch.setattr(history, "_PAGE", 2)
    opened.organizations(2)
    crm = opened.crm(tracks_edits=True)
    crm.set_up("EUR")
    for number in range(3):
        edit(opened, "100", health_score=number)
    opened.company.clock.advance(3600)
    for number in range(3, 6):
        edit(opened, "100", health_score=number)
    recent = opened.company.clock.now() - dt.timedelta(minutes=5)
    opened.standin.forget()
    assert crm.edits(["100", "101"], recent) == {
        "100": {"health_score": [5.0, 4.0, 3.0]},
        "101": {},
    }
    assert opened.standin.calls("100/changelog") == 2
    told = crm.edits(["100"], LONG_AGO)["100"]["health_score"]
    assert told == [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]


def test_an_organisation_that_is_gone_has_no_edits_and_a_refusal_is_told(opened: Opened) -> None:
    opened.organizations(1)
    crm = opened.crm(tracks_edits=True)
    assert crm.edits(["100", "999"], LONG_AGO) == {"100": {}, "999": {}}
    opened.standin.fault("100/changelog", status=403)
    with pytest.raises(CopilotError, match="Pipedrive refused"):
        crm.edits(["100"], LONG_AGO)
