"""`copilot watch`: notices what lands between two nights, until interrupted."""

import signal
import time
from threading import Event

import click

from warehouse.database import open_warehouse
from warehouse.migrations import migrate
from warehouse.settings import load_settings


def watch_all(*, once: bool) -> None:
    """Look every few seconds at what landed, or once, and work on what is severe."""
    from orchestration.resources.soon_watch import Watcher  # noqa: PLC0415

    settings = load_settings()
    settings.require_known_sources()
    if not settings.soon.enabled:
        click.echo("copilot.yml says soon.enabled: false, so everything waits for the night.")
        return
    started = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"[{time.monotonic() - started:6.1f} s] {words}")

    warehouse = open_warehouse(settings)
    try:
        migrate(warehouse, settings)
        watcher = Watcher(warehouse, settings, say)
        watcher.prepare()
        if once:
            if watcher.look() is None:
                say("nothing severe has landed")
            return
        over = Event()
        signal.signal(signal.SIGTERM, lambda *_: over.set())
        say(f"watching {', '.join(settings.sources)} every {settings.soon.every_seconds} s")
        watcher.stay(over)
    finally:
        warehouse.dispose()
