"""Which streams of a failed job can be done without, as the runner on one machine judges it."""

from collections.abc import Sequence

from connectors.airbyte.client import AirbyteClient
from connectors.airbyte.session import Document
from connectors.runner import ConfiguredStream
from connectors.runner.failures import is_refusal

_SUMMARY = "did not sync successfully"
_ENDED = "exited with non-zero exit code"


def left_out(
    client: AirbyteClient, streams: Sequence[ConfiguredStream], job_id: int
) -> dict[str, str]:
    """Return the optional streams that the vendor refused in a job, with its words.

    None if anything else failed in its last attempt: every other stream must be complete, and each
    failure a refusal, the source's summary, or the platform's word that the source has ended. The
    server tells a stream's state, but not which failure is whose; so each gets all refusals.
    """
    states = client.stream_states(job_id)
    refused = [stream for stream in streams if states.get(stream.name) != "COMPLETE"]
    failures = [one for one in client.last_failures(job_id) if not _only_sums_up(one)]
    if not all(stream.is_optional and stream.name in states for stream in refused):
        return {}
    if not failures or not all(_is_refusal(failure) for failure in failures):
        return {}
    words = "; ".join(dict.fromkeys(str(failure["externalMessage"]) for failure in failures))
    return {stream.name: words for stream in refused}


def _only_sums_up(failure: Document) -> bool:
    texts = (failure.get("externalMessage"), failure.get("internalMessage"))
    is_of_source = failure.get("failureOrigin") == "source"
    return is_of_source and any(_SUMMARY in str(text) or _ENDED in str(text) for text in texts)


def _is_refusal(failure: Document) -> bool:
    words, details = (str(failure.get(key) or "") for key in ("externalMessage", "internalMessage"))
    return failure.get("failureOrigin") == "source" and is_refusal(words, details)
