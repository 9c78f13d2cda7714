"""The server of the reports, against a small built site."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestration.resources.report_server import create_app

START = "<!doctype html><title>start</title>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "sites" / "one"
    for name, content in {
        "index.html": START,
        "favicon.ico": "icon",
        "_app/immutable/entry/start.abc.js": "export {}",
        "api/csm/[csm_key]/evidencemeta.json": '{"queries": []}',
        "data/manifest.json": "{}",
        "data/warehouse/account/0123/account.parquet": "0123456789",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "secret.txt").write_text("secret")
    link = tmp_path / "site"
    link.symlink_to("sites/one")
    return link


@pytest.fixture
def client(site: Path) -> TestClient:
    return TestClient(create_app(site))


@pytest.mark.parametrize(
    "address",
    ["/", "/at-risk", "/at-risk/", "/accounts/0f3c", "/csm/%3Cscript%3Ealert(1)%3C/script%3E"],
)
def test_every_page_address_gets_the_start_page(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response.text == START
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/data/warehouse/account/9999/account.parquet",
        "/api/nothing.json",
        "/_app/immutable/x",
        "/missing.js",
    ],
)
def test_a_missing_file_is_not_found_and_its_name_is_not_repeated(
    client: TestClient, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "missing" not in response.text
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "address", ["/../secret.txt", "/%2e%2e/%2e%2e/secret.txt", "/data/..%2f..%2f..%2fsecret.txt"]
)
def test_nothing_outside_the_site_is_served(client: TestClient, address: str) -> None:
    assert "secret" not in client.get(address).text


def test_a_null_byte_in_an_address_is_not_found(client: TestClient) -> None:
    assert client.get("/a%00b").status_code == 404


def test_files_whose_address_holds_a_hash_are_kept_for_ever(client: TestClient) -> None:
    for address in (
        "/_app/immutable/entry/start.abc.js",
        "/data/warehouse/account/0123/account.parquet",
    ):
        assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/data/manifest.json").headers["cache-control"] == "no-cache"


def test_data_can_be_read_in_ranges(client: TestClient) -> None:
    address = "/data/warehouse/account/0123/account.parquet"
    part = client.get(address, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.text) == (206, "234")
    assert client.head(address).headers["content-length"] == "10"


def test_brackets_in_a_file_name_are_found_escaped_or_not(client: TestClient) -> None:
    for address in (
        "/api/csm/[csm_key]/evidencemeta.json",
        "/api/csm/%5Bcsm_key%5D/evidencemeta.json",
    ):
        assert client.get(address).json() == {"queries": []}


def test_every_response_has_the_security_headers(client: TestClient) -> None:
    for address in ("/", "/missing.js", "/data/manifest.json"):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"


def test_only_reading_is_allowed(client: TestClient) -> None:
    assert client.post("/").status_code == 405


def test_a_new_site_is_served_without_a_restart(client: TestClient, site: Path) -> None:
    other = site.parent / "sites" / "two"
    other.mkdir()
    (other / "index.html").write_text("new")
    site.unlink()
    site.symlink_to("sites/two")
    assert client.get("/at-risk").text == "new"


def test_before_the_first_build_the_reader_is_told_so(tmp_path: Path) -> None:
    response = TestClient(create_app(tmp_path / "site")).get("/")
    assert response.status_code == 503
    assert "not been built" in response.text
