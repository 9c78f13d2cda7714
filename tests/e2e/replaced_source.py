"""Run `copilot` with connectors replaced by the scripts of a folder: FOLDER COMMAND..."""

import sys
from dataclasses import replace
from pathlib import Path

from connectors.sources import registry

SCRIPTED = Path(__file__).parent.parent / "integration" / "sources" / "scripted.py"


def main(folder: str, *arguments: str) -> None:
    """Put the scripted connectors behind the registry, then run the command as it is."""
    original = registry.source_command

    def source_command(name, settings, say=None):  # type: ignore[no-untyped-def]
        spec = original(name, settings, say)
        script = Path(folder, f"{name}.json")
        if not script.exists():
            return spec
        config = {"script": str(script), "seen": f"{script}.seen"}
        return replace(spec, command=[sys.executable, str(SCRIPTED)], config=config)

    registry.source_command = source_command
    from orchestration.cli.main import main as copilot

    sys.argv = ["copilot", *arguments]
    copilot()


if __name__ == "__main__":
    main(*sys.argv[1:])
