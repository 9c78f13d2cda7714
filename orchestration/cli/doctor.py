"""`copilot doctor`: look at each part of the set-up and say what is wrong, in words."""

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import click
from sqlalchemy import text

from warehouse.database import open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.errors import CopilotError
from warehouse.health_rules import load_health_rules
from warehouse.settings import PROJECT_ROOT, copilot_home, load_settings, settings_path

_LOW_DISK_BYTES = 2 * 1024**3
_OLDEST_NODE = 20

_TO_PUBLISH = {
    "salesforce": ("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
    "hubspot": ("HUBSPOT_ACCESS_TOKEN",),
    "pipedrive": ("PIPEDRIVE_API_TOKEN",),
    "none": (),
}


def examine() -> int:
    """Print a line for each check; return 0 if all is well, else 1."""
    worst = 0
    checks: list[Callable[[], Iterator[str]]] = [
        _settings,
        _health_rules,
        _disk,
        _node,
        _database,
        _sources,
        _syncs,
        _airbyte,
        _credentials,
        _alerts,
    ]
    for check in checks:
        name = check.__name__.removeprefix("_").replace("_", " ")
        try:
            for line in check():
                click.echo(f"ok    {name}: {line}")
        except CopilotError as error:
            worst = 1
            click.echo(f"WRONG {name}: {error}")
    return worst


def _settings() -> Iterator[str]:
    settings = load_settings()
    settings.require_known_sources()
    yield f"{settings_path()}: sources {', '.join(settings.sources)}; crm {settings.crm}"
    if not {"stripe", "app"} & set(settings.sources):
        yield "no source knows who pays (stripe or app): nobody counts as a customer or is scored"


def _health_rules() -> Iterator[str]:
    file = load_settings().health_file
    rules = load_health_rules(file)
    yield f"{file or 'those that are shipped'}: {len(rules.measures)} measures"


def _disk() -> Iterator[str]:
    home = copilot_home()
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free
    if free < _LOW_DISK_BYTES:
        raise CopilotError(
            f"only {free // 1024**2} MB are free under {home}.",
            "Make room, or move COPILOT_HOME; the embedded database needs some GB.",
        )
    yield f"{free // 1024**3} GB free under {home}"


def _node() -> Iterator[str]:
    node = shutil.which("node")
    if node is None:
        raise CopilotError("node is not on the PATH.", "Install Node.js 20 or newer.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    number = version.stdout.strip().removeprefix("v")
    if int(number.split(".")[0]) < _OLDEST_NODE:
        raise CopilotError(f"node is {number}.", "Install Node.js 20 or newer.")
    if not (PROJECT_ROOT / "reports" / "node_modules").is_dir():
        raise CopilotError("the reports' packages are not installed.", "Run make setup.")
    yield f"{number}, reports' packages installed"


def _database() -> Iterator[str]:
    warehouse = open_warehouse(load_settings())
    with warehouse.engine().connect() as connection:
        version = connection.execute(text("show server_version")).scalar()
    kind = "named" if os.environ.get("COPILOT_DATABASE_URL") else "embedded"
    yield f"{warehouse.address} ({kind}, Postgres {version})"
    if kind == "embedded":
        yield f"server log: {EmbeddedServer(copilot_home()).log}"
    if not warehouse.existing_roles:
        yield "no copilot roles yet; the first run makes them where the server allows it"
    warehouse.dispose()


def _credentials() -> Iterator[str]:
    settings = load_settings()
    if settings.sample_company:
        yield "the synthetic company needs none"
        return
    missing = [name for name in _TO_PUBLISH[settings.crm] if not os.environ.get(name)]
    if missing:
        raise CopilotError(
            f"{', '.join(missing)} not set, so nothing can be published to {settings.crm}.",
            "Set them in the environment; they never stand in copilot.yml.",
        )
    yield "none needed to publish" if settings.crm == "none" else f"{settings.crm}'s are set"


def _sources() -> Iterator[str]:
    """Say of each vendor's system whether it can be read; all that is missing at once."""
    from connectors.sources.install import is_installed, python_for_connectors  # noqa: PLC0415
    from connectors.sources.registry import VENDORS  # noqa: PLC0415

    settings = load_settings()
    vendors = [VENDORS[name] for name in settings.sources if name in VENDORS]
    if settings.sample_company or not vendors:
        yield "no vendor's system is read"
        return
    problems: list[CopilotError] = []
    for vendor in vendors:
        try:
            vendor.configuration(settings, os.environ)
            if settings.airbyte.url is None:
                python_for_connectors(vendor)
        except CopilotError as error:
            problems.append(error)
            continue
        if settings.airbyte.url is not None:
            how = "read by the Airbyte server"
        elif is_installed(vendor, copilot_home()):
            how = f"{vendor.requirement} is installed"
        else:
            how = f"{vendor.requirement} will be installed when it is first read"
        yield f"{vendor.name}: settings and credentials are there; {how}"
    if problems:
        raise CopilotError("\n".join(map(str, problems)))


def _syncs() -> Iterator[str]:
    """Say when each source was last read; whether that is too long ago, a run asks dbt."""
    settings = load_settings()
    warehouse = open_warehouse(settings)
    ledger = f'"{warehouse.schema("ops")}".sync_run'
    query = (
        f"select source, max(finished_at) from {ledger}"  # noqa: S608
        " where status = 'succeeded' group by source"
    )
    with warehouse.engine().connect() as connection:
        is_there = connection.execute(text("select to_regclass(:name)"), {"name": ledger}).scalar()
        rows = connection.execute(text(query)).all() if is_there else []
        last = {str(row[0]): row[1] for row in rows}
    warehouse.dispose()
    for source in settings.sources:
        at = last.get(source)
        when = "never" if at is None else f"on {at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
        yield f"{source} was last read to the end: {when}"


def _airbyte() -> Iterator[str]:
    from orchestration.resources.airbyte import airbyte_client  # noqa: PLC0415

    settings = load_settings()
    if settings.airbyte.url is None:
        yield "no server; vendors' systems are read on this machine"
        return
    with airbyte_client(settings) as client:
        workspace = client.workspace_name()
    yield f"{settings.airbyte.url} answers; its workspace is called {workspace}"


def _alerts() -> Iterator[str]:
    """Say of each channel that a route names whether it can be used."""
    from orchestration.resources.alerts import openers  # noqa: PLC0415

    settings = load_settings()
    routes = settings.alerts.routes
    if not routes:
        yield "copilot.yml names no route, so nobody is told of anything"
    for channel in sorted({route.channel for route in routes}):
        yield f"{channel}: {openers(settings)[channel]().check()}"
