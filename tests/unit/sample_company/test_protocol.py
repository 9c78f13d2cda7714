"""Commands answer in the Airbyte protocol; reading resumes without loss; half a cache never is."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sources.sample_company import cache
from connectors.sources.sample_company.__main__ import main
from connectors.sources.sample_company.cache import company_folder
from connectors.sources.sample_company.catalog import load_catalog
from connectors.sources.sample_company.config import WorldConfig, parse_config
from connectors.sources.sample_company.simulation import company as company_module
from tests.unit.sample_company.conftest import SMALL, Told, read, told
from warehouse.errors import CopilotError

LOOKBACK = 2 * 86_400
REPOSITORY = Path(__file__).resolve().parents[3]


def run(capsysbinary: pytest.CaptureFixture[bytes], *arguments: object) -> tuple[int, Told]:
    code = main([str(argument) for argument in arguments])
    return code, told(capsysbinary.readouterr().out)


def config_file(tmp_path: Path, **settings: Any) -> Path:
    path = tmp_path / "config.json"
    path.write_bytes(orjson.dumps({"accounts": 120, "months": 12, "seed": 3, **settings}))
    return path


def catalog_file(tmp_path: Path, vendor: str, names: set[str], mode: str = "incremental") -> Path:
    streams = [one for one in load_catalog(vendor) if one["name"] in names]
    path = tmp_path / "catalog.json"
    entries = [{"stream": one, "sync_mode": mode} for one in streams]
    path.write_bytes(orjson.dumps({"streams": entries}))
    return path


def test_spec_names_the_required_settings(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code, answer = run(capsysbinary, "spec")
    assert code == 0
    assert answer.messages[0]["type"] == "SPEC"
    required = answer.messages[0]["spec"]["connectionSpecification"]["required"]
    assert set(required) == {"emulate", "cache_dir"}


def test_check_says_what_is_wrong(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    good = config_file(tmp_path, emulate="stripe", cache_dir=str(tmp_path / "cache"))
    _, answer = run(capsysbinary, "check", "--config", good)
    assert answer.messages[0]["connectionStatus"]["status"] == "SUCCEEDED"
    bad = config_file(tmp_path, emulate="stripe", cache_dir="x", accounts=7)
    _, answer = run(capsysbinary, "check", "--config", bad)
    status = answer.messages[0]["connectionStatus"]
    assert status["status"] == "FAILED"
    assert "accounts" in status["message"]


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"emulate": "sugarcrm", "cache_dir": "x"}, "emulate"),
        ({"emulate": "stripe", "crm": "sugarcrm", "cache_dir": "x"}, "crm"),
        ({"emulate": "stripe"}, "cache_dir"),
        ({"emulate": "stripe", "cache_dir": "x", "months": 61}, "months"),
        ({"emulate": "stripe", "cache_dir": "x", "seed": "7"}, "seed"),
        ({"emulate": "salesforce", "cache_dir": "x"}, "crm_url"),
    ],
)
def test_a_wrong_setting_is_named(raw: dict[str, Any], key: str) -> None:
    with pytest.raises(CopilotError, match=f"^{key}:"):
        parse_config(raw)


def test_discover_gives_the_catalogue(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = config_file(tmp_path, emulate="zendesk", cache_dir=str(tmp_path))
    code, answer = run(capsysbinary, "discover", "--config", config)
    assert code == 0
    names = {one["name"] for one in answer.messages[-1]["catalog"]["streams"]}
    assert "satisfaction_ratings" in names


def test_read_brackets_records_with_statuses_and_acknowledges_all_of_them(
    company: Path, cache_dir: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = config_file(tmp_path, emulate="stripe", cache_dir=str(cache_dir))
    catalog = catalog_file(tmp_path, "stripe", {"customers", "prices"})
    code, answer = run(capsysbinary, "read", "--config", config, "--catalog", catalog)
    assert code == 0
    for name in ("customers", "prices"):
        traces = [
            m["trace"]["stream_status"]["status"]
            for m in answer.messages
            if m["type"] == "TRACE"
            and m["trace"]["stream_status"]["stream_descriptor"]["name"] == name
        ]
        assert traces == ["STARTED", "RUNNING", "COMPLETE"]
        acknowledged = sum(
            m["state"]["sourceStats"]["recordCount"]
            for m in answer.messages
            if m["type"] == "STATE" and m["state"]["stream"]["stream_descriptor"]["name"] == name
        )
        assert acknowledged == len(answer.records[name]) > 0


def test_an_unknown_stream_is_an_error_that_names_it(
    cache_dir: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = config_file(tmp_path, emulate="stripe", cache_dir=str(cache_dir))
    catalog = tmp_path / "catalog.json"
    catalog.write_text('{"streams": [{"stream": {"name": "charges"}, "sync_mode": "incremental"}]}')
    code, answer = run(capsysbinary, "read", "--config", config, "--catalog", catalog)
    assert code == 1
    assert "charges" in answer.messages[-1]["trace"]["error"]["message"]


@pytest.mark.parametrize("content", ["{", "[1]", '{"streams": [{}]}'])
def test_a_broken_catalogue_is_an_error_not_a_traceback(
    content: str, cache_dir: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    config = config_file(tmp_path, emulate="stripe", cache_dir=str(cache_dir))
    catalog = tmp_path / "catalog.json"
    catalog.write_text(content)
    code, answer = run(capsysbinary, "read", "--config", config, "--catalog", catalog)
    assert code == 1
    assert "--catalog" in answer.messages[-1]["trace"]["error"]["message"]


def seconds(text: str) -> float:
    import datetime as dt

    return dt.datetime.fromisoformat(text).timestamp()


def halves(whole: Told, stop: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return what was read up to the checkpoint number `stop`, and its state."""
    seen, checkpoints = [], 0
    for message in whole.messages:
        if message["type"] == "RECORD":
            seen.append(message["record"]["data"])
        elif message["type"] == "STATE":
            if checkpoints == stop:
                return seen, message["state"]["stream"]["stream_state"]
            checkpoints += 1
    raise AssertionError(f"there are only {checkpoints} checkpoints")


def with_latecomers(whole: Told) -> list[int]:
    """Return the checkpoints after which an event arrives that happened before them."""
    found = []
    for stop in range(len(whole.states())):
        seen, state = halves(whole, stop)
        rest = whole.records["export"][len(seen) :]
        if any(event["time"] < state["time"] for event in rest):
            found.append(stop)
    return found


def test_a_read_that_resumes_loses_no_event_and_repeats_only_the_lookback(company: Path) -> None:
    whole = read(company, "mixpanel", "export")
    everything = {event["insert_id"] for event in whole.records["export"]}
    checkpoints = with_latecomers(whole)
    assert len(checkpoints) > 5
    for stop in (0, *checkpoints[:: len(checkpoints) // 3]):
        seen, state = halves(whole, stop)
        again = read(company, "mixpanel", "export", state).records["export"]
        assert {event["insert_id"] for event in seen + again} == everything
        assert min(seconds(event["time"]) for event in again) >= seconds(state["time"]) - LOOKBACK
        assert len(again) < len(whole.records["export"])


@pytest.mark.parametrize(
    ("vendor", "name", "cursor"),
    [
        ("stripe", "invoices", "updated"),
        ("zendesk", "tickets", "generated_timestamp"),
        ("zendesk", "users", "updated_at"),
        ("mixpanel", "engage", "last_seen"),
    ],
)
def test_a_second_read_gives_only_what_lies_on_the_cursor(
    vendor: str, name: str, cursor: str, company: Path
) -> None:
    first = read(company, vendor, name)
    state = first.states()[-1]
    second = read(company, vendor, name, state)
    assert {record[cursor] for record in second.records[name]} == {state[cursor]}
    assert second.states()[-1] == state


def test_checkpoints_come_at_least_every_ten_thousand_records(company: Path) -> None:
    since = 0
    for message in read(company, "mixpanel", "export").messages:
        since = since + 1 if message["type"] == "RECORD" else since
        since = 0 if message["type"] == "STATE" else since
        assert since <= 10_000


def test_a_state_that_is_no_time_is_named(company: Path) -> None:
    with pytest.raises(CopilotError, match="export"):
        read(company, "mixpanel", "export", {"time": "yesterday"})


def test_a_failed_simulation_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(folder: Path, *_: object) -> None:
        (folder / "half.parquet").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(company_module, "write_company", burst)
    with pytest.raises(CopilotError, match="No space left on device"):
        company_folder(tmp_path, SMALL)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]


def test_a_killed_simulation_leaves_no_half_company(tmp_path: Path) -> None:
    settings = WorldConfig(accounts=100, months=12, seed=5)
    code = (
        "from pathlib import Path\n"
        "from connectors.sources.sample_company.cache import company_folder\n"
        "from connectors.sources.sample_company.config import WorldConfig\n"
        f"company_folder(Path({str(tmp_path)!r}), WorldConfig(100, 12, 5))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*.part-*/stripe")) and time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / settings.digest()).exists()
    assert list(tmp_path.glob("*.part-*"))
    folder = company_folder(tmp_path, settings)
    assert orjson.loads((folder / "counts.json").read_bytes())["export"] > 0
    assert not list(tmp_path.glob("*.part-*"))


def test_a_company_on_disk_is_not_simulated_again(
    company: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_make", lambda *_: pytest.fail("simulated again"))
    assert company_folder(cache_dir, SMALL) == company


def test_readers_that_ask_at_once_wait_for_one_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def slow(folder: Path, *_: object) -> None:
        calls.append(folder)
        time.sleep(0.3)
        (folder / "whole.parquet").write_text("whole")

    monkeypatch.setattr(company_module, "write_company", slow)
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: company_folder(tmp_path, SMALL), range(4)))
    assert len(calls) == 1
    assert len(set(folders)) == 1
    assert (folders[0] / "whole.parquet").exists()


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(CopilotError, match=r"file"):
        company_folder(blocked, SMALL)
    shutil.rmtree(tmp_path, ignore_errors=True)
