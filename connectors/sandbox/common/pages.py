"""Pages on which a person sees what the CRM holds: escaped, without scripts, without a login."""

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from starlette.responses import HTMLResponse, Response

PAGE_SIZE = 25
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Pages:
    """A stand-in's pages.

    Parameters
    ----------
    folder : Path
        Their templates; ``base.html`` is the same for every vendor.
    vendor : str
        Whose stand-in it is, as people write it.
    things : str
        What it lists, such as ``Accounts``.
    """

    def __init__(self, folder: Path, vendor: str, things: str) -> None:
        shared = Path(__file__).parent / "templates"
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader([folder, shared]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"vendor": vendor, "things": things}

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page made of a template."""
        body = self._templates.get_template(template).render(**values)
        return HTMLResponse(body, status_code=status, headers=_HEADERS)


def page_number(text: str, pages: int) -> int:
    """Return the page that an address asks for, or the nearest that there is."""
    number = int(text) if text.isdecimal() and len(text) < 7 else 1
    return max(1, min(number, pages))


def day(value: str | None) -> str:
    """Return an ISO date as ``3 Jul 2026``."""
    if not value:
        return ""
    return dt.date.fromisoformat(value[:10]).strftime("%d %b %Y").lstrip("0")


def safe_link(value: str | None) -> str:
    """Return a web address fit for a link; empty if it is none (``javascript:`` and the like)."""
    if not value:
        return ""
    address = value if "//" in value else f"https://{value}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.netloc else ""
