"""When a column's Postgres type is the one that a contract names."""

import re

_NAMES = {
    "varchar": "character varying",
    "char": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "decimal": "numeric",
    "float8": "double precision",
    "float4": "real",
    "bool": "boolean",
}
_TEXTS = ("character varying", "text")
_INTEGERS = ("bigint", "integer", "smallint")
# What holds every value of the named type without loss may stand in its place.
_ALSO = {
    **dict.fromkeys(_TEXTS, _TEXTS),
    **dict.fromkeys(_INTEGERS, _INTEGERS),
    "numeric": ("numeric", *_INTEGERS),
}
_PARAMETERS = re.compile(r"\(\s*(\d+(?:\s*,\s*\d+)?)\s*\)")


def is_compatible(expected: str, found: str) -> bool:
    """Tell whether a column of type ``found`` keeps a contract that names ``expected``.

    Text and varchar are one, so are the widths of integers, and an integer may stand where a
    contract says numeric. Length and precision count only where the contract names them.
    """
    name, parameters = _split(expected)
    found_name, found_parameters = _split(found)
    if parameters:
        return (name, parameters) == (found_name, found_parameters)
    return found_name in _ALSO.get(name, (name,))


def accepted_types(expected: str) -> tuple[list[str], bool]:
    """Return what `is_compatible` accepts, as ``format_type`` of Postgres spells it.

    Returns
    -------
    list of str
        The types.
    bool
        Whether length and precision count.
    """
    name, parameters = _split(expected)
    if not parameters:
        return list(_ALSO.get(name, (name,))), False
    first, _, rest = name.partition(" ")
    if first in {"time", "timestamp"}:
        return [f"{first}({parameters}) {rest}"], True
    return [f"{name}({parameters})"], True


def _split(type_name: str) -> tuple[str, str]:
    lowered = type_name.lower().strip()
    match = _PARAMETERS.search(lowered)
    parameters = re.sub(r"\s", "", match.group(1)) if match else ""
    name = " ".join(_PARAMETERS.sub(" ", lowered).split())
    return _NAMES.get(name, name), parameters
