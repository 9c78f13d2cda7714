"""`health.yml`: what the rule score measures and how much each part weighs, read and validated.

What the rules mean is SQL's business: they are handed to dbt as they stand here.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from warehouse.errors import CopilotError
from warehouse.settings import PROJECT_ROOT, explain

SHIPPED_RULES = PROJECT_ROOT / "dbt_project" / "health.yml"
_QUANTITIES = PROJECT_ROOT / "dbt_project/models/health/int_health__quantity.yml"

Evidence = Literal["usage", "support", "billing", "crm", "pulse"]
Stage = Literal["onboarding", "adopting", "steady", "renewing", "at_notice"]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1000)]
# It becomes the name of a column, with an ending.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _with_slope(curve: "Curve") -> "Curve":
    if curve.worst == curve.best:
        msg = "worst and best are the same, so that the curve has no slope"
        raise ValueError(msg)
    return curve


class _Curve(_Part):
    worst: float
    best: float


class Threshold(_Curve):
    """From the worst quantity to the best one."""

    kind: Literal["threshold"]


class Trend(_Curve):
    """From the worst change to the best one, against some days before."""

    kind: Literal["trend"]
    days: int = Field(ge=1, le=365)
    worst: float = Field(ge=-1, le=1)
    best: float = Field(ge=-1, le=1)


class Percentile(_Curve):
    """From the worst to the best place among the customers of the segment."""

    kind: Literal["percentile"]
    worst: Share
    best: Share


Curve = Threshold | Trend | Percentile


class Reason(_Part):
    """The sentence of a measure; `{value}` stands for its quantity, `{s}` for its plural."""

    otherwise: Text
    none: Text | None = None
    falls: Text | None = None
    rises: Text | None = None
    begins: Text | None = None
    steady: float = Field(0, ge=0)


class Measure(_Part):
    """One measure."""

    group: Name
    label: Text
    quantity: Name | None = None
    unit: Literal["share", "change", "days", "count", "tickets", "number"]
    weight: Weight
    optional: bool = False
    curve: Annotated[Annotated[Curve, Field(discriminator="kind")], AfterValidator(_with_slope)]
    reason: Text | Reason


class Ageing(_Part):
    """How long evidence counts, in days."""

    fresh_days: int = Field(ge=0, le=3650)
    expires_days: int = Field(ge=1, le=3650)

    @model_validator(mode="after")
    def _in_order(self) -> "Ageing":
        if self.fresh_days >= self.expires_days:
            msg = "expires_days must be more than fresh_days"
            raise ValueError(msg)
        return self


class Bands(_Part):
    """Lowest scores of the bands."""

    healthy: Share
    watch: Share

    @model_validator(mode="after")
    def _in_order(self) -> "Bands":
        if self.watch >= self.healthy:
            msg = "watch must begin below healthy"
            raise ValueError(msg)
        return self


class Weights(_Part):
    """Other weights for a segment, a stage, or both."""

    segment: Text | None = None
    stage: Stage | None = None
    weights: dict[Name, Weight] = Field(min_length=1)

    @model_validator(mode="after")
    def _for_somebody(self) -> "Weights":
        if self.segment is None and self.stage is None:
            msg = "say for which segment or stage; weights for all stand with the measures"
            raise ValueError(msg)
        return self


class HealthRules(_Part):
    """Everything that the file may say."""

    minimum_coverage: Share
    bands: Bands
    pulse: dict[Text, Share]
    evidence: dict[Evidence, Ageing]
    groups: list[Name] = Field(min_length=1)
    measures: dict[Name, Measure] = Field(min_length=1)
    weights: list[Weights] = []

    @model_validator(mode="after")
    def _consistent(self) -> "HealthRules":
        known = quantities()
        for name, measure in self.measures.items():
            quantity = measure.quantity or name
            if name == "override":
                _refuse("measures.override", "a score set by hand has this name")
            if measure.group not in self.groups:
                _refuse(f"measures.{name}.group", f"'{measure.group}' is not among the groups")
            if quantity not in known:
                listed = ", ".join(sorted(known))
                _refuse(f"measures.{name}", f"there is no quantity '{quantity}', but {listed}")
            if known[quantity] not in self.evidence:
                _refuse("evidence", f"{known[quantity]} is missing, on which {name} rests")
        for place, entry in enumerate(self.weights):
            for name in entry.weights.keys() - self.measures.keys():
                _refuse(f"weights.{place}", f"there is no measure '{name}'")
            self._require_weight(f"weights.{place}", entry.weights)
        self._require_weight("measures", {})
        return self

    def _require_weight(self, key: str, other: dict[str, float]) -> None:
        needed = {n: other.get(n, m.weight) for n, m in self.measures.items() if not m.optional}
        if sum(needed.values()) <= 0:
            _refuse(key, "no measure that is not optional has a weight")

    def as_var(self) -> dict[str, Any]:
        """Return the rules for dbt: each measure with its quantity, evidence and all sentences."""
        rules = self.model_dump()
        rules["pulse"] = {word.strip().lower(): value for word, value in self.pulse.items()}
        for name, measure in rules["measures"].items():
            measure["quantity"] = measure["quantity"] or name
            measure["evidence"] = quantities()[measure["quantity"]]
            if isinstance(measure["reason"], str):
                measure["reason"] = Reason(otherwise=measure["reason"]).model_dump()
        said = json.dumps(rules, sort_keys=True).encode()
        return rules | {"rules_version": hashlib.sha256(said).hexdigest()[:12]}


def _refuse(key: str, problem: str) -> None:
    msg = f"{key}: {problem}"
    raise ValueError(msg)


@cache
def quantities() -> dict[str, str]:
    """Return the quantities that SQL defines, each with the evidence on which it rests."""
    model = yaml.safe_load(_QUANTITIES.read_text(encoding="utf-8"))["models"][0]
    found = {}
    for column in model["columns"]:
        evidence = column.get("config", {}).get("meta", {}).get("evidence")
        if evidence:
            found[str(column["name"])] = str(evidence)
    return found


def load_health_rules(path: Path | None = None) -> HealthRules:
    """Read and validate the rules of the health score.

    Parameters
    ----------
    path : Path, optional
        The file; the one that the project ships if left out.

    Raises
    ------
    CopilotError
        The file is absent, is not YAML, or a key is wrong; the message names each wrong key.
    """
    path = path or SHIPPED_RULES
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CopilotError(
            f"The rules of the health score, {path}, cannot be read: {error.strerror}.",
            "Correct the path, or `health_file` in copilot.yml; without it the shipped rules hold.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CopilotError(f"{path} is not valid YAML: {error}", "Correct the file.") from error
    try:
        return HealthRules.model_validate(loaded)
    except ValidationError as error:
        raise CopilotError(
            f"{path} is not right:\n{explain(error)}",
            f"Correct the keys above; {SHIPPED_RULES} is an example that explains itself.",
        ) from error
