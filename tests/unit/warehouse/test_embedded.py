"""The embedded server on a machine where it never ran."""

import subprocess
import sys
from pathlib import Path

START = """
import sys, time
from pathlib import Path
from warehouse import embedded

folder = Path(sys.argv[1])

def add_user(name):
    if (folder / name).exists():
        return
    time.sleep(0.5)  # as useradd takes its time
    (folder / name).mkdir()  # and refuses a name that is there

embedded._MACHINE_LOCK = folder / "lock"
embedded.ensure_user_exists = add_user
embedded.ensure_prefix_permissions = embedded.ensure_folder_permissions = lambda *_: None
embedded._make_system_user("postgres_user")
"""


def test_servers_that_start_at_once_do_not_both_add_the_system_user(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path)], stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in started] == ["", "", ""]
