"""Files that several processes share."""

import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.files import locked, write_private

WAITS = "import sys; from pathlib import Path; from warehouse.files import locked\n"
WAITS += "with locked(Path(sys.argv[1])): print('mine')"


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path):
        other = subprocess.Popen([sys.executable, "-c", WAITS, str(path)], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            other.communicate(timeout=1)
    assert other.communicate(timeout=30)[0] == b"mine\n"


def test_a_private_file_is_its_owners_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text("an older and longer one that anybody may read")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["secret.json"]
