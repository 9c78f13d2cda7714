"""What a source has to offer."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.runner.failures import SourceError, advice, trace_error
from connectors.runner.process import SourceProcess
from connectors.runner.protocol import CatalogStream


def discover(
    command: Sequence[str], config: Mapping[str, Any], source: str, **how: Any
) -> list[CatalogStream]:
    """Ask the source for its catalog.

    Parameters
    ----------
    command, config, source, **how
        As `SourceProcess` takes them.

    Raises
    ------
    CopilotError
        The source failed, or answered no catalog.
    """
    process = SourceProcess(command, config, source, **how)
    reported: SourceError | None = None
    streams: list[CatalogStream] | None = None
    try:
        with process:
            for number, message in process.messages("discover"):
                try:
                    reported = trace_error(message, process.mask) or reported
                    streams = _take(message, process) or streams
                except (KeyError, TypeError, AttributeError) as error:
                    raise SourceError.without_parts(number, message, error) from error
        if streams is None:
            raise SourceError("it answered without a catalog")
    except SourceError as failure:
        cause = reported or failure
        raise cause.for_people(
            f"The source {source} could not list its streams: {cause}",
            f"{advice(str(cause), source)} Then run `copilot sync {source}` again.",
        ) from failure
    return streams


def _take(message: Mapping[str, Any], process: SourceProcess) -> list[CatalogStream] | None:
    """Return the streams if the message is the catalog."""
    if message["type"] == "LOG":
        process.log(message["log"])
    elif message["type"] == "CONTROL":
        process.control(message["control"])
    elif message["type"] == "CATALOG":
        return [CatalogStream.from_json(stream) for stream in message["catalog"]["streams"]]
    return None
