"""Model runs and artefacts in the warehouse.

An artefact is a skops archive: no pickle is ever loaded. Its SHA-256 is checked, and only the types
listed here may be in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg.types.json import Jsonb

from ml.common.frames import Reader
from warehouse.errors import CopilotError

if TYPE_CHECKING:
    from ml.common.model import FittedModel

CODE_VERSION = "2"
"""Raise it when the same data would give another model."""
TRUSTED_TYPES = frozenset(
    {
        "ml.common.transform.Cleaner",
        "ml.common.transform.Steps",
        "ml.common.transform.Trusted",
        "ml.common.transform.Winsoriser",
        "numpy.dtype",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)


@dataclass(frozen=True)
class ModelRun:
    """One row of ``ml.model_run``; dates are None where there was nothing to split."""

    model_version: str
    model_name: str
    as_of_date: dt.date
    train_start: dt.date | None
    train_end: dt.date | None
    test_start: dt.date | None
    test_end: dt.date | None
    rows_train: int
    rows_test: int
    events_train: int
    events_test: int
    accounts: int
    metrics: dict[str, Any]
    baseline_metrics: dict[str, Any]
    verdict: str
    verdict_reason: str
    params: dict[str, Any]
    has_model: bool = field(default=False, compare=False)
    card: dict[str, Any] = field(default_factory=dict)
    """What `ml.common.card` says of it; empty for versions from before there were cards."""


_COLUMNS = (
    "model_version", "model_name", "as_of_date", "train_start", "train_end", "test_start",
    "test_end", "rows_train", "rows_test", "events_train", "events_test", "accounts", "metrics",
    "baseline_metrics", "verdict", "verdict_reason", "params", "card",
)  # fmt: skip
_JSON = {"metrics", "baseline_metrics", "params", "card"}


def version_of(model_name: str, as_of: dt.date, parts: list[bytes]) -> str:
    """Return the model's version: the same data, features and settings give the same one."""
    digest = hashlib.sha256(CODE_VERSION.encode())
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return f"{model_name}-{as_of:%Y%m%d}-{digest.hexdigest()[:8]}"


def find_run(reader: Reader, model_version: str) -> ModelRun | None:
    """Return the run of a version, None if there is none."""
    found = _runs(reader, "where model_version = %s", (model_version,))
    return found[0] if found else None


def latest_run(reader: Reader, model_name: str, as_of: dt.date) -> ModelRun | None:
    """Return the newest run made for a date up to ``as_of``."""
    found = _runs(
        reader,
        "where model_name = %s and as_of_date <= %s"
        " order by as_of_date desc, trained_at desc, model_version desc limit 1",
        (model_name, as_of),
    )
    return found[0] if found else None


def all_runs(reader: Reader) -> list[ModelRun]:
    """Return every run, by model and date."""
    return _runs(reader, "order by model_name, as_of_date, trained_at, model_version", ())


def _runs(reader: Reader, tail: str, parameters: tuple[Any, ...]) -> list[ModelRun]:
    run, artifact = reader.table("ml", "model_run"), reader.table("ml", "model_artifact")
    names = ", ".join(_COLUMNS)
    statement = (
        f"select {names}, exists (select 1 from {artifact.as_string()} as a"  # noqa: S608 - constants and quoted names
        f" where a.model_version = r.model_version) from {run.as_string()} as r {tail}"
    )
    rows = reader.connection.execute(statement.encode(), parameters).fetchall()
    return [ModelRun(**dict(zip((*_COLUMNS, "has_model"), row, strict=True))) for row in rows]


def save(
    reader: Reader, run: ModelRun, model: FittedModel | None, exam: bytes | None = None
) -> None:
    """Write a run, its model and its exam in the connection's transaction; what is there stays."""
    values = [getattr(run, name) for name in _COLUMNS]
    bound = [Jsonb(v) if n in _JSON else v for n, v in zip(_COLUMNS, values, strict=True)]
    marks = ", ".join(["%s"] * len(_COLUMNS))
    statement = (
        f"insert into {reader.table('ml', 'model_run').as_string()} ({', '.join(_COLUMNS)})"  # noqa: S608
        f" values ({marks}) on conflict (model_version) do nothing"
    )
    reader.connection.execute(statement.encode(), bound)
    if model is None:
        return
    content = dump(model)
    reader.connection.execute(
        (
            f"insert into {reader.table('ml', 'model_artifact').as_string()}"  # noqa: S608
            " (model_version, content, sha256, feature_names, exam) values (%s, %s, %s, %s, %s)"
            " on conflict (model_version) do nothing"
        ).encode(),
        (
            run.model_version,
            content,
            hashlib.sha256(content).hexdigest(),
            Jsonb(list(model.features)),
            exam,
        ),
    )


def load_exam(reader: Reader, model_version: str) -> bytes | None:
    """Return the stored exam of a version, None where there is none."""
    row = reader.connection.execute(
        (
            f"select exam from {reader.table('ml', 'model_artifact').as_string()}"  # noqa: S608
            " where model_version = %s"
        ).encode(),
        (model_version,),
    ).fetchone()
    return bytes(row[0]) if row and row[0] is not None else None


def load_model(reader: Reader, model_version: str) -> FittedModel:
    """Read a model back.

    Raises
    ------
    CopilotError
        There is none, it was changed since it was written, or it holds a type not trusted.
    """
    row = reader.connection.execute(
        (
            "select content, sha256, feature_names from "  # noqa: S608
            f"{reader.table('ml', 'model_artifact').as_string()} where model_version = %s"
        ).encode(),
        (model_version,),
    ).fetchone()
    if row is None:
        raise CopilotError(f"No model {model_version} is stored.", "Train it: `copilot train`.")
    content, sha256, names = bytes(row[0]), row[1], row[2]
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CopilotError(
            f"The stored model {model_version} is not the one that was written: its checksum "
            "differs.",
            "Nothing was loaded. Delete its row in ml.model_artifact and train again.",
        )
    model = load(content, model_version)
    if list(model.features) != list(names):
        raise CopilotError(
            f"The stored model {model_version} learnt from other features than its row says.",
            "Train again: `copilot train`.",
        )
    return model


def dump(model: FittedModel) -> bytes:
    """Return a model as a skops archive."""
    import skops.io  # noqa: PLC0415 - costs seconds, needed here alone

    calibrator = model.calibrator
    payload = {
        "pipeline": model.pipeline,
        "features": list(model.features),
        "column_means": model.column_means,
        "typical": dict(model.typical),
        "base_rate": model.base_rate,
        "calibrator": np.array(
            [calibrator.slope, calibrator.intercept, *np.ravel(calibrator.covariance)]
        ),
        "covariance": model.covariance,
        "jackknife": list(model.jackknife),
    }
    return bytes(skops.io.dumps(payload))


def load(content: bytes, name: str = "given") -> FittedModel:
    """Return the model of a skops archive; refuses types that are not listed here."""
    import skops.io  # noqa: PLC0415

    from ml.common.calibration import Calibrator  # noqa: PLC0415
    from ml.common.model import FittedModel  # noqa: PLC0415

    try:
        foreign = set(skops.io.get_untrusted_types(data=content)) - TRUSTED_TYPES
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CopilotError(
            f"What is stored of the model {name} is no skops archive.",
            "Nothing was loaded. Delete its row in ml.model_artifact and train again.",
        ) from error
    if foreign:
        raise CopilotError(
            f"The stored model {name} holds types that are not trusted: "
            f"{', '.join(sorted(foreign))}.",
            "Nothing was loaded. Delete its row in ml.model_artifact and train again.",
        )
    payload = skops.io.loads(content, trusted=sorted(TRUSTED_TYPES))
    slope, intercept, *cells = (float(v) for v in payload["calibrator"])
    return FittedModel(
        pipeline=payload["pipeline"],
        features=tuple(payload["features"]),
        column_means=payload["column_means"],
        typical=payload["typical"],
        base_rate=payload["base_rate"],
        calibrator=Calibrator(slope, intercept, ((cells[0], cells[1]), (cells[2], cells[3]))),
        covariance=payload["covariance"],
        jackknife=tuple(payload["jackknife"]),
    )


def canonical(value: object) -> bytes:
    """Return a value as bytes that are the same for the same content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
