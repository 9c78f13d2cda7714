"""Drive the `copilot` command as a person would, each company in a home of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from connectors.sandbox.process import ensure_running, stop
from warehouse.database import Warehouse, open_warehouse
from warehouse.embedded import EmbeddedServer
from warehouse.settings import load_settings

COPILOT = str(Path(sys.executable).parent / "copilot")

SMALL_SAMPLE = """\
company_name: Tiny Test Company (synthetic)
sources: [salesforce, zendesk, mixpanel, stripe]
crm: salesforce
sample_company: true
sample: {accounts: 120, months: 18, seed: 11}
"""


@dataclass
class Company:
    """A company under test: settings, home and what the command says.

    Parameters
    ----------
    home : Path
        ``COPILOT_HOME``.
    settings : str
        Content of its ``copilot.yml``.
    environment : dict
        Further variables.
    """

    home: Path
    settings: str = SMALL_SAMPLE
    environment: dict[str, str] = field(default_factory=dict)
    first_run: str = ""
    first_fingerprint: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.settings_file.write_text(self.settings)

    @property
    def settings_file(self) -> Path:
        return self.home / "copilot.yml"

    def variables(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("COPILOT_")}
        return {
            **kept,
            "COPILOT_HOME": str(self.home),
            "COPILOT_SETTINGS": str(self.settings_file),
            **self.environment,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COPILOT, *arguments],
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def copilot(self, *arguments: str, succeeds: bool = True) -> str:
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=1500)
        assert (process.returncode == 0) is succeeds, said
        return said

    def warehouse(self) -> Warehouse:
        before = {key: value for key, value in os.environ.items() if key.startswith("COPILOT_")}
        try:
            for key in before:
                del os.environ[key]
            os.environ.update(
                {k: v for k, v in self.variables().items() if k.startswith("COPILOT_")}
            )
            return open_warehouse(load_settings())
        finally:
            for key in [key for key in os.environ if key.startswith("COPILOT_")]:
                del os.environ[key]
            os.environ.update(before)

    def crm_accounts(self, *fields: str) -> dict[str, tuple[Any, ...]]:
        """Return fields of the CRM's accounts that the copilot has written to, by id."""
        sandbox = ensure_running(self.home)
        grant = {
            "grant_type": "client_credentials",
            "client_id": sandbox.credentials["client_id"],
            "client_secret": sandbox.credentials["client_secret"],
        }
        token = requests.post(f"{sandbox.url}/services/oauth2/token", grant, timeout=30).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        columns = ", ".join(("Id", *fields))
        query = f"SELECT {columns} FROM Account WHERE Copilot_As_Of__c != null ORDER BY Id"
        url: str | None = f"{sandbox.url}/services/data/v60.0/query?{urlencode({'q': query})}"
        found = {}
        while url:
            answer = requests.get(url, headers=headers, timeout=30).json()
            for record in answer["records"]:
                found[record["Id"]] = tuple(record[field] for field in fields)
            url = None if answer["done"] else sandbox.url + answer["nextRecordsUrl"]
        return found

    def stop(self) -> None:
        stop(self.home)
        EmbeddedServer(self.home).stop()


LASTING = ("marts", "features", "health", "success", "publish", "ml")
RAW = ("raw_salesforce", "raw_zendesk", "raw_mixpanel", "raw_stripe")
PASSING = ("scored_at", "trained_at", "decided_at", "registered_at", "measured_at")
PASSING += ("content", "sha256")
OF_ONE_RUN = "rpt_publish_row"  # what the last publish left undone, which is not the same each time
PASSING += ("_airbyte_raw_id", "_airbyte_extracted_at", "_airbyte_meta", "_airbyte_generation_id")


def fingerprint(
    warehouse: Warehouse, schemas: tuple[str, ...], without: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return a hash of each table's content, whatever the order of its rows.

    Times and numbers of writing do not count, nor a model's bytes: its archive holds the time it
    was packed.
    """
    hashes = {}
    with warehouse.connect() as connection:
        for schema in schemas:
            tables = connection.execute(
                "select table_name from information_schema.tables where table_schema = %s",
                (warehouse.schema(schema),),
            ).fetchall()
            for (table,) in tables:
                if table == OF_ONE_RUN:
                    continue
                row = connection.execute(
                    "select md5(coalesce(string_agg(h, '' order by h), '')) from (select md5("
                    f'(to_jsonb(t) - %s::text[])::text) as h from "{warehouse.schema(schema)}"'
                    f'."{table}" as t) as rows',
                    ([*PASSING, *without],),
                ).fetchone()
                assert row is not None
                hashes[f"{schema}.{table}"] = row[0]
    return hashes
