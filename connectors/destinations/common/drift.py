"""What moves a little every day, and what does not unless something has happened."""

from connectors.destinations.common.fields import BY_COLUMN, Value

_POINTS = 10.0
_SHARE_OF_MONEY = 0.25
_EVERY_DAY = frozenset({"as_of_date", "reasons", "next_action"})


def has_jumped(column: str, old: Value, new: Value) -> bool:
    """Say whether a value changed by more than a day's drift.

    The date and the words change daily by nature; scores move by some points of 100, amounts by
    some percent. What names a kind (a band, a tier, a product) or a day should stand still.
    """
    if old == new or column in _EVERY_DAY:
        return False
    if isinstance(old, float) and isinstance(new, float):
        if BY_COLUMN[column].kind == "money":
            return abs(new - old) > _SHARE_OF_MONEY * max(abs(old), abs(new))
        return abs(new - old) > _POINTS
    return True
