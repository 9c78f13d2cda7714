"""The gate: a model is published only if it has shown on held-out time that it is worth it.

Every sentence here is read by a CSM or a manager, in the report and in the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.common.metrics import Estimate

MIN_EVENTS = 15
"""Events (one an account) in all known data, below which nothing is learnt from."""
MIN_EVENTS_TRAIN = 5
"""Events before a part of the test period, below which that part is no exam."""
MIN_EVENTS_TEST = 8
CHANCE = 0.25
"""Probabilities better than the base rate count if resampled accounts undo it less often."""
AUC_TOLERANCE = 0.03
"""How far below the rule score's AUC the model's may lie and still count as not worse: the AUC of a
dozen events is known to about a tenth."""


@dataclass(frozen=True)
class Words:
    """How to speak of the event.

    Parameters
    ----------
    one, many : str
        Such as "customer left" and "customers left".
    noun : str
        What is foretold, such as "churn".
    """

    one: str
    many: str
    noun: str

    def count(self, number: int) -> str:
        """Return such as "2 customers left"."""
        return f"{number} {self.one if number == 1 else self.many}"


@dataclass(frozen=True)
class Evidence:
    """What is known about a model when the gate decides.

    Parameters
    ----------
    events, events_train, events_test
        Accounts with the event in all known data, before and within the held-out time.
    has_history
        Whether the history was long enough to hold time out.
    is_fitted
        Whether anything could be fitted and examined at all.
    has_rule
        Whether a rule score exists to fall back on.
    model
        Measures on held-out time; empty where there are none.
    not_better
        Share of resampled accounts in which the model's log loss is not below the base rate's.
    auc_difference
        Model minus rule on the rows that have both; None without a rule score there.
    """

    events: int
    events_train: int
    events_test: int
    has_history: bool
    is_fitted: bool
    has_rule: bool
    model: Mapping[str, Estimate]
    not_better: float = 1.0
    auc_difference: Estimate | None = None


@dataclass(frozen=True)
class Verdict:
    """What is published (``model``, ``rule`` or ``base_rate``) and the sentence that says why."""

    basis: str
    reason: str


def decide(evidence: Evidence, words: Words) -> Verdict:
    """Open or close the gate."""
    fallback = "rule" if evidence.has_rule else "base_rate"
    instead = f"so the {'rule score' if evidence.has_rule else 'base rate'} is published"
    closed = _too_little(evidence, words) or _not_proven(evidence)
    if closed:
        return Verdict(fallback, f"{closed}, {instead}.")
    return Verdict("model", _success(evidence, words))


def _too_little(evidence: Evidence, words: Words) -> str:
    if evidence.events < MIN_EVENTS:
        only = f"Only {words.count(evidence.events)}" if evidence.events else f"No {words.one}"
        return f"{only} in the data; at least {MIN_EVENTS} are needed to learn from"
    if not evidence.has_history:
        return "The history is too short to test a forecast on days it has not seen"
    if evidence.events_train < MIN_EVENTS_TRAIN:
        return (
            f"Only {words.count(evidence.events_train)} before the test period; "
            f"at least {MIN_EVENTS_TRAIN} are needed to learn from"
        )
    if evidence.events_test < MIN_EVENTS_TEST:
        return (
            f"Only {words.count(evidence.events_test)} in the test period; "
            f"at least {MIN_EVENTS_TEST} are needed to judge a forecast"
        )
    if not evidence.is_fitted:
        return "The data do not allow a model to be fitted"
    return ""


def _not_proven(evidence: Evidence) -> str:
    auc = evidence.model["auc"]
    if not auc.low > 0.5:
        return (
            f"On held-out months the model ranks customers no better than chance "
            f"(AUC {auc.value:.2f}, between {auc.low:.2f} and {auc.high:.2f})"
        )
    if not evidence.not_better < CHANCE:
        return "On held-out months the model's probabilities are no better than the base rate"
    difference = evidence.auc_difference
    if difference is not None and not (difference.value >= -AUC_TOLERANCE and difference.high > 0):
        return (
            f"On held-out months the model ranks customers worse than the rule score "
            f"(AUC {auc.value:.2f} against {auc.value - difference.value:.2f})"
        )
    return ""


def _success(evidence: Evidence, words: Words) -> str:
    auc = evidence.model["auc"]
    than = " and is not worse than the rule score" if evidence.auc_difference else ""
    return (
        f"On held-out months the model foretells {words.noun} better than the base rate{than} "
        f"(AUC {auc.value:.2f}, between {auc.low:.2f} and {auc.high:.2f}; "
        f"{words.count(evidence.events_test)}), so the model is published."
    )
