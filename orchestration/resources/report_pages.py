"""The pages of the reports: compiled once for all runs, their SQL checked on each run's data."""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from warehouse.errors import CopilotError
from warehouse.lock import RUN_MARK
from warehouse.settings import PROJECT_ROOT

REPORTS = PROJECT_ROOT / "reports"
COMPILE_SECONDS = 900
CHECK_SECONDS = 300
STALE_SECONDS = 3600
KEPT_COMPILATIONS = 3
QUERY_ERROR = "Error in Query!"

# Everything that the compiled pages are made from; the data is not among it.
_INPUTS = (
    "pages",
    "components",
    "partials",
    "patches",
    "evidence.config.yaml",
    "evidence.settings.json",
    "svelte.config.js",
    "package.json",
    "package-lock.json",
)
_NOISE = re.compile(r"^\s*(at |npm warn|Custom svelte|\(Use `node|Node\.js v|\^\s*$|throw `)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Progress = Callable[[str], None]


def pages_key(reports: Path = REPORTS) -> str:
    """Return the hash of everything that the compiled pages are made from."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        root = reports / name
        files = sorted(path for path in root.rglob("*") if path.is_file()) or [root]
        for path in files:
            if path.is_file():
                digest.update(f"{path.relative_to(reports).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def compile_pages(reports: Path = REPORTS, progress: Progress | None = None) -> Path:
    """Return the folder of the compiled pages, compiling them (a minute or two) if they changed.

    The result depends on the pages alone, never on data, so every run, and every
    ``COPILOT_HOME``, shares it. Killed midway, nothing is left but a folder that the next call
    removes.

    Raises
    ------
    CopilotError
        The packages are not installed, or a page does not compile; the message names the page.
    """
    cache = reports / "build"
    finished = cache / pages_key(reports)
    if finished.is_dir():
        return finished
    if not _evidence(reports).is_file():
        raise CopilotError(
            f"The reports' packages are not installed in {reports}.", "Run `make setup`."
        )
    with _locked(cache / ".lock"):
        if not finished.is_dir():
            if progress:
                progress("Compiling the report pages (once, a minute or two)")
            _discard_stale(cache)
            _compile(reports, cache, finished)
            _keep_newest(cache)
    return finished


def check_page_queries(data: Path, reports: Path = REPORTS) -> int:
    """Run the SQL of every page on the exported data; return the number of queries.

    Parameters
    ----------
    data : Path
        Folder with ``manifest.json`` and the Parquet files.
    reports : Path
        The Evidence project.

    Raises
    ------
    CopilotError
        A query fails; the message names its page.
    """
    script = reports / "scripts" / "check_queries.mjs"
    code, output = run_node([str(script), str(data)], reports, CHECK_SECONDS)
    raise_on_query_error(output)
    found = re.search(r"^(\d+) queries", output, re.MULTILINE)
    if code != 0 or not found:
        raise CopilotError(
            f"The check of the report pages failed: {readable_tail(output)}",
            "Run it by hand: see reports/scripts/check_queries.mjs.",
        )
    return int(found.group(1))


def raise_on_query_error(output: str) -> None:
    """Raise if the output of a build or check tells of a failed page query.

    Raises
    ------
    CopilotError
        Names every page and query that failed.
    """
    lines = [_COLOUR.sub("", line).strip() for line in output.splitlines()]
    failed = [line.partition(QUERY_ERROR)[2].strip() for line in lines if QUERY_ERROR in line]
    if failed:
        listed = "\n".join(f"  {line}" for line in dict.fromkeys(failed))
        raise CopilotError(
            f"The SQL of {len(dict.fromkeys(failed))} report queries fails:\n{listed}",
            "Correct the page in reports/pages, or the rpt_ model behind it.",
        )


def readable_tail(output: str, lines: int = 12) -> str:
    """Return the last lines of a tool's output that say something to a person."""
    kept = [_COLOUR.sub("", line).rstrip() for line in output.splitlines()]
    kept = [line for line in kept if line.strip() and not _NOISE.match(line)]
    return "\n".join(kept[-lines:]) or "it said nothing"


def run_node(arguments: Sequence[str], cwd: Path, seconds: int) -> tuple[int, str]:
    """Run Node.js with a minimal environment; return exit code and all output.

    The whole process group ends with the call, whatever happens.

    Raises
    ------
    CopilotError
        Node.js is not installed, or the time limit passed.
    """
    node = shutil.which("node")
    if node is None:
        raise CopilotError("Node.js is not installed.", "Install Node.js 20 or newer.")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            [node, *arguments],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise CopilotError(
                f"Node.js did not finish within {seconds} seconds: {' '.join(arguments[:2])}",
                "Is the machine short of memory? A page build takes about 2 GB.",
            ) from error
        finally:
            _end_group(process)
        output.seek(0)
        return code, output.read()


def _compile(reports: Path, cache: Path, finished: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix="work-", dir=cache))
    try:
        for name in ("node_modules", "sources", *_INPUTS):
            if (reports / name).exists():
                (work / name).symlink_to(reports / name)
        code, output = run_node([str(_evidence(reports)), "build:strict"], work, COMPILE_SECONDS)
        raise_on_query_error(output)
        built = work / "build"
        if code != 0 or not (built / "index.html").is_file():
            raise CopilotError(
                f"The report pages do not compile:\n{readable_tail(output)}",
                "Correct the page or component that the lines above name.",
            )
        built.chmod(0o755)
        built.touch()
        built.rename(finished)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _evidence(reports: Path) -> Path:
    return reports / "node_modules" / "@evidence-dev" / "evidence" / "cli.js"


def _environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "NODE_OPTIONS", RUN_MARK)
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "VITE_EVIDENCE_SPA": "true",
        "TZ": "UTC",
        "NO_UPDATE_NOTIFIER": "1",
    }


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _keep_newest(cache: Path) -> None:
    """Remove older compilations; the sites made from them have their own copies or links."""
    found = [
        path for path in cache.iterdir() if path.is_dir() and not path.name.startswith("work-")
    ]
    for path in sorted(found, key=lambda one: one.stat().st_mtime)[:-KEPT_COMPILATIONS]:
        shutil.rmtree(path, ignore_errors=True)


def _discard_stale(cache: Path) -> None:
    for path in cache.glob("work-*"):
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":  # `make setup`, so that the first run need not wait for it
    try:
        compile_pages(progress=print)
    except CopilotError as error:
        sys.exit(str(error))
