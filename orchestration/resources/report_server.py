"""Serves the finished reports: static files, one page for every address, careful headers."""

import argparse
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestration.resources.reports import site_path
from warehouse.settings import copilot_home

# The pages are compiled JavaScript around DuckDB in WebAssembly; Evidence starts inline.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {
    ".arrow": "application/vnd.apache.arrow.stream",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# Below these nothing is a page, so what is not there is an error, not the start page.
_NO_PAGES = ("_app", "api", "data")
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def create_app(site: Path) -> Starlette:
    """Return the web application that serves the reports below ``site``.

    The folder may be swapped while the server runs. An address that names no file gets the
    start page, which then shows the page of that address.
    """

    def serve(request: Request) -> Response:
        response = _respond(site, request.path_params["path"])
        response.headers.update(_HEADERS)
        return response

    return Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "HEAD"])])


def _respond(site: Path, path: str) -> Response:
    root = site.resolve()
    start = root / "index.html"
    if not start.is_file():
        return PlainTextResponse(
            "The reports have not been built yet. `copilot run` builds them.", status_code=503
        )
    if "\0" in path:
        return PlainTextResponse("There is nothing at this address.", status_code=404)
    wanted = (root / path).resolve()
    if wanted.is_relative_to(root) and wanted.is_file():
        return _file(wanted, _caching(path))
    if path.split("/", 1)[0] in _NO_PAGES or Path(path).suffix in _TYPES:
        return PlainTextResponse("There is nothing at this address.", status_code=404)
    return _file(start, _ASK_AGAIN)


def _file(path: Path, caching: str) -> Response:
    return FileResponse(
        path,
        media_type=_TYPES.get(path.suffix),
        headers={"Cache-Control": caching},
    )


def _caching(path: str) -> str:
    """Files whose address holds a hash of their content never change."""
    is_hashed = path.startswith("_app/immutable/") or path.endswith(".parquet")
    return _FOR_EVER if is_hashed else _ASK_AGAIN


def serve_reports(site: Path, host: str = "127.0.0.1", port: int = 3000) -> None:
    """Serve the reports below ``site`` until the process is told to end."""
    import uvicorn  # noqa: PLC0415 - only the serving process needs it

    uvicorn.run(create_app(site), host=host, port=port, log_level="warning")


def main() -> None:
    """Serve from the command line: ``python -m orchestration.resources.report_server``."""
    parser = argparse.ArgumentParser(description="Serve the finished reports.")
    parser.add_argument("--site", type=Path, default=site_path(copilot_home()))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    chosen = parser.parse_args()
    serve_reports(chosen.site, chosen.host, chosen.port)


if __name__ == "__main__":
    main()
