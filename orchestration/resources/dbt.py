"""The dbt project as Dagster sees it; the manifest is made before the definitions are loaded."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource

from orchestration.resources.dbt_environment import (
    DBT_PROJECT,
    dbt_arguments,
    dbt_target_path,
    with_dbt_environment,
)
from orchestration.resources.dbt_failures import failed_nodes
from orchestration.resources.dbt_progress import DbtProgress, watched
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.clock import resolve_as_of
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.health_rules import load_health_rules
from warehouse.settings import Settings, load_settings

_PARSED = "partial_parse.msgpack"


def manifest_path() -> Path:
    """Return where `ensure_manifest` puts dbt's manifest.

    It is not the one in dbt's target folder: every build writes that anew, also one that a killed
    run left behind, while the next run may be reading it.
    """
    return dbt_target_path().parent / "manifest.json"


def ensure_manifest(warehouse: Warehouse, settings: Settings) -> Path:
    """Parse the dbt project unless the manifest at hand was made from the same files and settings.

    Raises
    ------
    CopilotError
        dbt cannot parse the project; the message holds dbt's own words.
    """
    target = manifest_path()
    stamp = target.with_suffix(".stamp")
    wanted = _project_hash(settings)
    if target.exists() and stamp.exists() and stamp.read_text() == wanted:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parse-", dir=target.parent) as draft:
        _parse(warehouse, settings, draft)
        stamp.unlink(missing_ok=True)
        Path(draft, target.name).replace(target)
        # The first build of the run goes on from here and need not parse the project again.
        dbt_target_path().mkdir(exist_ok=True)
        Path(draft, _PARSED).replace(dbt_target_path() / _PARSED)
    stamp.write_text(wanted)
    return target


def _parse(warehouse: Warehouse, settings: Settings, target: str) -> None:
    arguments = dbt_arguments(settings, resolve_as_of(settings))
    done = dbt_command(warehouse, "parse", *arguments, "--target-path", target)
    if done.returncode != 0:
        raise CopilotError(
            f"dbt cannot parse {DBT_PROJECT}:\n{(done.stdout + done.stderr)[-2000:]}",
            "Correct the model or the settings that dbt names.",
        )


def dbt_command(warehouse: Warehouse, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a dbt command that is no asset's, to its end; it may have failed."""
    return subprocess.run(
        [dbt_executable(), "--quiet", *arguments],
        env=with_dbt_environment(warehouse),
        capture_output=True,
        text=True,
        check=False,
    )


def dbt_executable() -> str:
    """Return the dbt of this environment (`dbt_process`), whatever the PATH says."""
    return str(Path(sys.executable).parent / "copilot-dbt")


def dbt_resource() -> DbtCliResource:
    """Return the resource that runs dbt; the connection comes from the environment."""
    return DbtCliResource(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=dbt_executable(),
    )


class CopilotTranslator(DagsterDbtTranslator):
    """Asset keys are schema and table, groups are layers; raw tables meet the sync assets."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return [layer, name] of a node, [schema, table] of a source, both without prefix."""
        if dbt_resource_props["resource_type"] == "source":
            schema = dbt_resource_props["schema"].removeprefix(load_settings().schema_prefix)
            return dg.AssetKey([schema, dbt_resource_props["name"]])
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer."""
        return _layer(dbt_resource_props)


def run_dbt(
    context: dg.AssetExecutionContext, run: CopilotRun, dbt: DbtCliResource, title: str
) -> Iterator[Any]:
    """Build the models of the calling dbt asset and say how it went.

    dbt's unit tests are left to `make test`: they look at made-up rows, not at the company's.
    """
    # Without a source that somebody wanted, scores would be wrong and nobody would see it.
    with readable_failures():
        run.settings.require_known_sources()
    run.say(f"dbt: building {title}")
    arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", _vars_argument(run)]
    if run.full_refresh:
        arguments.append("--full-refresh")
    invocation = dbt.cli(
        arguments, context=context, target_path=dbt_target_path(), raise_on_error=False
    )
    yield from watched(invocation.stream(), run.say, DbtProgress())
    if not invocation.is_successful():
        failed = failed_nodes(run.warehouse, dbt_target_path())
        raise dg.Failure(description=f"dbt failed in {title}:\n{failed}")
    run.say(f"dbt: {title} built and tested")


def _vars_argument(run: CopilotRun) -> str:
    arguments = dbt_arguments(run.settings, run.as_of_date)
    return arguments[arguments.index("--vars") + 1]


def _layer(props: Mapping[str, Any]) -> str:
    return str(props["config"].get("schema") or "analytics")


def _project_hash(settings: Settings) -> str:
    digest = hashlib.sha256(settings.model_dump_json().encode())
    # It may lie outside of dbt's project.
    digest.update(str(load_health_rules(settings.health_file).as_var()).encode())
    for path in sorted(DBT_PROJECT.rglob("*")):
        inside = path.relative_to(DBT_PROJECT).parts
        if path.is_file() and inside[0] not in ("target", "logs"):
            digest.update("/".join(inside).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
