"""What a parsed query is made of."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Literal:
    """A value in a query.

    Parameters
    ----------
    kind : str
        ``string``, ``number``, ``boolean``, ``null``, ``date``, ``datetime`` or ``relative``
        (such as ``LAST_N_DAYS:30``).
    value : str
        Text of it; of a string without quotes and escapes.
    """

    kind: str
    value: str


@dataclass(frozen=True)
class Comparison:
    """``field operator value``; several values for IN and NOT IN."""

    field: str
    operator: str
    values: tuple[Literal, ...]
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND or OR."""

    operator: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Negation:
    """NOT of a condition."""

    part: "Condition"


Condition = Comparison | Junction | Negation


@dataclass(frozen=True)
class Selected:
    """One item of SELECT: a field, or ``FIELDS(ALL)`` and its like."""

    name: str
    is_group: bool = False
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True)
class Ordering:
    """One item of ORDER BY."""

    field: str
    is_descending: bool = False
    is_nulls_last: bool = False
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True)
class Query:
    """A whole query; ``is_count`` for ``SELECT COUNT()``."""

    object_name: str
    selected: tuple[Selected, ...] = ()
    is_count: bool = False
    where: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    text: str = dataclasses.field(default="", compare=False)
    object_position: int = dataclasses.field(default=0, compare=False)
