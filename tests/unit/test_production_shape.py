"""The image, the compose file and nginx's configuration, read without running any of them."""

import importlib
import inspect
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import crossplane
import pytest
import yaml

from connectors.sources.registry import VENDORS
from orchestration.resources import report_server
from warehouse.settings import PROJECT_ROOT

DOCKERFILE = PROJECT_ROOT / "Dockerfile"
COMPOSE = PROJECT_ROOT / "docker-compose.yml"
NGINX = PROJECT_ROOT / "deploy" / "nginx.conf"
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|DATABASE_URL", re.IGNORECASE)
PINNED_IMAGE = re.compile(r"^[a-z0-9./-]+:\d+\.\d+(\.\d+)?-[a-z0-9-]+$")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(instruction, rest) for instruction, rest in lines]


@pytest.fixture(scope="module")
def nginx() -> list[dict[str, Any]]:
    """Return nginx's directives; includes are the image's own and are not followed."""
    parsed = crossplane.parse(str(NGINX), single=True, strict=True)
    # crossplane takes the entries of `types` and `map` for directives, and has no word for them.
    wrong = [
        e
        for e in parsed["errors"]
        if not re.search(r'directive "(application/|~|default")', e["error"])
    ]
    assert wrong == []
    directives: list[dict[str, Any]] = parsed["config"][0]["parsed"]
    return directives


def _find(directives: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    found = []
    for directive in directives:
        if directive["directive"] == name:
            found.append(directive)
        found.extend(_find(directive.get("block", []), name))
    return found


def _without_variables(value: str) -> str:
    """Return what is left of a value when its ${VARIABLE:-default}s, innermost first, are gone."""
    while (shorter := re.sub(r"\$\{[A-Z_]+:[?-][^${}]*\}", "", value)) != value:
        value = shorter
    return value


def _commands(compose: dict[str, Any]) -> list[list[str]]:
    return [
        [str(part) for part in service["command"]]
        for service in compose["services"].values()
        if "command" in service
    ]


class TestImage:
    def test_every_base_image_is_pinned(self, dockerfile: list[tuple[str, str]]) -> None:
        stages = set()
        for instruction, rest in dockerfile:
            if instruction == "FROM":
                image, _, stage = rest.partition(" AS ")
                assert image in stages or PINNED_IMAGE.match(image), image
                stages.add(stage)
        assert {"reports", "python", "copilot"} <= stages

    def test_it_runs_as_a_user_without_privileges(self, dockerfile: list[tuple[str, str]]) -> None:
        users = [rest for instruction, rest in dockerfile if instruction == "USER"]
        assert users[-1:] == ["copilot"]
        after = [i for i, _ in dockerfile[dockerfile.index(("USER", "copilot")) :]]
        assert set(after) <= {"USER", "RUN", "ENTRYPOINT", "CMD"}

    def test_no_secret_enters_a_layer(self, dockerfile: list[tuple[str, str]]) -> None:
        for instruction, rest in dockerfile:
            assert instruction not in ("ADD", "ARG"), rest
            assert instruction != "ENV" or not SECRET_NAME.search(rest), rest
            assert instruction != "COPY" or rest.split()[-2] != ".", "name what is copied"
        ignored = (PROJECT_ROOT / ".dockerignore").read_text().splitlines()
        assert {".env", ".env.*", ".copilot", ".git", ".venv"} <= set(ignored)

    def test_everything_it_copies_exists(self, dockerfile: list[tuple[str, str]]) -> None:
        for instruction, rest in dockerfile:
            if instruction == "COPY" and "--from" not in rest:
                for source in rest.split()[:-1]:
                    assert (PROJECT_ROOT / source).exists(), source

    def test_it_installs_what_the_lock_files_say(self) -> None:
        text = DOCKERFILE.read_text()
        assert "uv sync --frozen" in text
        assert "npm ci" in text
        script = (PROJECT_ROOT / "scripts" / "install_python.sh").read_text()
        version = re.search(r"^UV_VERSION=(\S+)$", script, re.MULTILINE)
        assert version and f"uv=={version.group(1)}" in text

    def test_its_packages_are_those_of_the_wheel(self, dockerfile: list[tuple[str, str]]) -> None:
        copied = {rest.split()[0] for instruction, rest in dockerfile if instruction == "COPY"}
        packages = {path.parent.name for path in PROJECT_ROOT.glob("*/__init__.py")} - {"tests"}
        assert packages <= copied


class TestCompose:
    def test_it_has_the_services_of_a_production_setup(self, compose: dict[str, Any]) -> None:
        assert set(compose["services"]) == {
            "postgres",
            "prepare",
            "dagster-webserver",
            "dagster-daemon",
            "watch",
            "reports",
        }

    def test_every_service_has_a_shape_that_compose_knows(self, compose: dict[str, Any]) -> None:
        assert set(compose) <= {"name", "services", "volumes", "networks", "x-copilot"}
        for name, service in compose["services"].items():
            assert "image" in service, name
            assert set(service.get("networks", [])) <= set(compose["networks"]), name
            assert set(service.get("depends_on", {})) <= set(compose["services"]), name
            for mount in service.get("volumes", []):
                source = mount.split(":")[0]
                known = source in compose["volumes"] or (PROJECT_ROOT / source).is_file()
                assert known, f"{name}: {mount}"

    def test_who_waits_for_health_waits_for_a_service_that_has_a_check(
        self, compose: dict[str, Any]
    ) -> None:
        for service in compose["services"].values():
            for needed, how in service.get("depends_on", {}).items():
                if how["condition"] == "service_healthy":
                    assert compose["services"][needed]["healthcheck"]["test"]

    def test_images_are_pinned(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            if "build" not in service:
                assert PINNED_IMAGE.match(service["image"]), service["image"]
        assert compose["services"]["postgres"]["image"].startswith("postgres:18.")

    def test_nothing_is_privileged(self, compose: dict[str, Any]) -> None:
        for name, service in compose["services"].items():
            forbidden = {"privileged", "network_mode", "pid", "ipc", "devices", "user"}
            assert not forbidden & set(service), name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert not any("docker.sock" in mount for mount in service.get("volumes", [])), name

    def test_ports_are_bound_to_this_machine_alone(self, compose: dict[str, Any]) -> None:
        published = {
            name: service["ports"]
            for name, service in compose["services"].items()
            if "ports" in service
        }
        assert set(published) == {"dagster-webserver", "reports"}
        for ports in published.values():
            assert all(port.startswith("${BIND_ADDRESS:-127.0.0.1}:") for port in ports)

    def test_postgres_is_reached_from_inside_only(self, compose: dict[str, Any]) -> None:
        assert compose["services"]["postgres"]["networks"] == ["inside"]
        assert compose["networks"]["inside"]["internal"] is True
        assert "inside" not in compose["services"]["reports"]["networks"]

    def test_secrets_come_from_the_env_file_alone(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            for name, value in service.get("environment", {}).items():
                if SECRET_NAME.search(name):
                    assert _without_variables(value) == "", name
        assert "${POSTGRES_PASSWORD:?" in COMPOSE.read_text()

    def test_the_example_of_the_env_file_names_every_variable_and_no_value(self) -> None:
        used = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text()))
        lines = (PROJECT_ROOT / ".env.example").read_text().splitlines()
        given = dict(
            match.groups() for line in lines if (match := re.match(r"(?:# )?([A-Z_]+)=(.*)", line))
        )
        credentials = {name for v in VENDORS.values() for names in v.credentials for name in names}
        assert used <= set(given)
        assert credentials <= set(given)
        channels = {name for name in given if name.startswith(("SLACK_", "TEAMS_", "SMTP_"))}
        assert channels >= {"SLACK_BOT_TOKEN", "TEAMS_WEBHOOK_URL", "SMTP_HOST", "SMTP_PASSWORD"}
        assert set(given) <= used | credentials | channels | {"SALESFORCE_INSTANCE_URL"}
        assert not any(given[name] for name in {*credentials, *channels, "POSTGRES_PASSWORD"})

    def test_a_filled_in_env_file_is_never_committed(self) -> None:
        assert ".env" in (PROJECT_ROOT / ".gitignore").read_text().splitlines()

    def test_every_command_exists_in_the_project(self, compose: dict[str, Any]) -> None:
        installed = PROJECT_ROOT / ".venv" / "bin"
        commands = _commands(compose)
        assert commands
        for command in commands:
            assert shutil.which(command[0], path=str(installed)), command
            if "-m" in command:
                module = command[command.index("-m") + 1]
                assert importlib.util.find_spec(module), module

    def test_the_copilot_s_commands_exist(self, compose: dict[str, Any]) -> None:
        from orchestration.cli.main import cli

        named = [command[1] for command in _commands(compose) if command[0] == "copilot"]
        assert sorted(named) == ["prepare", "watch"]
        assert set(named) <= set(cli.commands)

    def test_the_modules_that_the_image_runs_do_something(self) -> None:
        modules = re.findall(r"python -m ([\w.]+)", DOCKERFILE.read_text())
        assert len(modules) == 1
        for module in modules:
            code = inspect.getsource(importlib.import_module(module))
            assert 'if __name__ == "__main__":' in code

    def test_reports_are_served_from_where_the_run_puts_them(
        self, compose: dict[str, Any], nginx: list[dict[str, Any]]
    ) -> None:
        runner = compose["services"]["dagster-daemon"]["volumes"]
        assert "reports:/var/lib/copilot/reports" in runner
        assert "reports:/srv/reports:ro" in compose["services"]["reports"]["volumes"]
        assert _find(nginx, "root")[0]["args"] == ["/srv/reports/site"]


class TestNginx:
    def test_unknown_addresses_get_the_start_page_but_missing_data_does_not(
        self, nginx: list[dict[str, Any]]
    ) -> None:
        tries = {
            " ".join(location["args"]): _find(location["block"], "try_files")
            for location in _find(nginx, "location")
        }
        assert tries["/"][0]["args"][-1] == "/index.html"
        assert tries["~ ^/(_app|api|data)/"][0]["args"][-1] == "=404"

    def test_it_sends_the_headers_of_the_local_report_server(
        self, nginx: list[dict[str, Any]]
    ) -> None:
        sent = {d["args"][0]: d["args"][1] for d in _find(nginx, "add_header")}
        assert sent.pop("Cache-Control") == "$caching"
        assert sent == report_server._HEADERS

    def test_no_location_loses_the_headers(self, nginx: list[dict[str, Any]]) -> None:
        for location in _find(nginx, "location"):
            assert _find(location["block"], "add_header") == []

    def test_it_compresses_and_hides_its_version(self, nginx: list[dict[str, Any]]) -> None:
        assert _find(nginx, "gzip")[0]["args"] == ["on"]
        assert _find(nginx, "server_tokens")[0]["args"] == ["off"]

    def test_it_listens_where_compose_publishes(
        self, nginx: list[dict[str, Any]], compose: dict[str, Any]
    ) -> None:
        port = _find(nginx, "listen")[0]["args"][0]
        assert compose["services"]["reports"]["ports"][0].endswith(f":{port}")
        assert f":{port}/healthz" in " ".join(compose["services"]["reports"]["healthcheck"]["test"])

    @pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
    def test_nginx_accepts_it(self, tmp_path: Path) -> None:
        done = subprocess.run(
            ["nginx", "-t", "-p", str(tmp_path), "-c", str(NGINX)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path",
    [
        "deploy/entrypoint.sh",
        *(f"scripts/{p.name}" for p in (PROJECT_ROOT / "scripts").glob("*.sh")),
    ],
)
def test_shell_scripts_parse(path: str) -> None:
    done = subprocess.run(
        ["sh", "-n", str(PROJECT_ROOT / path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_secret_may_come_as_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://user:pa$s'w \"ord@host/db\n")
    done = subprocess.run(
        ["sh", str(PROJECT_ROOT / "deploy" / "entrypoint.sh"), "env"],
        env={"PATH": "/usr/bin:/bin", "COPILOT_DATABASE_URL_FILE": str(secret)},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert "COPILOT_DATABASE_URL=postgresql://user:pa$s'w \"ord@host/db" in lines
    assert not any(line.startswith("COPILOT_DATABASE_URL_FILE") for line in lines)
