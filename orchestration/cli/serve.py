"""`copilot serve`: everything there is to see, on this machine, until interrupted."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from orchestration.cli.steps import prepare
from orchestration.resources.alert_standins import alert_standins
from orchestration.resources.crm import crm_pages_url
from warehouse.settings import PROJECT_ROOT, Settings


def serve_all(dagster_port: int) -> None:
    """Start Dagster, the watcher, the reports and the stand-ins; wait for Ctrl-C."""
    settings, warehouse = prepare()
    warehouse.dispose()
    processes = [
        subprocess.Popen(command, cwd=PROJECT_ROOT) for command in _commands(settings, dagster_port)
    ]
    click.echo(f"Dagster   http://127.0.0.1:{dagster_port}")
    click.echo(f"Reports   {settings.reports.base_url}")
    pages = crm_pages_url(settings)
    if pages:
        click.echo(f"CRM       {pages}")
    for name, info in alert_standins(settings).items():
        click.echo(f"{name.capitalize():<10}{info.url}")
    click.echo("Ctrl-C ends all of them.", nl=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            for process in processes:
                process.wait()
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)


def _commands(settings: Settings, dagster_port: int) -> list[list[str]]:
    folder = Path(sys.executable).parent
    module = ["-m", "orchestration.definitions"]
    report_address = urlsplit(settings.reports.base_url)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return [
        [str(folder / "dagster-webserver"), "-h", "127.0.0.1", "-p", str(dagster_port), *module],
        [str(folder / "dagster-daemon"), "run", *module],
        *([[str(folder / "copilot"), "watch"]] if settings.soon.enabled else []),
        [
            sys.executable,
            "-m",
            "orchestration.resources.report_server",
            "--port",
            str(report_address.port or 3000),
        ],
    ]
