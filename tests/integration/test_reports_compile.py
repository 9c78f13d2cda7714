"""Compiling the pages, with a stand-in for Evidence's command that costs nothing."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration.resources.report_pages import (
    compile_pages,
    pages_key,
    raise_on_query_error,
    readable_tail,
)
from warehouse.errors import CopilotError

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")

GOOD = """
const fs = require('node:fs');
fs.appendFileSync('../../count', 'x');
fs.mkdirSync('build');
fs.writeFileSync('build/index.html', fs.readFileSync('pages/index.md'));
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    for name in ("pages", "components", "partials", "sources/warehouse"):
        (folder / name).mkdir(parents=True)
    (folder / "pages" / "index.md").write_text("# Start")
    (folder / "sources" / "warehouse" / "a.sql").write_text("select 1 as one")
    give_command(folder, GOOD)
    return folder


def give_command(project: Path, script: str) -> None:
    command = project / "node_modules" / "@evidence-dev" / "evidence" / "cli.js"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(script)


def test_pages_are_compiled_once_until_they_change(project: Path) -> None:
    first = compile_pages(project)
    assert compile_pages(project) == first
    assert (project / "count").read_text() == "x"
    (project / "pages" / "index.md").write_text("# Changed")
    assert compile_pages(project) != first
    assert (project / "count").read_text() == "xx"


def test_a_few_older_compilations_are_kept(project: Path) -> None:
    for number in range(5):
        (project / "pages" / "index.md").write_text(f"# {number}")
        newest = compile_pages(project)
    left = [path for path in (project / "build").iterdir() if path.is_dir()]
    assert len(left) == 3
    assert newest in left


def test_what_does_not_reach_the_pages_compiles_nothing(project: Path) -> None:
    before = pages_key(project)
    (project / "sources" / "warehouse" / "a.sql").write_text("select 2 as one")
    assert pages_key(project) == before
    (project / "components" / "New.svelte").write_text("<p>new</p>")
    assert pages_key(project) != before


def test_a_page_that_does_not_compile_is_named_and_leaves_nothing(project: Path) -> None:
    give_command(
        project,
        "console.error('npm warn nothing');"
        "console.error('pages/index.md:7 ParseError: unclosed');"
        "console.error('    at parse (svelte.js:1)'); process.exit(1)",
    )
    with pytest.raises(CopilotError) as failure:
        compile_pages(project)
    assert "pages/index.md:7 ParseError: unclosed" in str(failure.value)
    assert "npm warn" not in str(failure.value)
    assert [p.name for p in (project / "build").iterdir()] == [".lock"]


def test_a_build_that_succeeds_in_spite_of_a_failed_query_fails(project: Path) -> None:
    complaint = "console.log('\\u001b[31mError in Query! account: no such column\\u001b[0m');"
    give_command(project, GOOD + complaint)
    with pytest.raises(CopilotError, match="account: no such column"):
        compile_pages(project)


def test_missing_packages_are_one_sentence_with_the_remedy(project: Path) -> None:
    shutil.rmtree(project / "node_modules")
    with pytest.raises(CopilotError, match="not installed") as failure:
        compile_pages(project)
    assert "make setup" in failure.value.hint


def test_no_secret_of_the_environment_reaches_the_page_compiler(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_DATABASE_URL", "postgresql://u:hidden@127.0.0.1/db")
    monkeypatch.setenv("EVIDENCE_SOURCE__warehouse__password", "hidden")
    give_command(project, GOOD + "fs.writeFileSync('build/env', JSON.stringify(process.env));")
    assert "hidden" not in (compile_pages(project) / "env").read_text()


def test_a_killed_compile_leaves_no_site_and_the_next_one_succeeds(project: Path) -> None:
    give_command(project, GOOD.replace("fs.mkdirSync", "setTimeout(() => {}, 5000); fs.mkdirSync"))
    program = (
        "from pathlib import Path; import sys;"
        "from orchestration.resources.report_pages import compile_pages;"
        "compile_pages(Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(project)])
    while not (project / "count").exists():
        time.sleep(0.05)
        assert process.poll() is None
    process.kill()
    process.wait()
    assert not (project / "build" / pages_key(project)).exists()
    give_command(project, GOOD)
    assert (compile_pages(project) / "index.html").read_text() == "# Start"


def test_output_without_a_failed_query_passes() -> None:
    raise_on_query_error("account ✔ Finished, wrote 60 rows.\nError in chart: none")


def test_each_failed_query_is_named_once() -> None:
    line = "Error in Query! pages/index.md, query months: no such column"
    with pytest.raises(CopilotError) as failure:
        raise_on_query_error(f"{line}\n\x1b[31m{line}\x1b[0m\nfine\n{line.replace('months', 'b')}")
    assert str(failure.value).count("query months") == 1
    assert "query b" in str(failure.value)
    assert "2 report queries" in str(failure.value)


def test_silence_is_said_to_be_silence() -> None:
    assert readable_tail("npm warn x\n\n") == "it said nothing"
