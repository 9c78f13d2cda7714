"""The source's command line: ``spec``, ``check``, ``discover`` and ``read``."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import orjson
import requests

from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.catalog import Wanted, load_catalog, wanted_streams
from connectors.sources.sample_company.config import SourceConfig, parse_config, spec
from connectors.sources.sample_company.crm_client import CrmClient
from connectors.sources.sample_company.crm_live import live_crm
from connectors.sources.sample_company.crm_reader import (
    describe_streams,
    fill_if_empty,
    read_crm_stream,
)
from connectors.sources.sample_company.protocol import Output
from connectors.sources.sample_company.reader import read_stream
from connectors.sources.sample_company.translations import ensure_vendor
from warehouse.errors import CopilotError


def main(arguments: list[str] | None = None) -> int:
    """Run one protocol command and return the exit code."""
    options = _parser().parse_args(arguments)
    output = Output(sys.stdout.buffer)
    try:
        _run(options, output)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except CopilotError as error:
        output.error(str(error))
        return 1
    except (OSError, ValueError, requests.RequestException) as error:
        output.error(f"The synthetic company's source failed: {error}", "system_error", repr(error))
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m connectors.sources.sample_company",
        description="A synthetic company that speaks the Airbyte protocol.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("spec")
    for name in ("check", "discover", "read"):
        command = commands.add_parser(name)
        command.add_argument("--config", type=Path, required=True)
        if name == "read":
            command.add_argument("--catalog", type=Path, required=True)
            command.add_argument("--state", type=Path)
    return parser


def _run(options: argparse.Namespace, output: Output) -> None:
    if options.command == "spec":
        output.message({"type": "SPEC", "spec": spec()})
        return
    if options.command == "check":
        _check(options.config, output)
        return
    config = parse_config(_load(options.config, "--config"))
    if options.command == "discover":
        streams = _discover(config, output)
        output.message({"type": "CATALOG", "catalog": {"streams": streams}})
        return
    wanted = wanted_streams(config.emulate, _load(options.catalog, "--catalog"))
    states = _states(_load(options.state, "--state")) if options.state else {}
    _read(config, wanted, states, output)


def _load(path: Path, option: str) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        what = f"The file {path} given with {option} is not JSON: {error}."
        raise CopilotError(what, "Mend the file.") from error
    except OSError as error:
        what = f"The file {path} given with {option} cannot be read: {error.strerror}."
        raise CopilotError(what, "Name a file that exists.") from error


def _check(path: Path, output: Output) -> None:
    """Answer whether the configuration works; a failing one is an answer, not an error."""
    status = {"status": "SUCCEEDED"}
    try:
        config = parse_config(_load(path, "--config"))
        config.cache_dir.mkdir(parents=True, exist_ok=True)
        if config.emulate == "salesforce":
            _client(config).login()
        if (live := live_crm(config)) is not None:
            live.describe()
    except (CopilotError, OSError) as error:
        status = {"status": "FAILED", "message": str(error)}
    output.message({"type": "CONNECTION_STATUS", "connectionStatus": status})


def _client(config: SourceConfig) -> CrmClient:
    return CrmClient(config.crm_url or "", config.client_id, config.client_secret)


def _discover(config: SourceConfig, output: Output) -> list[dict[str, Any]]:
    try:
        if (live := live_crm(config)) is not None:
            return live.describe()
        if config.emulate == "salesforce":
            client = _client(config)
            client.login()
            return describe_streams(client)
    except CopilotError as error:
        output.log(f"Using the built-in catalogue, without the CRM's own fields: {error}", "WARN")
    return load_catalog(config.emulate)


def _states(raw: Any) -> dict[str, dict[str, Any]]:
    """Return the state of each stream from a list of AirbyteStateMessage."""
    try:
        entries = raw if isinstance(raw, list) else [raw] if raw else []
        return {
            one["stream"]["stream_descriptor"]["name"]: one["stream"].get("stream_state") or {}
            for one in entries
        }
    except (KeyError, TypeError, AttributeError) as error:
        what = f"The state given with --state is not a list of STREAM states: {error!r}."
        raise CopilotError(what, "Give what `read` wrote, or leave it out.") from error


def _read(
    config: SourceConfig, wanted: list[Wanted], states: dict[str, dict[str, Any]], output: Output
) -> None:
    if config.emulate == "salesforce":
        client = _client(config)
        client.login()
        fill_if_empty(
            client, lambda: company_folder(config.cache_dir, config.world, output.log), output.log
        )
        for stream in wanted:
            count = read_crm_stream(output, client, stream, states.get(stream.name, {}))
            output.log(f"Read {count} records of {stream.name}")
        return
    company = company_folder(config.cache_dir, config.world, output.log)
    folder = ensure_vendor(company, config.emulate, output.log)
    live = live_crm(config)
    if live is not None:
        live.fill(folder, output.log)
    for stream in wanted:
        state = states.get(stream.name, {})
        if live is not None and stream.name in live.streams:
            count = live.read(output, stream, state)
        else:
            count = read_stream(output, folder, stream, state, config.emulate, config.crm)
        output.log(f"Read {count} records of {stream.name}")


if __name__ == "__main__":
    sys.exit(main())
