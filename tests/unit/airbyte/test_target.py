"""How an Airbyte server is told to reach the warehouse."""

from pathlib import Path

import pytest

from connectors.airbyte.target import destination_configuration
from warehouse.database import Warehouse
from warehouse.errors import CopilotError
from warehouse.settings import AirbyteSettings

URL = "postgresql://owner:pw@db.example.com:6432/sales"


def configuration(url: str = URL, **settings: object) -> dict[str, object]:
    return destination_configuration(
        Warehouse(url, "anna_"), AirbyteSettings.model_validate(settings)
    )


def test_the_database_is_that_of_the_url_without_its_login() -> None:
    made = configuration()
    assert (made["host"], made["port"], made["database"]) == ("db.example.com", 6432, "sales")
    assert made["schema"] == made["raw_data_schema"] == "anna_airbyte_internal"
    assert "pw" not in str(made)
    assert "owner" not in str(made)


def test_no_digit_of_a_number_is_cut_off() -> None:
    assert configuration()["unconstrained_number"] is True


def test_the_settings_may_name_another_address() -> None:
    made = configuration(
        "postgresql://u:p@127.0.0.1:5432/x", database_host="postgres", database_port=5433
    )
    assert (made["host"], made["port"]) == ("postgres", 5433)


def test_the_usual_port_is_assumed() -> None:
    assert configuration("postgresql://u:p@db/x")["port"] == 5432


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql:///x?host=/var/run/postgresql", "through a socket"),
        ("postgresql:///x", "through a socket"),
        ("postgresql://u:p@localhost/x", "known as localhost only"),
        ("postgresql://u:p@127.0.0.1:5432/x", "known as 127.0.0.1 only"),
        ("postgresql://u:p@[::1]:5432/x", "known as ::1 only"),
    ],
)
def test_a_database_that_a_server_cannot_reach_is_refused(url: str, words: str) -> None:
    with pytest.raises(CopilotError, match=words):
        configuration(url)


@pytest.mark.parametrize(
    ("query", "ssl", "mode"),
    [
        ("", True, "prefer"),
        ("?sslmode=require", True, "require"),
        ("?sslmode=disable", False, "disable"),
    ],
)
def test_encryption_is_that_of_the_url(query: str, ssl: bool, mode: str) -> None:
    made = configuration(URL + query)
    assert (made["ssl"], made["ssl_mode"]) == (ssl, {"mode": mode})


def test_certificates_are_sent_along(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("CA")
    made = configuration(f"{URL}?sslmode=verify-ca&sslrootcert={tmp_path / 'ca.pem'}")
    assert made["ssl_mode"] == {"mode": "verify-ca", "ca_certificate": "CA"}


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_verification_is_never_weakened(mode: str) -> None:
    with pytest.raises(CopilotError, match=f"sslmode={mode}"):
        configuration(f"{URL}?sslmode={mode}&sslrootcert=system")
