"""After an interruption: read back what may have been applied, and settle it in the ledger."""

from collections import defaultdict
from typing import Any

from connectors.destinations.salesforce.client import SalesforceClient
from connectors.destinations.salesforce.fields import BY_API_NAME, OBJECT
from connectors.destinations.salesforce.ledger import Intent, Ledger, Outcome
from connectors.destinations.salesforce.plan import missing_words


def reconcile(client: SalesforceClient, ledger: Ledger) -> int:
    """Settle the intents that earlier runs left open; return how many there were.

    A row whose values are in Salesforce was applied. One whose values are not was not, and is
    deferred: the plan of this run sends it again.
    """
    intents = ledger.open_intents()
    if not intents:
        return 0
    visible = client.describe(OBJECT)
    fields = [name for name in BY_API_NAME if name in visible]
    ids = list(dict.fromkeys(intent.record_id for intent in intents))
    there = client.read(OBJECT, ids, fields)
    by_run: dict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_run[intent.run_id].append(intent)
    for run_id, members in by_run.items():
        outcomes = [_outcome(intent, there.get(intent.record_id[:15])) for intent in members]
        applied = sum(outcome.state == "applied" for outcome in outcomes)
        ledger.record(
            run_id,
            outcomes,
            settled=[intent.intent_id for intent in members],
            audit=("read_back", {"records": len(members), "applied": applied}),
        )
    return len(intents)


def _outcome(intent: Intent, there: dict[str, Any] | None) -> Outcome:
    words = missing_words(there)
    if there is None or words:
        return Outcome(intent.record_id, "rejected", words)
    is_there = all(
        BY_API_NAME[name].normal(there.get(name)) == BY_API_NAME[name].normal(value)
        for name, value in intent.payload.items()
    )
    if is_there:
        return Outcome(intent.record_id, "applied", "Read back after an interruption.")
    return Outcome(
        intent.record_id, "deferred", "Not applied when read back after an interruption."
    )
