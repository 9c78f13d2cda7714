"""Connectors in environments of their own: pinned, whole or not there, one installer at a time."""

import hashlib
import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from connectors.sources import install
from connectors.sources.install import ensure_connector, environment_folder, lock_file
from connectors.sources.registry import VENDORS
from connectors.sources.source import VendorSource
from warehouse.errors import CopilotError, TransientError

PROGRAM = "def run():\n    print('hello from 1.2')\n"
FILES = {
    "source_fake.py": PROGRAM,
    "airbyte_source_fake-1.2.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: airbyte-source-fake\nVersion: 1.2\n"
    ),
    "airbyte_source_fake-1.2.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    "airbyte_source_fake-1.2.dist-info/entry_points.txt": (
        "[console_scripts]\nsource-fake = source_fake:run\n"
    ),
    "airbyte_source_fake-1.2.dist-info/RECORD": "",
}
FAKE = VendorSource(
    name="fake",
    title="Fake",
    requirement="airbyte-source-fake==1.2",
    definition="fake",
    streams=(),
    credentials=(),
    configure=lambda settings, secrets: {},
)


@pytest.fixture(params=["uv", "pip"])
def installer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install with either tool; both read their options from the environment."""
    if request.param == "pip":
        monkeypatch.setattr(install, "_uv", lambda: None)
    elif install._uv() is None:
        pytest.skip("uv is not there")
    return str(request.param)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of packages that stands for the registry, and the lock that pins them."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    wheel = folder / "airbyte_source_fake-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "connector.lock"
    lock.write_text(f"airbyte-source-fake==1.2 --hash=sha256:{digest}\n")
    monkeypatch.setattr(install, "lock_file", lambda vendor: lock)
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_CACHE", "1")
    return folder


def says(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_connector_is_installed_once_and_then_found(
    installer: str, shelf: Path, tmp_path: Path
) -> None:
    heard: list[str] = []
    command = ensure_connector(FAKE, tmp_path, heard.append)
    assert says(command) == "hello from 1.2\n"
    assert heard == ["installing the connector of Fake, airbyte-source-fake==1.2"]
    next(shelf.iterdir()).unlink()
    assert ensure_connector(FAKE, tmp_path, heard.append) == command
    assert len(heard) == 1


def test_a_half_made_environment_is_never_used(
    installer: str, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = install._run

    def killed(vendor: VendorSource, command: list[str]) -> None:
        whole(vendor, command)
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "_run", killed)
    with pytest.raises(KeyboardInterrupt):
        ensure_connector(FAKE, tmp_path)
    folder = environment_folder(FAKE, tmp_path)
    assert folder.exists()
    (folder / "left_behind").touch()
    monkeypatch.setattr(install, "_run", whole)
    assert says(ensure_connector(FAKE, tmp_path)) == "hello from 1.2\n"
    assert not (folder / "left_behind").exists()


def test_another_lock_makes_another_environment(shelf: Path, tmp_path: Path) -> None:
    before = environment_folder(FAKE, tmp_path)
    lock = tmp_path / "connector.lock"
    lock.write_text(lock.read_text() + "# a package more\n")
    assert environment_folder(FAKE, tmp_path) != before
    assert before.name.startswith("fake-1.2-")


def test_of_two_at_once_one_installs_and_both_find_it(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Path] = []
    real = install._install

    def counted(vendor: VendorSource, folder: Path) -> None:
        done.append(folder)
        real(vendor, folder)

    monkeypatch.setattr(install, "_install", counted)
    commands: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: commands.append(ensure_connector(FAKE, tmp_path)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert commands == [commands[0]] * 3


def test_a_package_other_than_the_pinned_one_is_refused(
    installer: str, shelf: Path, tmp_path: Path
) -> None:
    lock = tmp_path / "connector.lock"
    lock.write_text(f"airbyte-source-fake==1.2 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(CopilotError, match="connector of Fake .* could not be installed") as caught:
        ensure_connector(FAKE, tmp_path)
    assert not isinstance(caught.value, TransientError)


def test_a_registry_out_of_reach_is_named_and_worth_another_try(
    installer: str, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in ("PIP", "UV"):
        for option in ("NO_INDEX", "FIND_LINKS"):
            monkeypatch.delenv(f"{tool}_{option}")
        monkeypatch.setenv(f"{tool}_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(TransientError, match="Fake .* the package registry cannot be reached"):
        ensure_connector(FAKE, tmp_path)


def test_a_python_that_is_not_there_is_named(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "PYTHON", "3.4")
    with pytest.raises(CopilotError, match=r"connector of Fake needs Python 3\.4") as caught:
        ensure_connector(FAKE, tmp_path)
    assert "python3.4 is on the PATH" in caught.value.hint


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_the_lock_holds_the_pinned_connector(name: str) -> None:
    vendor = VENDORS[name]
    pins = lock_file(vendor).read_text().splitlines()
    assert f"{vendor.requirement} \\" in pins
    assert all("==" in line for line in pins if not line.startswith(("#", " ")))
