"""Maps RavenStack's five CSV files into the own-tables contract.

    python examples/ravenstack/to_contract.py OUT_DIR

README.md beside this file gives each rule and its reason.
"""

import csv
import datetime as dt
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"

Row = dict[str, str]


def read(name: str) -> Iterator[Row]:
    """Yield the rows of one of RavenStack's files."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def moment(text: str) -> str:
    """Return ``2023-07-28 3:00`` or a bare date as a time in UTC; empty stays empty."""
    if not text:
        return ""
    form = "%Y-%m-%d %H:%M" if " " in text else "%Y-%m-%d"
    return utc(dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC))


def utc(at: dt.datetime) -> str:
    """Return the time in ISO 8601 with its zone."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def account(row: Row) -> Row:
    """Return an account; its flags are kept beside the contract's columns and used for nothing."""
    return {
        "account_id": row["account_id"],
        "name": row["account_name"],
        "industry": row["industry"],
        "country": row["country"],
        "created_at": moment(row["signup_date"]),
        "referral_source": row["referral_source"],
        "churn_flag": row["churn_flag"],
    }


def subscription(row: Row) -> Row | None:
    """Return a priced stretch of time; a trial is none."""
    if row["is_trial"] == "TRUE":
        return None
    return {
        "subscription_id": row["subscription_id"],
        "account_id": row["account_id"],
        "product": "RavenStack",
        "plan": row["plan_tier"],
        "seats": row["seats"],
        "mrr": row["mrr_amount"],
        "currency": "USD",
        "billing_period": row["billing_frequency"],
        "started_on": row["start_date"],
        "ended_on": row["end_date"],
        "cancelled_on": row["end_date"],
        "auto_renew": row["auto_renew_flag"],
    }


def ticket(row: Row) -> Row:
    """Return a ticket; the first response is given in minutes after it was submitted."""
    submitted = dt.datetime.strptime(row["submitted_at"], "%Y-%m-%d").replace(tzinfo=dt.UTC)
    minutes = float(row["first_response_time_minutes"])
    return {
        "ticket_id": row["ticket_id"],
        "account_id": row["account_id"],
        "priority": row["priority"],
        "status": "closed" if row["closed_at"] else "open",
        "created_at": utc(submitted),
        "first_response_at": utc(submitted + dt.timedelta(minutes=minutes)),
        "solved_at": moment(row["closed_at"]),
        "satisfaction_score": row["satisfaction_score"],
        "is_escalated": row["escalation_flag"],
    }


def churn_event(row: Row) -> Row:
    """Return an entry of the list of departures; used where a setting says so alone."""
    return {
        "churn_event_id": row["churn_event_id"],
        "account_id": row["account_id"],
        "churned_on": row["churn_date"],
        "reason_code": row["reason_code"],
        "is_reactivation": row["is_reactivation"],
    }


def event_mapping() -> Callable[[Row], Row]:
    """Return the mapping of a usage row, which knows its account only by the subscription."""
    owners = {row["subscription_id"]: row["account_id"] for row in read("subscriptions.csv")}

    def event(row: Row) -> Row:
        return {
            "event_id": row["usage_id"],
            "account_id": owners[row["subscription_id"]],
            "name": row["feature_name"],
            "occurred_at": moment(row["usage_date"]),
            "quantity": row["usage_count"],
            "duration_seconds": row["usage_duration_secs"],
            "error_count": row["error_count"],
            "subscription_id": row["subscription_id"],
        }

    return event


def write(folder: Path, name: str, source: str, mapping: Callable[[Row], Row | None]) -> int:
    """Write one table of the contract; return its number of rows."""
    rows = [mapped for row in read(source) if (mapped := mapping(row)) is not None]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def main(out: str) -> None:
    """Write all tables into the folder ``out``."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, source, mapping in (
        ("account", "accounts.csv", account),
        ("subscription", "subscriptions.csv", subscription),
        ("event", "feature_usage.csv", event_mapping()),
        ("ticket", "support_tickets.csv", ticket),
        ("churn_event", "churn_events.csv", churn_event),
    ):
        print(f"{name}.csv: {write(folder, name, source, mapping)} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python examples/ravenstack/to_contract.py OUT_DIR")
    main(sys.argv[1])
