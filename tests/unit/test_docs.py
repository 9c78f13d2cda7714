"""The documents say what the project is: settings, commands, links, tables."""

import re
from collections.abc import Iterator

import click
import pytest
from pydantic import BaseModel

from connectors.sources.registry import VENDORS
from orchestration.cli.main import cli
from tests.unit.dbt_rules import Manifest
from warehouse.settings import PROJECT_ROOT, Settings

README = (PROJECT_ROOT / "README.md").read_text()
ELSEWHERE = {".venv", "node_modules", ".git", ".copilot", ".pytest_cache"}
DOCUMENTS = sorted(
    str(path.relative_to(PROJECT_ROOT))
    for path in PROJECT_ROOT.rglob("*.md")
    if not ELSEWHERE & set(path.relative_to(PROJECT_ROOT).parts)
    and "reports/" not in f"{path.relative_to(PROJECT_ROOT)}"
)


def _section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title}"
    return found.group(1)


def _first_cells(section: str) -> list[str]:
    """Return what stands in backticks in the first cell of each row of a section's tables."""
    rows = re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, field.default


def _commands(group: click.Group, prefix: str = "copilot") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_readme_lists_exactly_the_settings_there_are() -> None:
    listed = [name for name in _first_cells(_section("Settings")) if name == name.lower()]
    assert sorted(listed) == sorted(name for name, _ in _keys(Settings))


def test_readme_gives_the_defaults_of_the_settings() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", _section("Settings"), re.MULTILINE))
    for name, default in _keys(Settings):
        said = rows[name].strip("` ")
        if repr(default) == "PydanticUndefined":
            assert said == "(required)", name
        elif default in (None, "", (), {}, []):
            assert said == "none", name
        else:
            assert said.lower() == str(default).lower(), name


def test_readme_names_every_environment_variable_that_is_read() -> None:
    read: set[str] = set()
    whose = "COPILOT|SALESFORCE|HUBSPOT|PIPEDRIVE|AIRBYTE|SLACK|TEAMS|SMTP"
    called = rf'environ(?:ment)?(?:\.get\(|\[)\s*"((?:{whose})_[A-Z_]+)"'
    for package in ("warehouse", "connectors", "orchestration"):
        for path in (PROJECT_ROOT / package).rglob("*.py"):
            read.update(re.findall(called, path.read_text()))
    assert len(read) >= 8
    assert read <= set(_first_cells(_section("Settings")))


def test_readme_says_how_to_connect_each_source() -> None:
    section = _section("Connecting each source")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*)$", section, re.MULTILINE))
    assert set(rows) <= {*VENDORS, "app"}
    variables = set(_first_cells(_section("Settings")))
    for vendor in (VENDORS[name] for name in rows if name != "app"):
        connector, settings, named, permissions = rows[vendor.name].removesuffix(" |").split(" | ")
        assert connector == f"{vendor.program.removeprefix('source-')} {vendor.version}"
        asked = {name for names in vendor.credentials for name in names}
        assert set(re.findall(r"`([A-Z_]+)`", named)) == asked, vendor.name
        assert asked <= variables, vendor.name
        assert set(re.findall(r"`([a-z_.]+)`", settings)) <= variables, vendor.name
        assert permissions


def test_readme_lists_exactly_the_commands_there_are() -> None:
    listed = {
        re.sub(r"\s+(\[.*|[A-Z]{2,}.*)$", "", name) for name in _first_cells(_section("Commands"))
    }
    assert listed == set(_commands(cli))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_copilot_command_that_a_document_shows_exists(document: str) -> None:
    text = (PROJECT_ROOT / document).read_text()
    known = set(_commands(cli))
    groups = "|".join(name for name, one in cli.commands.items() if isinstance(one, click.Group))
    for shown in re.findall(rf"(?:`|    |bin/)copilot ((?:(?:{groups}) )?[a-z]+)", text):
        assert f"copilot {shown}" in known, shown


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_a_document_shows_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (PROJECT_ROOT / document).read_text()
    shown = set(re.findall(r"(?:^    |`)make ([a-z]+)", text, re.MULTILINE))
    assert shown <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_resolve_inside_the_project(document: str) -> None:
    path = PROJECT_ROOT / document
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            linked = (path.parent / target.split("#")[0]).resolve()
            assert linked.exists(), target
            assert linked.is_relative_to(PROJECT_ROOT), target


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_that_a_guide_names_exists(document: str) -> None:
    text = (PROJECT_ROOT / document).read_text()
    roots = (PROJECT_ROOT, PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "dbt_project" / "models")
    for name in re.findall(r"`([a-z_.]+/[\w./*-]+)`", text):
        pattern = name.rstrip("/")
        assert any(list(root.glob(pattern)) for root in roots), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_a_place_on_somebody_s_machine(document: str) -> None:
    text = (PROJECT_ROOT / document).read_text()
    assert re.findall(r"(?<![\w:/.>*-])/[a-z]+/[a-z]+", re.sub(r"<?https?://\S+", "", text)) == []
    assert re.findall(r"(?<![\w/])\.\./", text) == []


def test_readme_s_tables_are_built_or_migrated(manifest: Manifest) -> None:
    built = {
        f"{node['config']['schema']}.{node['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    migrations = "".join(
        path.read_text()
        for path in (PROJECT_ROOT / "warehouse" / "migrations" / "versions").glob("*.py")
    )
    for table in _first_cells(_section("Tables")):
        if table.split(".")[0] in ("ml", "ops"):
            assert f'"{table.split(".")[1]}"' in migrations, table
        else:
            assert table in built, table


def test_sample_data_is_called_synthetic() -> None:
    assert "synthetic company" in README
    for path in [PROJECT_ROOT / "copilot.yml", *PROJECT_ROOT.glob("examples/*/copilot.yml")]:
        assert "synthetic" in path.read_text(), path
