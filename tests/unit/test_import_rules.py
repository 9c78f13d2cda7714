"""The import rules of pyproject.toml hold, and each of them notices when it is broken."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from warehouse.settings import PROJECT_ROOT

PYPROJECT = PROJECT_ROOT / "pyproject.toml"
PACKAGES = (
    "orchestration.cli",
    "orchestration.definitions",
    "orchestration.defs",
    "orchestration.resources",
    "ml.churn",
    "ml.opportunity",
    "ml.identity",
    "ml.value",
    "ml.health",
    "ml.common",
    "connectors.airbyte.client",
    "connectors.alerts.channel",
    "connectors.sources.app",
    "connectors.sources.sample_company",
    "connectors.destinations.salesforce",
    "connectors.runner",
    "connectors.sandbox",
    "data_contracts.check",
    "warehouse.settings",
)


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def miniature(tmp_path: Path) -> Path:
    """Build a project of empty packages under the real project's import rules."""
    text = PYPROJECT.read_text()
    (tmp_path / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :])
    for package in PACKAGES:
        folder = tmp_path
        for part in package.split("."):
            folder = folder / part
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").touch()
    return tmp_path


def _add_import(project: Path, importer: str, imported: str) -> None:
    path = project.joinpath(*importer.split(".")) / "__init__.py"
    path.write_text(f"import {imported}\n")


def test_the_project_keeps_its_import_rules() -> None:
    done = _lint_imports(PROJECT_ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_project_without_imports_keeps_them(miniature: Path) -> None:
    done = _lint_imports(miniature)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("orchestration.defs", "ml.churn"),
        ("connectors.sources.app", "connectors.runner"),
        ("connectors.airbyte.client", "connectors.sources.app"),
        ("ml.churn", "ml.common"),
        ("data_contracts.check", "warehouse.settings"),
        ("orchestration.cli", "orchestration.definitions"),
    ],
)
def test_an_import_downwards_is_allowed(miniature: Path, importer: str, imported: str) -> None:
    _add_import(miniature, importer, imported)
    done = _lint_imports(miniature)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("warehouse.settings", "ml.common"),
        ("warehouse.settings", "orchestration.resources"),
        ("ml.common", "orchestration.resources"),
        ("connectors.runner", "orchestration.defs"),
        ("data_contracts.check", "orchestration.cli"),
        ("ml.churn", "connectors.runner"),
        ("connectors.runner", "ml.common"),
        ("connectors.sources.app", "data_contracts.check"),
        ("data_contracts.check", "ml.common"),
        ("connectors.sources.app", "connectors.destinations.salesforce"),
        ("connectors.destinations.salesforce", "connectors.sources.app"),
        ("connectors.runner", "connectors.sources.app"),
        ("connectors.sources.app", "connectors.airbyte.client"),
        ("connectors.runner", "connectors.airbyte.client"),
        ("connectors.sandbox", "connectors.destinations.salesforce"),
        ("connectors.sandbox", "connectors.runner"),
        ("connectors.alerts.channel", "connectors.destinations.salesforce"),
        ("connectors.sources.app", "connectors.sources.sample_company"),
        ("ml.churn", "ml.opportunity"),
        ("ml.identity", "ml.churn"),
        ("ml.value", "ml.churn"),
        ("ml.common", "ml.identity"),
        ("ml.common", "ml.churn"),
        ("orchestration.resources", "orchestration.defs"),
        ("orchestration.defs", "orchestration.cli"),
        ("orchestration.definitions", "orchestration.cli"),
    ],
)
def test_an_import_upwards_or_sideways_is_noticed(
    miniature: Path, importer: str, imported: str
) -> None:
    _add_import(miniature, importer, imported)
    done = _lint_imports(miniature)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
    assert f"{importer} -> {imported}" in done.stdout


def test_every_python_package_of_the_wheel_is_under_the_rules() -> None:
    configuration = tomllib.loads(PYPROJECT.read_text())["tool"]
    shipped = configuration["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(configuration["importlinter"]["root_packages"]) == sorted(shipped)
    assert sorted(configuration["mypy"]["packages"]) == sorted(shipped)
