"""`copilot backtest`: what the scores would have told last year, as a table in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from ml.churn.backtest_store import Missed, Stored, latest
from ml.common.frames import Reader
from warehouse.database import Role, Warehouse

SHOWN = 10
KINDS = {
    "below_capacity": "ranked below the capacity",
    "payment": "left with invoices overdue",
    "too_little_known": "too little known for a health score",
    "joined_between": "joined and left between two lists",
    "known_early": "gave notice before any list within the horizon",
}


def last_made(warehouse: Warehouse) -> Stored | None:
    """Return the backtest that was made last, None if there is none."""
    with warehouse.connect(Role.SCIENTIST) as connection:
        return latest(Reader(warehouse, connection))


@contextmanager
def shown_at_the_end(warehouse: Warehouse, currency: str) -> Iterator[None]:
    """Print the backtest that is made meanwhile, also where only its report pages fail."""
    before = last_made(warehouse)
    try:
        yield
    finally:
        stored = last_made(warehouse)
        if stored is not None and (before is None or stored.made_at != before.made_at):
            click.echo("\n".join(lines(stored, currency)))


def lines(stored: Stored, currency: str) -> Iterator[str]:
    """Yield a backtest in words; each figure with its 90% interval from resampled accounts."""
    yield ""
    yield f"Backtest as of {stored.as_of_date}"
    if stored.lists:
        yield from _lists(stored)
    if stored.note:
        yield stored.note
        return
    yield ""
    for name, words in _figure_words(stored, currency).items():
        yield f"  {words:<56}{_figure(stored.figures[name], name)}"
    yield ""
    yield from _missed(stored.missed, currency)


def _lists(stored: Stored) -> Iterator[str]:
    first, last = stored.lists[0]["list_date"], stored.lists[-1]["list_date"]
    yield (
        f"{len(stored.lists)} call lists, {first} to {last}, each made with what was known on its"
        f" day; left: within {stored.horizon_days} days"
    )
    yield ""
    yield f"  {'list of':<12}{'scored by':<12}{'customers':>10}{'called':>8}{'left':>6}{'both':>6}"
    for one in stored.lists:
        counts = (one["customers"], one["called"], one["left"], one["called_and_left"])
        widths = zip(counts, (10, 8, 6, 6), strict=True)
        yield f"  {one['list_date']:<12}{one['basis']:<12}" + "".join(
            f"{n:>{w},}" for n, w in widths
        )


def _figure_words(stored: Stored, currency: str) -> dict[str, str]:
    within = f"left within {stored.horizon_days} days"
    return {
        "precision": f"Of the customers called, {within}",
        "event_rate": f"Of all customers, {within}",
        "lift": "Times better than calling at random",
        "false_alarms": "Calls a month to customers that stayed",
        "caught_share": "Of the customers that left, called before it was known",
        "caught_arr": f"ARR caught ({currency})",
        "caught_arr_share": "Of the ARR that left",
        "days_of_warning": "Days of warning (median)",
    }


def _figure(figure: dict[str, float | None], name: str) -> str:
    value, low, high = (_number(figure[key], name) for key in ("value", "low", "high"))
    return f"{value:>12}  ({low} to {high})" if figure["value"] is not None else f"{value:>12}"


def _number(value: float | None, name: str) -> str:
    if value is None:
        return "not known"
    if name in {"precision", "event_rate", "caught_share", "caught_arr_share"}:
        return f"{value:.1%}"
    return f"{value:,.0f}" if name in {"caught_arr", "days_of_warning"} else f"{value:.1f}"


def _missed(missed: Sequence[Missed], currency: str) -> Iterator[str]:
    if not missed:
        yield "No departure was missed."
        return
    yield f"Missed: {len(missed)}"
    for kind, number in Counter(one.kind for one in missed).most_common():
        lost = sum(one.arr for one in missed if one.kind == kind)
        yield f"  {number:>4}  {KINDS[kind]} ({currency} {lost:,.0f} of ARR)"
    yield ""
    yield "The largest of them:" if len(missed) > SHOWN else "They are:"
    for one in missed[:SHOWN]:
        yield f"  {one.account}, left {one.left_on}, {currency} {one.arr:,.0f}: {one.reason}"
    yield "All of them stand in ml.backtest_departure and on the report's page Backtest."
