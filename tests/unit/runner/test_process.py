"""The source as a process: its lines, its end, its secrets."""

import sys
import time

import psutil
import pytest

from connectors.runner.discovery import discover
from connectors.runner.failures import SourceError
from connectors.runner.process import Mask, SourceProcess
from connectors.runner.protocol import CatalogStream, ConfiguredStream, SyncMode, resolve
from connectors.sources.registry import CREDENTIALS
from warehouse.errors import CopilotError


def run(code: str, silence: float = 30) -> list[bytes]:
    command = [sys.executable, "-c", code]
    with SourceProcess(command, {}, "test", silence_seconds=silence) as process:
        return [line for _, line in process.lines("read")]


def test_lines_are_split_wherever_the_output_was_cut() -> None:
    code = """
import os, time
for part in (b"one\\ntw", b"o\\n\\nth", b"ree"):
    os.write(1, part); time.sleep(0.05)
"""
    assert run(code) == [b"one", b"two", b"three"]


def test_a_line_longer_than_the_pipe_arrives_whole() -> None:
    assert run("print('x' * 3_000_000)") == [b"x" * 3_000_000]


def test_an_exit_code_fails_with_the_last_words_on_standard_error() -> None:
    with pytest.raises(SourceError, match="exit code 3: no such key"):
        run("import sys; print('no such key', file=sys.stderr); sys.exit(3)")


def test_a_signal_is_named() -> None:
    with pytest.raises(SourceError, match="signal SIGKILL"):
        run("import os; os.kill(os.getpid(), 9)")


def test_a_silent_source_and_its_children_are_killed() -> None:
    code = "import subprocess, time; subprocess.Popen(['sleep', '987']); time.sleep(987)"
    with pytest.raises(SourceError, match="wrote nothing for 1 seconds"):
        run(code, silence=1)
    time.sleep(0.1)
    left = [p.info["cmdline"] for p in psutil.process_iter(["cmdline", "status"])
            if p.info["status"] != psutil.STATUS_ZOMBIE]  # fmt: skip
    assert ["sleep", "987"] not in left


def test_no_credentials_are_handed_to_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ("COPILOT_DATABASE_URL", "AIRBYTE_CLIENT_ID", "AIRBYTE_CLIENT_SECRET")
    others = (*CREDENTIALS, "DBT_ENV_SECRET_COPILOT_PASSWORD", "SALESFORCE_PASSWORD")
    for name in (*own, *others, "HTTPS_PROXY"):
        monkeypatch.setenv(name, "given-to-the-copilot")
    code = "import os; print(*(k for k, v in os.environ.items() if v == 'given-to-the-copilot'))"
    command = [sys.executable, "-c", code]
    with SourceProcess(command, {}, "test", withheld=CREDENTIALS) as process:
        assert [line for _, line in process.lines("read")] == [b"HTTPS_PROXY"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "CATALOG", "catalog": {}},
        {"type": "CATALOG", "catalog": {"streams": [{"json_schema": {}}]}},
        {"type": "CATALOG", "catalog": None},
        {"type": "LOG", "log": "starting"},
    ],
)
def test_a_catalog_without_its_parts_is_told_as_such(message: dict) -> None:
    command = [sys.executable, "-c", f"import json; print(json.dumps({message!r}))"]
    words = f"desk could not list its streams: line 1 .* a {message['type']} message without its"
    with pytest.raises(CopilotError, match=words):
        discover(command, {}, "desk")


def test_secrets_are_masked_wherever_they_lie_in_the_config() -> None:
    mask = Mask({"a": {"client_secret": "abc123"}, "credentials": [{"x": 'dd"d'}], "id": "acme"})
    assert mask('abc123 dd"d dd\\"d acme') == "**** **** **** acme"


def said(code: str) -> list[str]:
    command = [sys.executable, "-c", code]
    with SourceProcess(command, {"api_key": "s3cret"}, "test") as process:
        return [message["type"] for _, message in process.messages("read")]


def test_what_a_connector_prints_goes_to_the_log_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    code = """
for n in range(9): print("warming up with s3cret", n)
print('{"type": "LOG", "log": {}}')
print('{"level": "info", "note": "some other tool"}')
"""
    assert said(code) == ["LOG"]
    assert "test printed: warming up with **** 4" in caplog.messages
    assert "test printed 5 lines more" in caplog.messages
    assert len(caplog.messages) == 6


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "RECORD", "record": {"stream": "it',  # its end is missing
        'em", "data": {"id": 1}, "emitted_at": 1}}',  # its beginning is missing
        'warming up{"type": "RECORD", "record": {}}',
        'warming up {"type": "RECORD", "record": {}} done',
        'warming up{"type": "RECORD", "record": {"str',
        '{"type": 7}',
    ],
)
def test_a_line_that_may_hold_a_torn_message_fails(line: str) -> None:
    code = f'print(\'{{"type": "LOG"}}\')\nprint({line!r})'
    with pytest.raises(SourceError, match="line 2 of its output is not a message"):
        said(code)


def test_a_connector_that_says_nothing_of_the_protocol_fails() -> None:
    with pytest.raises(SourceError, match="none of the 2 lines of its output is a message"):
        said("print('usage: source read'); print('try --help')")


CATALOG = [
    CatalogStream.from_json(
        {
            "name": "a",
            "json_schema": {"properties": {"id": {"type": "string"}}},
            "supported_sync_modes": ["full_refresh", "incremental"],
            "source_defined_primary_key": [["id"]],
        }
    ),
    CatalogStream.from_json({"name": "b", "json_schema": {}}),
    CatalogStream.from_json(
        {
            "name": "nested",
            "json_schema": {"properties": {"ids": {"type": "object"}}},
            "supported_sync_modes": ["full_refresh", "incremental"],
            "source_defined_primary_key": [["ids", "main"]],
        }
    ),
]


def test_the_mode_follows_what_the_source_can_do() -> None:
    modes = [resolve(ConfiguredStream(name), CATALOG).mode for name in ("a", "b", "nested")]
    overwritten = SyncMode.FULL_REFRESH_OVERWRITE
    assert modes == [SyncMode.INCREMENTAL_APPEND_DEDUP, overwritten, overwritten]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (ConfiguredStream("c"), "no stream 'c'; its streams: a, b, nested"),
        (ConfiguredStream("b", SyncMode.INCREMENTAL_APPEND), "cannot read .* 'b' incrementally"),
        (
            ConfiguredStream("nested", SyncMode.INCREMENTAL_APPEND_DEDUP),
            "'nested' has no primary key to deduplicate by",
        ),
        (ConfiguredStream("a", primary_key=("nope",)), "primary key of 'a' names unknown"),
    ],
)
def test_what_a_source_cannot_do_is_said(wanted: ConfiguredStream, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        resolve(wanted, CATALOG)
