"""Slack's methods: who one is, conversations, people. Each takes GET and POST."""

from typing import Any

from starlette.routing import BaseRoute

from connectors.sandbox.common.page import page_route
from connectors.sandbox.common.vendor import Answer, Call, Handler, Record, route
from connectors.sandbox.slack import chat
from connectors.sandbox.slack.arguments import arguments_of, is_true
from connectors.sandbox.slack.pages import messages_page
from connectors.sandbox.slack.paging import page_of
from connectors.sandbox.slack.workspace import Workspace, failure


def routes(workspace: Workspace) -> list[BaseRoute]:
    """Return all addresses: the methods, and a page of what was posted."""
    methods: dict[str, Handler] = {
        "api.test": lambda call: Answer({"ok": True, "args": arguments_of(call)}),
        "auth.test": _auth_test,
        "chat.postMessage": chat.post,
        "chat.update": chat.update,
        "chat.delete": chat.delete,
        "conversations.history": chat.history,
        "conversations.info": _conversation_info,
        "conversations.join": _join,
        "conversations.list": _conversations,
        "conversations.open": _open,
        "users.info": _user_info,
        "users.list": _users,
        "users.lookupByEmail": _lookup_by_email,
    }
    return [
        page_route("/", lambda: messages_page(workspace)),
        *(
            route(workspace, f"/api/{name}", {"GET": method, "POST": method})
            for name, method in methods.items()
        ),
    ]


def _auth_test(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    return Answer(
        {
            "ok": True,
            "url": "https://standin.slack.com/",
            "team": "Stand-in (synthetic)",
            "user": workspace.bot["name"],
            "team_id": workspace.credentials["team_id"],
            "user_id": workspace.bot["id"],
            "bot_id": "B0COPILOT01",
            "is_enterprise_install": False,
        }
    )


def _conversations(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    arguments = arguments_of(call)
    kinds = str(arguments.get("types") or "public_channel").split(",")
    if "public_channel" in kinds:
        workspace.require_scope("channels:read")
    if "private_channel" in kinds:
        workspace.require_scope("groups:read")
    rows = [
        channel
        for channel in workspace.each("channels")
        if _kind(channel) in kinds
        and not (channel["is_private"] and not channel["is_member"])
        and not (is_true(arguments.get("exclude_archived")) and channel["is_archived"])
    ]
    shown, following = page_of(rows, arguments, workspace.settings["page_size"], 100)
    return Answer({"ok": True, "channels": shown, "response_metadata": {"next_cursor": following}})


def _kind(channel: Record) -> str:
    if channel["is_im"]:
        return "im"
    return "private_channel" if channel["is_private"] else "public_channel"


def _conversation_info(call: Call) -> Answer:
    call.vendor.require_scope("channels:read", "groups:read")
    channel = call.vendor.channel(str(arguments_of(call).get("channel", "")))
    return Answer({"ok": True, "channel": channel})


def _join(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    workspace.require_scope("channels:join")
    channel = workspace.channel(str(arguments_of(call).get("channel", "")))
    if channel["is_archived"]:
        raise failure("is_archived")
    if channel["is_private"] or channel["is_im"]:
        raise failure("method_not_supported_for_channel_type")
    was_there = channel["is_member"]
    channel["is_member"] = True
    warning = {"warning": "already_in_channel"} if was_there else {}
    return Answer({"ok": True, "channel": channel, **warning})


def _open(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    workspace.require_scope("im:write")
    given = str(arguments_of(call).get("users", "")).split(",")[0]
    user = workspace.records["users"].get(given)
    if user is None:
        raise failure("user_not_found")
    if user["deleted"]:
        raise failure("user_disabled")
    return Answer({"ok": True, "channel": {"id": workspace.direct(user)["id"]}})


def _user_info(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    workspace.require_scope("users:read")
    user = workspace.records["users"].get(str(arguments_of(call).get("user", "")))
    if user is None:
        raise failure("user_not_found")
    return Answer({"ok": True, "user": _shown_user(workspace, user)})


def _users(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    workspace.require_scope("users:read")
    rows = [_shown_user(workspace, user) for user in workspace.each("users")]
    shown, following = page_of(
        rows, arguments_of(call), workspace.settings["page_size"], len(rows) or 1
    )
    metadata = {"next_cursor": following}
    return Answer({"ok": True, "members": shown, "response_metadata": metadata})


def _lookup_by_email(call: Call) -> Answer:
    workspace: Workspace = call.vendor
    workspace.require_scope("users:read.email")
    wanted = str(arguments_of(call).get("email", "")).lower()
    for user in workspace.each("users"):
        if wanted and str(user["profile"].get("email", "")).lower() == wanted:
            if user["deleted"]:
                break
            return Answer({"ok": True, "user": _shown_user(workspace, user)})
    raise failure("users_not_found")


def _shown_user(workspace: Workspace, user: Record) -> dict[str, Any]:
    """Return a person; their address only to an app that may see it."""
    may_see = "users:read.email" in workspace.scopes
    profile = {name: value for name, value in user["profile"].items() if may_see or name != "email"}
    return {**user, "team_id": workspace.credentials["team_id"], "profile": profile}
