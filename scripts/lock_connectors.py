"""Pin every package of the connectors, with checksums, in a lock file for each.

To be run after a requirement has changed, with the sources' names or for all of them.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from connectors.sources.install import PYTHON, lock_file
from connectors.sources.registry import VENDORS
from connectors.sources.source import VendorSource


def lock(vendor: VendorSource) -> None:
    """Resolve one connector's requirement and write its lock file."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text(f"{vendor.requirement}\n")
        overrides = Path(folder) / "overrides.txt"
        overrides.write_text("\n".join(vendor.overrides) + "\n")
        command = [
            str(Path(sys.executable).parent / "uv"), "pip", "compile", str(wanted), "--universal",
            "--python-version", PYTHON, "--overrides", str(overrides), "--generate-hashes",
            "--no-annotate", "--no-header", "--quiet", "--no-config",
        ]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    header = "# Made by scripts/lock_connectors.py; installed by connectors/sources/install.py.\n"
    lock_file(vendor).write_text(header + done.stdout)


def main() -> None:
    """Lock the named sources, or all."""
    for name in sys.argv[1:] or VENDORS:
        lock(VENDORS[name])
        print(f"{name}: {lock_file(VENDORS[name])}")


if __name__ == "__main__":
    main()
