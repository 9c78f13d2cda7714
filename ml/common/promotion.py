"""The written rule by which a newly trained model becomes the one that is published.

1. A model whose gate is closed is not promoted, and as the newest exam speaks for its kind, nothing
   stays published: the rule score stands in.
2. Where none is published, a model whose gate is open is promoted.
3. Else it is a challenger. Both have foretold days of their exams from what lay before: on the rows
   that both foretold, the challenger must not be worse in log loss beyond chance. Accounts are
   resampled; the challenger is held back if the 90% interval of its gain lies below 0.
4. With fewer than ``MIN_COMMON_EVENTS`` events in common nothing can be told: the newer one, which
   has passed its gate on more recent days, is promoted.
5. So it is where the published one learnt from features that no longer exist.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.common import metrics
from ml.common.dataset import Dataset
from ml.common.features import PRODUCT
from ml.common.gate import MIN_EVENTS_TEST
from ml.common.store import ModelRun

FloatArray = NDArray[np.float64]

MIN_COMMON_EVENTS = MIN_EVENTS_TEST
PROMOTED, HELD, CLOSED, ROLLED_BACK = "promoted", "held", "closed", "rolled_back"


@dataclass(frozen=True)
class Exam:
    """What a model's exam foretold.

    Parameters
    ----------
    key
        Account, date and product of each row, joined by a tabulator, shape (rows,).
    probability
        Foretold from what lay a horizon before, shape (rows,).
    """

    key: NDArray[np.str_]
    probability: FloatArray

    def to_bytes(self) -> bytes:
        """Return a compressed archive of plain arrays."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, key=self.key, probability=self.probability)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Exam:
        """Read an archive back; nothing but plain arrays is ever loaded."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return cls(arrays["key"], arrays["probability"])


def exam_of(test: Dataset, forecast: FloatArray) -> Exam | None:
    """Return the exam of a training, None where nothing was foretold."""
    if not len(forecast):
        return None
    return Exam(_keys(test), np.asarray(forecast, dtype=np.float64))


def _keys(data: Dataset) -> NDArray[np.str_]:
    product = data.frame[PRODUCT] if PRODUCT in data.frame else [""] * len(data)
    parts = zip(data.account, data.date, product, strict=True)
    return np.array(["\t".join(map(str, part)) for part in parts], dtype=np.str_)


@dataclass(frozen=True)
class Decision:
    """Who is published from now on, and why.

    Parameters
    ----------
    action
        ``promoted``, ``held``, ``closed`` or ``rolled_back``.
    version
        The version that the decision was about.
    champion
        The version published from now on; None where it is the rule score.
    """

    action: str
    version: str
    champion: str | None
    reason: str
    detail: dict[str, Any] = field(default_factory=dict)


def missing_features(run: ModelRun, declared: Sequence[str]) -> list[str]:
    """Return the features that a version learnt from and that no longer exist."""
    return [name for name in run.params.get("features", ()) if name not in declared]


def decide(
    run: ModelRun,
    champion: ModelRun | None,
    declared: Sequence[str],
    test: Dataset,
    exams: tuple[Exam | None, Exam | None],
) -> Decision:
    """Apply the rule that heads this module.

    Parameters
    ----------
    run
        The new training.
    champion
        What is published so far.
    declared
        Names of the features that exist.
    test
        The new training's exam rows.
    exams
        What the new one and the champion foretold.
    """
    version, why = run.model_version, run.verdict_reason
    if run.verdict != "model":
        return Decision(CLOSED, version, None, why)
    if champion is None:
        return Decision(PROMOTED, version, version, why)
    lost = missing_features(champion, declared)
    if lost:
        gone = f"{champion.model_version} learnt from what no longer exists ({', '.join(lost)})"
        return Decision(PROMOTED, version, version, f"{why} {gone}.")
    return _against_champion(run, champion, test, exams)


def _against_champion(
    run: ModelRun, champion: ModelRun, test: Dataset, exams: tuple[Exam | None, Exam | None]
) -> Decision:
    version, old, why = run.model_version, champion.model_version, run.verdict_reason
    events, gain = compare(test, *exams)
    detail: dict[str, Any] = {"against": old, "common_events": events}
    if gain is None:
        few = f"{events} events on held-out days common to it and {old} tell nothing of the two"
        return Decision(PROMOTED, version, version, f"{why} {few}; it is the newer one.", detail)
    detail["log_loss_gain"] = gain.as_json()
    said = f"(gain in log loss {gain.value:+.4f}, between {gain.low:+.4f} and {gain.high:+.4f})"
    if gain.high < 0:
        held = f"{version} foretells held-out days worse than {old} {said}, so {old} stays."
        return Decision(HELD, version, old, held, detail)
    fine = f"It is not worse than {old} on held-out days common to both {said}."
    return Decision(PROMOTED, version, version, f"{why} {fine}", detail)


def compare(
    test: Dataset, new: Exam | None, old: Exam | None
) -> tuple[int, metrics.Estimate | None]:
    """Return the events on rows that both foretold, and the new one's gain in log loss a row.

    The gain is None where there are fewer than ``MIN_COMMON_EVENTS``.
    """
    if new is None or old is None:
        return 0, None
    _, mine, theirs = np.intersect1d(new.key, old.key, assume_unique=True, return_indices=True)
    label, account = test.label[mine], test.account[mine]
    events = len(np.unique(account[label == 1]))
    if events < MIN_COMMON_EVENTS:
        return events, None
    gain = metrics.row_log_loss(label, old.probability[theirs]) - metrics.row_log_loss(
        label, new.probability[mine]
    )
    bootstrap = metrics.ClusterBootstrap(account)
    return events, bootstrap.estimate(lambda weight: float(weight @ gain / weight.sum()))
