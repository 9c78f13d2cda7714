"""Plain pages of what a stand-in holds, for people."""

import html
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "article{border:1px solid #ccc;border-radius:6px;padding:.6em 1em;margin:1em 0}"
    "p{margin:.3em 0;white-space:pre-wrap}time,small{color:#666}"
)


def page_route(path: str, render: Callable[[], str]) -> Route:
    """Return the route of a page that is made anew for each request."""

    async def serve(_request: Request) -> Response:
        return HTMLResponse(render(), headers={"Cache-Control": "no-store"})

    return Route(path, serve, methods=["GET"])


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page; ``body`` is HTML, the title is not."""
    said = html.escape(title)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{said}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{said}</h1>{''.join(body)}</body></html>"
    )


def shown(text: Any) -> str:
    """Return text as HTML."""
    return html.escape(str(text))


def link(url: Any, text: Any) -> str:
    """Return a link; an address that is not of the web is only shown."""
    if not str(url).startswith(("http://", "https://")):
        return f"{shown(text)} ({shown(url)})"
    return f'<a href="{html.escape(str(url), quote=True)}">{shown(text)}</a>'
