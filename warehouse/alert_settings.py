"""What `copilot.yml` may say under ``alerts``: who is told what, where and when."""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Rule = Literal[
    "score_drop",
    "band_change",
    "severe_ticket",
    "usage_collapse",
    "payment_failed",
    "renewal_at_risk",
    "champion_gone",
    "run_failed",
    "run_missed",
]
OWNER = "owner"
_ADDRESS = r"[^@\s<>,;]+@[^@\s<>,;]+"
_TARGETS = {
    "slack": rf"{OWNER}|#[^\s#@]{{1,80}}|[CGD][A-Z0-9]{{6,}}",
    "teams": r"(?:[a-z][a-z0-9_]{0,30})?",
    "email": rf"{OWNER}|{_ADDRESS}",
}
_TARGET_WORDS = {
    "slack": "owner, a channel's id such as C0123456789, or its name such as #customers",
    "teams": "left out, or the ending of the variable that holds the URL, such as sales",
    "email": "owner or an e-mail address",
}


def _clock(value: Any) -> Any:
    """Undo what YAML makes of an unquoted 10:30: a number of minutes."""
    return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) else value


_HOUR = r"([01]\d|2[0-3]):[0-5]\d"
TimeOfDay = Annotated[str, BeforeValidator(_clock), Field(pattern=rf"^{_HOUR}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RouteSettings(_Section):
    """One way on which alerts go out."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    channel: Literal["slack", "teams", "email"]
    to: str = ""
    otherwise: str | None = None
    min_severity: Severity = "low"
    segments: tuple[str, ...] = ()
    mode: Literal["each", "digest"] = "each"
    recovery: bool = True
    escalation: bool = False

    @model_validator(mode="after")
    def _right_target(self) -> "RouteSettings":
        for key in ("to", "otherwise"):
            value = getattr(self, key)
            if value is not None and not re.fullmatch(_TARGETS[self.channel], value):
                msg = f"{key}: for {self.channel} it is {_TARGET_WORDS[self.channel]}"
                raise ValueError(msg)
        if self.otherwise == OWNER:
            msg = "otherwise: says where alerts without an owner go, so not to the owner"
            raise ValueError(msg)
        return self


class RuleSettings(_Section):
    """How one rule is handled."""

    enabled: bool = True
    severity: Severity | None = None
    escalated_severity: Severity | None = None
    routes: tuple[str, ...] = ()


class AlertSettings(_Section):
    """Alerts to Slack, Microsoft Teams and e-mail; their credentials come from the environment."""

    routes: tuple[RouteSettings, ...] = ()
    rules: dict[Rule, RuleSettings] = {}
    personal_data: Literal["none", "names"] = "none"
    quiet_hours: str | None = Field(None, pattern=rf"^{_HOUR}-{_HOUR}$")
    digest_at: TimeOfDay = "08:00"
    burst: int = Field(20, ge=1, le=1_000)
    escalate_after_hours: int = Field(24, ge=0, le=720)
    escalate_from: Severity = "high"
    missed_run_hours: int = Field(30, ge=0, le=720)
    resend_unknown: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "AlertSettings":
        names = [route.name for route in self.routes]
        if len(set(names)) != len(names):
            msg = "routes: two of them have the same name"
            raise ValueError(msg)
        for rule, settings in self.rules.items():
            for route in settings.routes:
                if route not in names:
                    msg = f"rules.{rule}.routes: there is no route '{route}'"
                    raise ValueError(msg)
        if self.quiet_hours and self.quiet_hours[:5] == self.quiet_hours[6:]:
            msg = "quiet_hours: they begin and end at the same time"
            raise ValueError(msg)
        return self

    def rule(self, name: str) -> RuleSettings:
        """Return how a rule is handled; a rule that is not named is on."""
        found = [one for rule, one in self.rules.items() if rule == name]
        return found[0] if found else RuleSettings()

    def severities(self) -> dict[str, dict[str, str]]:
        """Return the severities that replace the shipped ones, by rule."""
        return {
            rule: {
                key: value
                for key in ("severity", "escalated_severity")
                if (value := getattr(settings, key)) is not None
            }
            for rule, settings in sorted(self.rules.items())
        }


def rank(severity: str) -> int:
    """Return how severe a severity is, 0 for info."""
    return SEVERITIES.index(severity)
