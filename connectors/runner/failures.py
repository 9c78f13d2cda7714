"""How a source fails: in its own words, with advice; and what counts as a torn message."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.runner.protocol import parse_line
from warehouse.errors import CopilotError, TransientError

Mask = Callable[[str], str]

_REFUSAL = r"\b403\b|forbidden|permission|insufficient|not allowed|access denied|missing scope"
_QUOTA = r"\b429\b|too many requests|rate.?limit|request_?limit|quota|api call limit|limit exceeded"
_STATUS = re.compile(r"failed with status code '(\d{3})'")

# What vendors and Airbyte's connectors say, the more telling words first: Salesforce reports a
# used-up quota with a 403, Zendesk a wrong token with "Couldn't authenticate you".
_KINDS = (
    (
        _QUOTA,
        "{source} allows no more calls for now: wait until its quota is renewed, or raise it.",
    ),
    (
        r"\b401\b|unauthori[sz]ed|invalid_grant|invalid_session_id|invalid_client|expired|revoked"
        r"|(?<!re-)authenticat"
        r"|(invalid|incorrect|wrong) (api.?key|key|token|credential|password|secret)",
        "{source} does not accept the credentials: renew them in the environment (README.md,"
        " Connecting each source).",
    ),
    (
        _REFUSAL,
        "The credentials of {source} may not read this: give them the permissions that README.md"
        " lists, Connecting each source.",
    ),
    (
        r"name or service not known|name resolution|nameresolution|getaddrinfo|dns error"
        r"|connection ?(error|refused|reset|aborted)|timed? ?out|max retries exceeded|unreachable"
        r"|\b50[234]\b|an exception occurred when making the request",
        "{source} cannot be reached: is its address in copilot.yml right, may this machine connect"
        " to it, is the vendor up?",
    ),
)


@dataclass(frozen=True)
class Refusal:
    """How a connector's log tells of a refusal that it takes for an empty answer.

    Parameters
    ----------
    words : str
        Regular expression of what the log says.
    hint : str, optional
        What a person can do about it; without it `advice` judges by the words.
    """

    words: str
    hint: str | None = None


_BEGINNING = re.compile(r'\{\s*"type"')


def advice(words: str, source: str) -> str:
    """Return what a person can do about a failure, judging by its words."""
    for pattern, hint in _KINDS:
        if re.search(pattern, words, re.IGNORECASE):
            return hint.format(source=source)
    return f"Check the settings and credentials of {source}."


def is_refusal(words: str, details: str = "") -> bool:
    """Tell whether the vendor does not give (403), or does not have (404), what was asked for.

    Parameters
    ----------
    words : str
        What the source says to people.
    details : str
        What it says to its makers, of which only the HTTP status counts.
    """
    if re.search(_QUOTA, words, re.IGNORECASE):  # Salesforce's is a 403, too
        return False
    status = _STATUS.search(details)
    if status is not None:
        return status[1] in ("403", "404")
    for pattern, _ in _KINDS:
        if re.search(pattern, words, re.IGNORECASE):
            return pattern is _REFUSAL
    return re.search(r"\b404\b|not found", words, re.IGNORECASE) is not None


class SourceError(Exception):
    """The source did not do its work; the text says why, in its own words where it has any.

    Parameters
    ----------
    words : str
        What went wrong.
    is_transient : bool
        The same command may succeed in a minute: it died, hung, or says that its vendor did not
        answer. Output that is not the protocol's and refused settings stay as they are.
    stream : str, optional
        The stream that it reports the error of.
    is_refused : bool
        The vendor does not give what was asked for, or has no such thing.
    hint : str, optional
        What a person can do about it, if its words do not say enough for `advice`.
    """

    def __init__(
        self,
        words: str,
        *,
        is_transient: bool = False,
        stream: str | None = None,
        is_refused: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(words)
        self.is_transient = is_transient
        self.stream = stream
        self.is_refused = is_refused
        self.hint = hint

    @classmethod
    def without_parts(
        cls, number: int, message: Mapping[str, Any], error: Exception
    ) -> "SourceError":
        """Return the failure of a source that leaves parts of a message out."""
        return cls(
            f"line {number} of its output is a {message['type']} message without its parts:"
            f" {error!r}"
        )

    def for_people(self, what: str, hint: str) -> CopilotError:
        """Return the error that ends the sync; a transient one is worth another try."""
        return TransientError(what, hint) if self.is_transient else CopilotError(what, hint)


class EndedError(SourceError):
    """The source came to its own end, and not all of its streams did."""


def message_of(number: int, line: bytes, mask: Mask) -> dict[str, Any] | None:
    """Parse a line as a protocol message; None if it is something else that was printed.

    Airbyte's own platform keeps such lines as log lines. Here they fail the sync if a message may
    have been torn by them, or lost in them.

    Raises
    ------
    SourceError
        It may be or hold a torn message; the text shows the line's number and its beginning.
    """
    try:
        message = parse_line(line)
        may_be_torn = isinstance(message, dict) and "type" in message
    except (ValueError, RecursionError):
        message = None
        text = line.decode("utf-8", "replace").strip()
        is_text = text.replace("\t", " ").isprintable() and "\ufffd" not in text
        may_be_torn = (
            text[:1] == "{" or text[-1:] == "}" or not is_text or bool(_BEGINNING.search(text))
        )
    if isinstance(message, dict) and isinstance(message.get("type"), str):
        return message
    if may_be_torn:
        raise SourceError(
            f"line {number} of its output is not a message of the Airbyte protocol:"
            f" {shown(line, mask)!r}"
        )
    return None


def shown(line: bytes, mask: Mask) -> str:
    """Return the beginning of a line as it may be shown."""
    return mask(line.decode("utf-8", "backslashreplace"))[:200]


def raise_for_refusal(words: str, refusals: Iterable[Refusal]) -> None:
    """Raise what a line of the log tells, if it is one of the refusals.

    Raises
    ------
    SourceError
        In the words of the log.
    """
    for refusal in refusals:
        if re.search(refusal.words, words, re.IGNORECASE):
            raise SourceError(words, hint=refusal.hint)


def trace_error(message: Mapping[str, Any], mask: Mask) -> SourceError | None:
    """Return what a TRACE message reports as an error, else None; wrong settings do not pass."""
    trace = message.get("trace")
    if not isinstance(trace, Mapping) or trace.get("type") != "ERROR":
        return None
    error = trace.get("error") or {}
    details = str(error.get("internal_message") or "")
    words = str(error.get("message") or details or "an error without words")
    return SourceError(
        mask(words),
        is_transient=error.get("failure_type") != "config_error",
        stream=(error.get("stream_descriptor") or {}).get("name"),
        is_refused=is_refusal(words, details),
    )
