"""Salesforce record ids: 15 case-sensitive characters and a checksum of three."""

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")


def checksum(short_id: str) -> str:
    """Return the three characters that make a 15-character id safe where case is lost."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << place
            for place, letter in enumerate(short_id[start : start + 5])
            if "A" <= letter <= "Z"
        )
        suffix += _CHECKSUM[bits]
    return suffix


def make_id(prefix: str, number: int) -> str:
    """Return the 18-character id of the ``number``-th record of a three-character prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    short_id = prefix + "g5" + digits.rjust(10, "0")
    return short_id + checksum(short_id)


def is_id(value: object) -> bool:
    """Say whether ``value`` has the shape of a record id."""
    return isinstance(value, str) and _SHAPE.fullmatch(value) is not None


def full_id(value: str) -> str:
    """Return the 18-character form of an id of 15 or 18 characters."""
    return value + checksum(value) if len(value) == 15 else value
