"""Query text to tokens."""

import re
from dataclasses import dataclass

from connectors.sandbox.salesforce.errors import ApiError

LITERAL_WILDCARDS = {"\ue000": "%", "\ue001": "_"}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<symbol><=|>=|!=|<>|[=<>(),:])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token: its kind, its text, and where it begins."""

    kind: str
    text: str
    position: int


def explain(query: str, position: int, message: str) -> str:
    """Return Salesforce's message: the place in the query, marked, and what is wrong there."""
    row = query.count("\n", 0, position) + 1
    column = position - (query.rfind("\n", 0, position) + 1) + 1
    start = max(0, position - 40)
    shown = query[start : position + 30].replace("\n", " ")
    mark = " " * (position - start) + "^"
    return f"\n{shown}\n{mark}\nERROR at Row:{row}:Column:{column}\n{message}"


def malformed(query: str, position: int, message: str) -> ApiError:
    """Return the answer to a query that cannot be parsed."""
    return ApiError(400, "MALFORMED_QUERY", explain(query, position, message))


def tokenize(query: str) -> list[Token]:
    """Split a query; the last token is an empty one of kind ``end``.

    Raises
    ------
    ApiError
        ``MALFORMED_QUERY`` at a character that begins no token.
    """
    tokens, position = [], 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            if query[position] == "'":
                raise malformed(query, position, "unterminated string literal")
            raise malformed(
                query,
                position,
                f"line 1:{position} no viable alternative at character '{query[position]}'",
            )
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(Token(kind, match.group(), position))
        position = match.end()
    tokens.append(Token("end", "", len(query)))
    return tokens


def unescape(query: str, token: Token) -> str:
    """Return the value of a string token.

    Escaped wildcards become the characters of `LITERAL_WILDCARDS`: only LIKE needs to know them.
    """

    def replace(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in "%_":
            return "\ue000" if letter == "%" else "\ue001"
        if letter in "\\'\"":
            return letter
        if letter.lower() in _ESCAPES:
            return _ESCAPES[letter.lower()]
        raise malformed(
            query, token.position, f"Illegal character sequence '\\{letter}' in a string"
        )

    return re.sub(r"\\(.)", replace, token.text[1:-1], flags=re.DOTALL)
