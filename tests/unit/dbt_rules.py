"""The rules of the data's road, read off dbt's manifest: each function returns its violations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]
Node = dict[str, Any]

# What each layer may read. A layer is a schema, but for `marts`, which holds three of them.
READS = {
    "seed": set(),
    "staging": {"seed", "staging", "source", "given"},
    "intermediate": {"seed", "staging", "intermediate", "core", "snapshots"},
    # State, not output: what a record or a score was. No layer above may change it.
    "snapshots": {"intermediate", "health"},
    "core": {"seed", "intermediate", "core"},
    "features": {"seed", "intermediate", "core", "features"},
    "health": {"seed", "staging", "intermediate", "snapshots", "core", "health"},
    "success": {"seed", "intermediate", "core", "features", "health", "success", "prediction"},
    "reporting": {
        "seed",
        "intermediate",
        "core",
        "features",
        "health",
        "success",
        "reporting",
        "prediction",
        "ledger",
    },
    "publish": {"seed", "core", "health", "success", "reporting"},
}
# Tables that Python owns: what models said, what became of a run, and what a run is given.
OWN_SOURCES = {"ml": "prediction", "ops": "ledger", "operations": "given"}
FOUNDATION = {"seed", "staging", "intermediate", "snapshots", "core", "features", "health"}
PUBLIC = {"core", "features", "success", "reporting", "publish"}
# Daily states are kept in `intermediate` and read the facts of `marts` that they count.
CORE_FACT_READERS = re.compile(r"^int_\w+__(\w+_)?account_day$")

CLOCK = re.compile(
    r"\b(current_date|current_timestamp|current_time|localtime|localtimestamp|run_started_at)\b"
    r"|\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|getdate|sysdate)"
    r"\s*\("
    r"|\b(date|time|timestamp|timestamptz)\s*'(now|today|yesterday|tomorrow)'"
    r"|'(now|today|yesterday|tomorrow)'\s*(::|as\s+(date|time))"
    r"|\bmodules\s*\.\s*datetime\b|\bage\s*\(\s*[^,()]*\)",
    re.IGNORECASE,
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)


def layer(node: Node) -> str:
    """Return the layer of a model, seed or source."""
    if node["resource_type"] == "source":
        return OWN_SOURCES.get(str(node["source_name"]), "source")
    if node["resource_type"] == "seed":
        return "seed"
    schema = str(node["config"]["schema"])
    if schema != "marts":
        return schema
    if "outcome" in node["tags"]:
        return "reporting"
    return "health" if node["name"].startswith("fct_account_health") else "core"


def models(manifest: Manifest) -> list[Node]:
    """Return the enabled models and snapshots in the order of their names."""
    kinds = ("model", "snapshot")
    found = [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]
    return sorted(found, key=lambda node: str(node["name"]))


def parents(manifest: Manifest, node: Node) -> list[Node]:
    """Return the models, seeds and sources that a node reads."""
    known = manifest["nodes"] | manifest["sources"]
    return [known[unique_id] for unique_id in node["depends_on"]["nodes"]]


def ancestors(manifest: Manifest, node: Node) -> Iterator[Node]:
    """Yield everything a node rests on, however far down."""
    seen: set[str] = set()
    waiting = parents(manifest, node)
    while waiting:
        parent = waiting.pop()
        if parent["unique_id"] not in seen:
            seen.add(parent["unique_id"])
            yield parent
            if parent["resource_type"] in ("model", "snapshot"):
                waiting.extend(parents(manifest, parent))


def readers(manifest: Manifest, name: str) -> list[str]:
    """Return the models that read the model, seed or source of that name."""
    return [
        str(node["name"])
        for node in models(manifest)
        if any(parent["name"] == name for parent in parents(manifest, node))
    ]


def unknown_layers(manifest: Manifest) -> list[str]:
    """Return the models that belong to no layer, or whose tag belongs to another."""
    wrong = []
    for node in models(manifest):
        name = layer(node)
        tags = sorted({"foundation", "outcome"} & set(node["tags"]))
        if name not in READS:
            wrong.append(f"{node['name']}: schema {name} is no layer")
        elif tags != ["foundation" if name in FOUNDATION else "outcome"]:
            wrong.append(f"{node['name']}: layer {name} tagged {tags}")
    return wrong


def reads_upwards(manifest: Manifest) -> list[str]:
    """Return the reads that go from a lower layer to an upper one, or skip staging."""
    wrong = []
    for node in models(manifest):
        for parent in parents(manifest, node):
            if layer(parent) not in READS.get(layer(node), set()):
                wrong.append(f"{_called(node)} reads {_called(parent)}")
    return wrong


def core_facts_read_from_below(manifest: Manifest) -> list[str]:
    """Return the intermediates that read core marts without being a daily state."""
    return [
        f"{node['name']} reads {parent['name']}"
        for node in models(manifest)
        if layer(node) == "intermediate" and not CORE_FACT_READERS.match(node["name"])
        for parent in parents(manifest, node)
        if layer(parent) == "core"
    ]


def staging_reads_of_another_source(manifest: Manifest) -> list[str]:
    """Return the staging models that read a source other than the one of their folder."""
    wrong = []
    for node in models(manifest):
        if layer(node) != "staging":
            continue
        own = node["fqn"][2]
        for parent in parents(manifest, node):
            origin = parent["fqn"][2] if parent["resource_type"] == "model" else own
            if parent["resource_type"] == "source":
                origin = str(parent["source_name"]).removeprefix("raw_")
            if origin != own:
                wrong.append(f"{node['name']} reads {parent['unique_id']}")
    return wrong


def predictions_under(manifest: Manifest, guarded: set[str], forbidden: set[str]) -> list[str]:
    """Return the models of the guarded layers that rest, however far down, on forbidden ones."""
    return [
        f"{_called(node)} rests on {_called(ancestor)}"
        for node in models(manifest)
        if layer(node) in guarded
        for ancestor in ancestors(manifest, node)
        if layer(ancestor) in forbidden
    ]


def publish_readers(manifest: Manifest) -> list[str]:
    """Return the models that read an outbound model: it is the end of the road."""
    return [
        f"{node['name']} reads {parent['name']}"
        for node in models(manifest)
        for parent in parents(manifest, node)
        if layer(parent) == "publish"
    ]


def misplaced_outbound_models(manifest: Manifest) -> list[str]:
    """Return the ``sync_`` models outside ``publish``, and other models inside it."""
    return [
        f"{node['name']} in {layer(node)}"
        for node in models(manifest)
        if node["name"].startswith("sync_") != (layer(node) == "publish")
    ]


def clock_words(texts: dict[str, str]) -> list[str]:
    """Return where SQL asks the wall clock, comments left out."""
    return [
        f"{name}: {match.group(0)}"
        for name, text in sorted(texts.items())
        for match in CLOCK.finditer(COMMENT.sub("", text))
    ]


def undocumented(manifest: Manifest) -> list[str]:
    """Return the models and columns without a description."""
    wrong = []
    for node in models(manifest):
        if not node["patch_path"]:
            wrong.append(f"{node['name']}: no yml")
            continue
        if not node["description"].strip():
            wrong.append(f"{node['name']}: no description")
        if not node["columns"]:
            wrong.append(f"{node['name']}: no columns")
        wrong.extend(
            f"{node['name']}.{column['name']}: no description"
            for column in node["columns"].values()
            if not column["description"].strip()
        )
    return wrong


def without_key(manifest: Manifest) -> list[str]:
    """Return the models without a tested key: unique, no part of it null, or a reason in meta."""
    tested: dict[str, list[Node]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            tested.setdefault(str(node["attached_node"]), []).append(node)
    wrong = []
    for node in models(manifest):
        if (node["config"].get("meta") or {}).get("no_key_reason"):
            continue
        found = tested.get(node["unique_id"], [])
        if any(test["test_metadata"]["name"] == "primary_key" for test in found):
            continue
        filled = {
            str(test["column_name"])
            for test in found
            if test["test_metadata"]["name"] == "not_null"
        } | _constrained(node)
        keys = [key for key in map(_key_columns, found) if key]
        if not any(key <= filled for key in keys):
            wrong.append(f"{node['name']}: no key that is tested to be unique and not null")
    return wrong


def without_contract(manifest: Manifest) -> list[str]:
    """Return the public models whose columns and types dbt does not enforce."""
    return [
        str(node["name"])
        for node in models(manifest)
        if layer(node) in PUBLIC
        and not node["name"].startswith("int_")
        and not node["config"]["contract"]["enforced"]
    ]


def tests_that_only_warn(manifest: Manifest) -> list[str]:
    """Return the data tests that may fail without failing the build.

    Those of a model that is not built, of another CRM, are not run at all.
    """
    return [
        str(node["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (
            node["config"]["severity"].lower() != "error"
            or node["config"]["error_if"] != "!= 0"
            or (
                not node["config"]["enabled"]
                and node.get("attached_node") not in manifest.get("disabled", {})
            )
        )
    ]


def python_in_dbt(manifest: Manifest, project: Path) -> list[str]:
    """Return what dbt would have to run in Python."""
    inside = [str(path.relative_to(project)) for path in project.rglob("*.py")]
    return sorted(inside) + [
        str(node["name"]) for node in models(manifest) if node["language"] != "sql"
    ]


def report_reads(texts: dict[str, str], manifest: Manifest) -> list[str]:
    """Return what reports read beyond the models of ``marts``."""
    marts = {node["name"] for node in models(manifest) if node["config"]["schema"] == "marts"}
    wrong = []
    for name, text in sorted(texts.items()):
        bare = COMMENT.sub("", text)
        named = set(re.findall(r"\bwith\s+(\w+)\s+as\b|,\s*(\w+)\s+as\s*\(", bare, re.IGNORECASE))
        local = {part for pair in named for part in pair if part}
        read = re.findall(r"\b(?:from|join)\s+([\w.\"$\{\}]+)", bare, re.IGNORECASE)
        wrong.extend(f"{name} reads {table}" for table in read if table not in marts | local)
    return wrong


def schemas_named(texts: dict[str, str], methods: set[str], allowed: set[str]) -> list[str]:
    """Return the schemas that Python names in calls of ``methods`` and may not."""
    wrong = []
    for name, text in sorted(texts.items()):
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            first = call.args[0] if call.args else None
            if call.func.attr not in methods or not isinstance(first, ast.Constant):
                continue
            if str(first.value) not in allowed:
                wrong.append(f"{name}:{call.lineno} names {first.value}")
    return wrong


def _called(node: Node) -> str:
    return f"{layer(node)}.{node['name']}"


def _key_columns(test: Node) -> set[str]:
    name = test["test_metadata"]["name"]
    if name == "unique":
        return {str(test["column_name"])}
    if name == "unique_key":
        return {str(column) for column in test["test_metadata"]["kwargs"]["columns"]}
    return set()


def _constrained(node: Node) -> set[str]:
    if not node["config"]["contract"]["enforced"]:
        return set()
    return {
        str(column["name"])
        for column in node["columns"].values()
        if any(constraint["type"] == "not_null" for constraint in column.get("constraints", []))
    }
