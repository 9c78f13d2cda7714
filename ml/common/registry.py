"""Which version is published since when: the decisions, in ``ml.model_decision``.

Nothing here is overwritten: the champion of a date is what the latest decision up to it says, so a
past date is scored by what was published then. People decide with `copilot models`; else the rule
in `ml.common.promotion` does when a model has been trained.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from ml.common import store
from ml.common.frames import Reader
from ml.common.promotion import PROMOTED, ROLLED_BACK, Decision, missing_features
from warehouse.errors import CopilotError

RULE = "rule"
"""Who decides where no person did."""


@dataclass(frozen=True)
class Standing:
    """What scores are made with at a date.

    Parameters
    ----------
    newest
        The newest training: the rule score's base rate is its.
    champion
        The version whose scores are published; None where the rule score stands in.
    reason
        Why, in words.
    """

    newest: store.ModelRun
    champion: store.ModelRun | None
    reason: str

    @property
    def basis(self) -> str:
        """What is published: ``model``, ``rule`` or ``base_rate``."""
        if self.champion is not None:
            return "model"
        return "rule" if self.newest.verdict == "model" else self.newest.verdict

    @property
    def challenger(self) -> store.ModelRun | None:
        """The newest model, where it is not the published one: scored beside it."""
        is_other = self.champion is None or (
            self.champion.model_version != self.newest.model_version
        )
        return self.newest if self.newest.has_model and is_other else None

    @property
    def models(self) -> list[store.ModelRun]:
        """The versions to score with."""
        return [run for run in (self.champion, self.challenger) if run is not None]

    @property
    def versions(self) -> list[str]:
        """Whose rows of the date are replaced: those scored with, and the newest training."""
        return sorted({run.model_version for run in (self.newest, *self.models)})


def standing(reader: Reader, model_name: str, declared: Sequence[str], as_of: dt.date) -> Standing:
    """Return what to score with at a date.

    Parameters
    ----------
    declared
        Names of the features that exist.

    Raises
    ------
    CopilotError
        Nothing was trained up to the date, or the published version learnt from features that no
        longer exist.
    """
    newest = store.latest_run(reader, model_name, as_of)
    if newest is None:
        raise CopilotError(
            f"No {model_name} model was trained for {as_of} or before.",
            f"Train first: `copilot train --as-of {as_of}`.",
        )
    found = _decisions(reader, model_name, as_of)
    champion = _champion(reader, found)
    if champion is not None:
        require_features(champion, declared)
    return Standing(newest, champion, found[-1].reason if found else newest.verdict_reason)


def champion_of(reader: Reader, model_name: str, as_of: dt.date) -> store.ModelRun | None:
    """Return the version published at a date, None where the rule score stands in."""
    return _champion(reader, _decisions(reader, model_name, as_of))


def _champion(reader: Reader, decisions: Sequence[Decision]) -> store.ModelRun | None:
    version = decisions[-1].champion if decisions else None
    return store.find_run(reader, version) if version else None


def aliases(reader: Reader, model_names: Sequence[str], as_of: dt.date) -> dict[str, str]:
    """Return ``champion`` or ``challenger`` by version, for those that are one at a date."""
    found: dict[str, str] = {}
    for name in model_names:
        newest, champion = store.latest_run(reader, name, as_of), champion_of(reader, name, as_of)
        if newest is not None:
            if newest.has_model and newest.verdict == "model":
                found[newest.model_version] = "challenger"
            if champion is not None:
                found[champion.model_version] = "champion"
    return found


def require_features(run: store.ModelRun, declared: Sequence[str]) -> None:
    """Raise unless every feature that a version learnt from still exists."""
    lost = missing_features(run, declared)
    if lost:
        raise CopilotError(
            f"The model {run.model_version} learnt from features that no longer exist: "
            f"{', '.join(lost)}.",
            "Nothing was scored with it. Train again (`copilot train`), or publish another version "
            "(`copilot models list`, `copilot models promote`).",
        )


def record(
    reader: Reader, model_name: str, effective: dt.date, decision: Decision, by: str = RULE
) -> None:
    """Write a decision in the connection's transaction."""
    statement = sql.SQL(
        "insert into {} (model_name, action, model_version, champion_version, effective_date,"
        " decided_by, reason, detail) values (%s, %s, %s, %s, %s, %s, %s, %s)"
    ).format(reader.table("ml", "model_decision"))
    reader.connection.execute(
        statement,
        (
            model_name,
            decision.action,
            decision.version,
            decision.champion,
            effective,
            by,
            decision.reason,
            Jsonb(decision.detail),
        ),
    )


def promote(
    reader: Reader, version: str, declared: Sequence[str], today: dt.date, by: str, why: str
) -> Decision:
    """Publish a version from the next score on, because a person says so.

    Parameters
    ----------
    today
        The date that a run of now is "as of".

    Raises
    ------
    CopilotError
        There is no such version, its gate is closed, its features no longer exist, its archive was
        changed or holds what is not trusted, or it is published already.
    """
    run = store.find_run(reader, version)
    if run is None:
        raise CopilotError(
            f"There is no model version {version}.", "`copilot models list` shows those there are."
        )
    if run.verdict != "model":
        raise CopilotError(
            f"{version} has not passed its exam: {run.verdict_reason}",
            "What has not passed is never published; nothing was changed.",
        )
    require_features(run, declared)
    store.load_model(reader, version)
    effective = _effective(reader, run.model_name, max(today, run.as_of_date))
    champion = champion_of(reader, run.model_name, effective)
    if champion is not None and champion.model_version == version:
        raise CopilotError(f"{version} is published already.", "Nothing was changed.")
    decision = Decision(PROMOTED, version, version, why)
    record(reader, run.model_name, effective, decision, by)
    return decision


def roll_back(
    reader: Reader, model_name: str, declared: Sequence[str], today: dt.date, by: str, why: str
) -> Decision:
    """Publish again what was published before the present champion; that may be the rule score.

    Raises
    ------
    CopilotError
        Nothing was ever decided, or the former champion's features no longer exist.
    """
    effective = _effective(reader, model_name, today)
    stack = _stack(_decisions(reader, model_name, effective))
    if not stack:
        raise CopilotError(
            f"Nothing was ever published by a {model_name} model: there is no way back.",
            "`copilot models list` shows the versions there are.",
        )
    former = stack[-2][1] if len(stack) > 1 else None
    run = store.find_run(reader, former) if former else None
    if run is not None:
        require_features(run, declared)
        store.load_model(reader, run.model_version)
    decision = Decision(ROLLED_BACK, stack[-1][0], former, why)
    record(reader, model_name, effective, decision, by)
    return decision


def _stack(decisions: Sequence[Decision]) -> list[tuple[str, str | None]]:
    """Return (version decided about, champion) of what is still in force, the present one last."""
    stack: list[tuple[str, str | None]] = []
    for decision in decisions:
        if decision.action == ROLLED_BACK:
            stack.pop()
        elif decision.champion != (stack[-1][1] if stack else None):
            stack.append((decision.version, decision.champion))
    return stack


def _effective(reader: Reader, model_name: str, day: dt.date) -> dt.date:
    """Return a day that no decision lies after, or it would be without effect."""
    statement = sql.SQL("select max(effective_date) from {} where model_name = %s").format(
        reader.table("ml", "model_decision")
    )
    row = reader.connection.execute(statement, (model_name,)).fetchone()
    return max(day, row[0]) if row and row[0] else day


def _decisions(reader: Reader, model_name: str, as_of: dt.date) -> list[Decision]:
    """Return the decisions that are in effect at a date, the latest last."""
    statement = sql.SQL(
        "select action, model_version, champion_version, reason, detail from {}"
        " where model_name = %s and effective_date <= %s order by effective_date, decision_id"
    ).format(reader.table("ml", "model_decision"))
    rows: list[tuple[Any, ...]] = reader.connection.execute(
        statement, (model_name, as_of)
    ).fetchall()
    return [Decision(*row) for row in rows]
