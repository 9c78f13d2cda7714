"""The webhook, and a page of what it received."""

from collections.abc import Iterator
from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.page import link, page, page_route, shown
from connectors.sandbox.common.vendor import Answer, Call, Record, route
from connectors.sandbox.teams.tenant import Tenant, refusal

_ELEMENTS = frozenset(
    {
        "ActionSet", "ColumnSet", "Container", "FactSet", "Image", "ImageSet", "Media",
        "RichTextBlock", "Table", "TextBlock",
    }
)  # fmt: skip
_CARD = "application/vnd.microsoft.card.adaptive"


def routes(tenant: Tenant) -> list[BaseRoute]:
    """Return the webhook's address and the page."""
    path = "/workflows/{workflow}/triggers/manual/paths/invoke"
    return [page_route("/", lambda: _page(tenant)), route(tenant, path, {"POST": _invoke})]


def _invoke(call: Call) -> Answer:
    """Take a message with one adaptive card; the workflow posts it later, so 202."""
    tenant: Tenant = call.vendor
    if len(call.body) > tenant.settings["largest_bytes"]:
        raise refusal(413)
    body = call.json_object()
    if body.get("type") != "message" or not isinstance(body.get("attachments"), list):
        raise refusal(400)
    for attachment in body["attachments"]:
        fault = _fault(attachment)
        if fault:
            raise refusal(400, fault)
        tenant.seed("cards", {"card": attachment["content"]})
    return Answer(status=202)


def _fault(attachment: Any) -> str:
    if not isinstance(attachment, dict) or attachment.get("contentType") != _CARD:
        return f"attachments: contentType must be {_CARD}"
    card = attachment.get("content")
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return "content: type must be AdaptiveCard"
    if not isinstance(card.get("version"), str) or not isinstance(card.get("body"), list):
        return "content: version and body are needed"
    return next(filter(None, map(_element_fault, card["body"])), "")


def _element_fault(element: Any) -> str:
    if not isinstance(element, dict) or element.get("type") not in _ELEMENTS:
        return "body: every element needs a type that cards have"
    if element["type"] == "RichTextBlock" and not isinstance(element.get("inlines"), list):
        return "body: a RichTextBlock needs inlines"
    if element["type"] == "TextBlock" and not isinstance(element.get("text"), str):
        return "body: a TextBlock needs a text"
    return ""


def _page(tenant: Tenant) -> str:
    return page("Microsoft Teams stand-in (synthetic)", _cards(tenant))


def _cards(tenant: Tenant) -> Iterator[str]:
    for record in reversed(list(tenant.each("cards"))):
        yield f"<article><time>{shown(record['at'])}</time>{''.join(_card(record))}</article>"


def _card(record: Record) -> Iterator[str]:
    card = record["card"]
    for block in card["body"]:
        runs = block.get("inlines") or [block]
        yield f"<p>{''.join(_run(run) for run in runs)}</p>"
    for action in card.get("actions", []):
        yield f"<p>{link(action.get('url'), action.get('title'))}</p>"


def _run(run: Any) -> str:
    text = run.get("text", "") if isinstance(run, dict) else run
    action = run.get("selectAction") if isinstance(run, dict) else None
    return link(action.get("url"), text) if action else shown(text)
