"""Every report page in a real browser, at a desk's width and a phone's."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from orchestration.resources.report_server import create_app

pytestmark = pytest.mark.e2e

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Read before the fixtures take the developer's environment away.
NAMED_SITE = os.environ.get("COPILOT_TEST_SITE")
TITLES = {
    "/": "Portfolio overview",
    "/at-risk": "Customers at risk",
    "/csm": "Books of business",
    "/accounts": "All customers",
    "/model-quality": "Model quality",
    "/backtest": "Backtest",
    "/renewals": "Renewals and value",
    "/data-freshness": "Data freshness",
}
PAGES = [*TITLES, "account", "former account", "book", "/accounts/nobody", "/csm/nobody"]
READY = (
    "() => document.querySelector('article') && document.querySelector('.line .name')"
    " && !document.querySelector('article .animate-pulse')"
)


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Path:
    """The built reports: those that COPILOT_TEST_SITE names, or the small company's."""
    if CHROMIUM is None:
        pytest.skip("no Chromium or Chrome is installed")
    return Path(NAMED_SITE) if NAMED_SITE else Path(request.getfixturevalue("built_site"))


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(create_app(site), host="127.0.0.1", port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium or Chrome is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(
    scope="module", params=[(1280, "UTC"), (390, "America/Los_Angeles")], ids=["desk", "phone"]
)
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    width, zone = request.param
    made = browser.new_context(viewport={"width": width, "height": 900}, timezone_id=zone)
    made.set_default_timeout(60_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    made = context.new_page()
    yield made
    made.close()


def rows(site: Path, table: str) -> list[dict[str, object]]:
    [path] = site.glob(f"data/warehouse/{table}/*/{table}.parquet")
    return pq.read_table(path).to_pylist()


def path_of(site: Path, name: str) -> str:
    """Return the address of a page, for a templated one with something that exists."""
    accounts = rows(site, "account")
    if name == "account":
        return str(next(row["account_url"] for row in accounts if row["is_active"]))
    if name == "former account":
        gone = [row["account_url"] for row in accounts if not row["is_active"]]
        return str(gone[0]) if gone else pytest.skip("nobody left")
    if name == "book":
        return str(rows(site, "csm")[0]["csm_url"])
    return name


def opened(page: Page, address: str, path: str) -> list[str]:
    """Open a page, wait until all of it is there, and return what the browser complained of."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith((address, "blob:", "data:"))
        else complaints.append(f"asks elsewhere: {sent.url}"),
    )  # fmt: skip
    page.goto(address + quote(path))
    page.wait_for_function(READY)
    return complaints


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_fits_the_screen(
    page: Page, site: Path, address: str, name: str
) -> None:
    complaints = opened(page, address, path_of(site, name))
    [company] = rows(site, "company")
    article = page.locator("article")
    words = article.inner_text()
    assert complaints == []
    assert str(company["company_name"]) in words
    assert ("synthetic data" in words) == company["is_synthetic"]
    assert "Figures as of" in words
    for wrong in ("could not be loaded", "undefined", "NaN", "[object", "Error in"):
        assert wrong not in words
    widest = page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    )
    assert widest <= page.viewport_size["width"]  # type: ignore[index]
    if name in TITLES:
        assert article.locator("h1").first.inner_text() == TITLES[name]
        assert page.title() == TITLES[name]


def test_an_account_page_shows_what_the_warehouse_says_of_it(
    page: Page, site: Path, address: str
) -> None:
    account = next(
        row for row in rows(site, "account") if row["is_active"] and row["health_points"]
    )
    assert opened(page, address, str(account["account_url"])) == []
    words = page.locator("article").inner_text()
    assert page.locator("article h1").first.inner_text() == account["account_name"]
    assert f"{account['health_points']:.0f}\n{account['band_label']}" in words
    for reason in rows(site, "account_reason"):
        if reason["account_id"] == account["account_id"]:
            assert str(reason["reason_text"]) in words
    [action] = [
        row for row in rows(site, "account_action") if row["account_id"] == account["account_id"]
    ]
    assert str(action["subject"]) in words


def test_the_page_says_so_when_the_model_is_not_in_use(
    page: Page, site: Path, address: str
) -> None:
    [model] = [row for row in rows(site, "model") if row["model_name"] == "churn"]
    opened(page, address, "/")
    is_said = str(model["verdict_text"]) in page.locator("article").inner_text()
    assert is_said == (model["verdict"] != "model")


def test_a_list_can_be_searched_and_sorted(page: Page, site: Path, address: str) -> None:
    assert opened(page, address, "/accounts") == []
    active = [row for row in rows(site, "account") if row["is_active"]]
    names = page.locator("article td.who a")
    largest = max(active, key=lambda row: float(str(row["arr"])))
    assert names.first.inner_text() == largest["account_name"]
    page.get_by_label("Sort by").select_option("account_name") if page.viewport_size[  # type: ignore[index]
        "width"
    ] < 760 else page.get_by_role("button", name="Customer", exact=True).click()
    assert names.first.inner_text() != "" and names.count() == min(50, len(active))
    page.get_by_label("Find a customer or CSM").fill("no such customer anywhere")
    assert names.count() == 0
    assert "No customer fits" in page.locator("article").inner_text()


def test_a_link_from_the_list_leads_to_the_account(page: Page, address: str) -> None:
    assert opened(page, address, "/accounts") == []
    link = page.locator("article td.who a").first
    name = link.inner_text()
    link.click()
    page.wait_for_function(f"() => document.querySelector('h1')?.innerText === {name!r}")
    page.go_back()
    page.wait_for_function(READY)
