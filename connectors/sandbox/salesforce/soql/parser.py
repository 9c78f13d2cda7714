"""Tokens to a query tree, with Salesforce's own grammar rules."""

from connectors.sandbox.salesforce.errors import ApiError
from connectors.sandbox.salesforce.soql.lexer import Token, malformed, tokenize, unescape
from connectors.sandbox.salesforce.soql.tree import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Negation,
    Ordering,
    Query,
    Selected,
)

_OPERATORS = frozenset({"=", "!=", "<>", "<", ">", "<=", ">="})
_RELATIVE = frozenset({"TODAY", "YESTERDAY", "TOMORROW"})
_RELATIVE_N = frozenset({"LAST_N_DAYS", "NEXT_N_DAYS"})
_MOST_CHARACTERS = 100_000


def parse(text: str) -> Query:
    """Parse one SELECT.

    Raises
    ------
    ApiError
        ``MALFORMED_QUERY``, with the place and the reason.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ApiError(
            400, "MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters."
        )
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.place = 0
        self.depth = 0

    # -- small steps -------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def is_word(self, *words: str) -> bool:
        upcoming = self.tokens[self.place : self.place + len(words)]
        return len(upcoming) == len(words) and all(
            token.kind == "name" and token.text.upper() == word
            for token, word in zip(upcoming, words, strict=True)
        )

    def take_word(self, *words: str) -> bool:
        if not self.is_word(*words):
            return False
        self.place += len(words)
        return True

    def take_symbol(self, symbol: str) -> bool:
        if self.token.kind != "symbol" or self.token.text != symbol:
            return False
        self.place += 1
        return True

    def unexpected(self) -> ApiError:
        if self.token.kind == "end":
            return ApiError(400, "MALFORMED_QUERY", "unexpected token: '<EOF>'")
        return malformed(self.text, self.token.position, f"unexpected token: '{self.token.text}'")

    def need_word(self, *words: str) -> None:
        if not self.take_word(*words):
            raise self.unexpected()

    def need_symbol(self, symbol: str) -> None:
        if not self.take_symbol(symbol):
            raise self.unexpected()

    def need_name(self) -> Token:
        token = self.token
        if token.kind != "name":
            raise self.unexpected()
        self.place += 1
        return token

    def need_count(self) -> int:
        token = self.token
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected()
        self.place += 1
        return int(token.text)

    # -- grammar -----------------------------------------------------------------------------

    def query(self) -> Query:
        self.need_word("SELECT")
        is_count, selected = self.selection()
        self.need_word("FROM")
        target = self.need_name()
        where = self.condition() if self.take_word("WHERE") else None
        order = self.ordering() if self.take_word("ORDER", "BY") else ()
        limit = self.need_count() if self.take_word("LIMIT") else None
        offset = self.need_count() if self.take_word("OFFSET") else None
        if self.token.kind != "end":
            raise self.unexpected()
        return Query(
            target.text, selected, is_count, where, order, limit, offset, self.text, target.position
        )

    def selection(self) -> tuple[bool, tuple[Selected, ...]]:
        if self.take_word("COUNT"):
            self.need_symbol("(")
            self.need_symbol(")")
            return True, ()
        items = [self.selected()]
        while self.take_symbol(","):
            items.append(self.selected())
        return False, tuple(items)

    def selected(self) -> Selected:
        name = self.need_name()
        if not self.take_symbol("("):
            return Selected(name.text, position=name.position)
        group = self.need_name().text.upper()
        if name.text.upper() != "FIELDS" or group not in {"ALL", "STANDARD", "CUSTOM"}:
            raise malformed(
                self.text,
                name.position,
                f"unexpected function: '{name.text}' (this stand-in"
                " knows COUNT() and FIELDS(ALL|STANDARD|CUSTOM))",
            )
        self.need_symbol(")")
        return Selected(group, is_group=True, position=name.position)

    def condition(self) -> Condition:
        first = self.factor()
        for operator, other in (("AND", "OR"), ("OR", "AND")):
            if not self.is_word(operator):
                continue
            parts = [first]
            while self.take_word(operator):
                parts.append(self.factor())
            if self.is_word(other):  # as in Salesforce: mixed AND and OR need parentheses
                raise self.unexpected()
            return Junction(operator, tuple(parts))
        return first

    def factor(self) -> Condition:
        self.depth += 1
        if self.depth > 100:
            raise malformed(self.text, self.token.position, "conditions are nested too deeply")
        try:
            if self.take_word("NOT"):
                return Negation(self.factor())
            if self.take_symbol("("):
                inner = self.condition()
                self.need_symbol(")")
                return inner
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Comparison:
        name = self.need_name()
        if self.take_word("NOT", "IN"):
            return Comparison(name.text, "NOT IN", self.value_list(), name.position)
        if self.take_word("IN"):
            return Comparison(name.text, "IN", self.value_list(), name.position)
        if self.take_word("LIKE"):
            if self.token.kind != "string":
                raise self.unexpected()
            return Comparison(name.text, "LIKE", (self.literal(),), name.position)
        if self.token.kind != "symbol" or self.token.text not in _OPERATORS:
            raise self.unexpected()
        operator = self.token.text.replace("<>", "!=")
        self.place += 1
        return Comparison(name.text, operator, (self.literal(),), name.position)

    def value_list(self) -> tuple[Literal, ...]:
        self.need_symbol("(")
        values = [self.literal()]
        while self.take_symbol(","):
            values.append(self.literal())
        self.need_symbol(")")
        return tuple(values)

    def literal(self) -> Literal:
        token = self.token
        self.place += 1
        if token.kind == "string":
            return Literal("string", unescape(self.text, token))
        if token.kind in {"number", "date", "datetime"}:
            return Literal(token.kind, token.text)
        word = token.text.upper() if token.kind == "name" else ""
        if word in {"TRUE", "FALSE"}:
            return Literal("boolean", word.lower())
        if word == "NULL":
            return Literal("null", "null")
        if word in _RELATIVE:
            return Literal("relative", word)
        if word in _RELATIVE_N:
            self.need_symbol(":")
            return Literal("relative", f"{word}:{self.need_count()}")
        self.place -= 1
        raise self.unexpected()

    def ordering(self) -> tuple[Ordering, ...]:
        items = [self.ordered()]
        while self.take_symbol(","):
            items.append(self.ordered())
        return tuple(items)

    def ordered(self) -> Ordering:
        name = self.need_name()
        descending = self.take_word("DESC") or (self.take_word("ASC") and False)
        nulls_last = self.take_word("NULLS", "LAST")
        if not nulls_last:
            self.take_word("NULLS", "FIRST")
        return Ordering(name.text, descending, nulls_last, name.position)
