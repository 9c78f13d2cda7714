"""Messages: posting, changing, deleting, reading."""

import re
from typing import Any

from connectors.sandbox.common.vendor import Answer, Call, Record
from connectors.sandbox.slack.arguments import arguments_of, is_true, structured
from connectors.sandbox.slack.blocks import check_blocks
from connectors.sandbox.slack.paging import page_of
from connectors.sandbox.slack.workspace import Workspace, failure

_LONGEST = 40_000
_EVENT_TYPE = re.compile(r"[A-Za-z0-9_.]+")


def post(call: Call) -> Answer:
    """Answer ``chat.postMessage``."""
    workspace: Workspace = call.vendor
    workspace.require_scope("chat:write")
    arguments = arguments_of(call)
    channel = workspace.channel(str(arguments.get("channel", "")))
    if channel["is_archived"]:
        raise failure("is_archived")
    may_enter = "chat:write.public" in workspace.scopes and not channel["is_private"]
    if not channel["is_member"] and not may_enter:
        raise failure("not_in_channel")
    content = _content(arguments)
    workspace.admit_message(channel["id"])
    message = {
        "type": "message",
        "subtype": "bot_message",
        "ts": workspace.next_ts(),
        "user": workspace.bot["id"],
        "bot_id": "B0COPILOT01",
        "team": workspace.credentials["team_id"],
        **content,
    }
    if arguments.get("thread_ts"):
        message["thread_ts"] = str(arguments["thread_ts"])
    key = f"{channel['id']}/{message['ts']}"
    workspace.records["messages"][key] = {"id": key, "channel": channel["id"], **message}
    workspace.touch("messages", key)
    return Answer({"ok": True, "channel": channel["id"], "ts": message["ts"], "message": message})


def _content(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return text, blocks and metadata of a message, checked."""
    text = str(arguments.get("text") or "")
    blocks = structured(arguments, "blocks")
    if blocks is not None:
        check_blocks(blocks)
    if not text and not blocks and not arguments.get("attachments"):
        raise failure("no_text")
    if len(text) > _LONGEST:
        raise failure("msg_too_long")
    content: dict[str, Any] = {"text": text}
    if blocks:
        content["blocks"] = blocks
    metadata = structured(arguments, "metadata")
    if metadata is not None:
        _check_metadata(metadata)
        content["metadata"] = metadata
    return content


def _check_metadata(metadata: Any) -> None:
    is_right = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and _EVENT_TYPE.fullmatch(metadata["event_type"])
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not is_right:
        raise failure("invalid_metadata_format")


def _own(call: Call, arguments: dict[str, Any], refusal: str) -> Record:
    workspace: Workspace = call.vendor
    workspace.require_scope("chat:write")
    channel = workspace.channel(str(arguments.get("channel", "")))
    key = f"{channel['id']}/{arguments.get('ts', '')}"
    message = workspace.records["messages"].get(key)
    if message is None:
        raise failure("message_not_found")
    if message.get("bot_id") != "B0COPILOT01":
        raise failure(refusal)
    return message


def update(call: Call) -> Answer:
    """Answer ``chat.update``."""
    arguments = arguments_of(call)
    message = _own(call, arguments, "cant_update_message")
    message |= _content(arguments) | {"edited": {"ts": call.vendor.next_ts()}}
    call.vendor.touch("messages", message["id"])
    said = {"channel": message["channel"], "ts": message["ts"], "text": message["text"]}
    return Answer({"ok": True, **said, "message": _shown(message, whole=True)})


def delete(call: Call) -> Answer:
    """Answer ``chat.delete``."""
    message = _own(call, arguments_of(call), "cant_delete_message")
    del call.vendor.records["messages"][message["id"]]
    call.vendor.touch("messages", message["id"])
    return Answer({"ok": True, "channel": message["channel"], "ts": message["ts"]})


def history(call: Call) -> Answer:
    """Answer ``conversations.history``: the newest message comes first."""
    workspace: Workspace = call.vendor
    arguments = arguments_of(call)
    given = str(arguments.get("channel", ""))
    if given not in workspace.records["channels"]:
        raise failure("channel_not_found")  # by its id only
    channel = workspace.channel(given)
    kind = "im" if channel["is_im"] else "groups" if channel["is_private"] else "channels"
    workspace.require_scope(f"{kind}:history")
    if not channel["is_member"]:
        raise failure("not_in_channel")
    may_see = "metadata.message:read" in workspace.scopes
    rows = [
        _shown(message, whole=may_see and is_true(arguments.get("include_all_metadata")))
        for message in workspace.each("messages")
        if message["channel"] == channel["id"] and _within(message["ts"], arguments)
    ]
    rows.sort(key=lambda message: float(message["ts"]), reverse=True)
    shown, following = page_of(rows, arguments, min(workspace.settings["page_size"], 999), 100)
    answer: dict[str, Any] = {"ok": True, "messages": shown, "has_more": bool(following)}
    if following:
        answer["response_metadata"] = {"next_cursor": following}
    return Answer(answer)


def _within(ts: str, arguments: dict[str, Any]) -> bool:
    is_inclusive = is_true(arguments.get("inclusive"))
    moment = float(ts)
    oldest = float(arguments.get("oldest") or 0)
    latest = float(arguments.get("latest") or "inf")
    return oldest < moment < latest or (is_inclusive and moment in (oldest, latest))


def _shown(message: Record, *, whole: bool) -> dict[str, Any]:
    """Return a message as answers hold it; its metadata only where they were asked for."""
    hidden = {"id", "channel"} if whole else {"id", "channel", "metadata"}
    return {name: value for name, value in message.items() if name not in hidden}
