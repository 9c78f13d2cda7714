"""Airbyte protocol messages on standard output."""

import time
from collections.abc import Iterable
from typing import Any, BinaryIO

import orjson

Message = dict[str, Any]


class Output:
    """Writes messages, a line each, in large pieces.

    Parameters
    ----------
    stream : binary file
        Usually ``sys.stdout.buffer``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def message(self, message: Message) -> None:
        """Write one message and flush."""
        self._stream.write(orjson.dumps(message) + b"\n")
        self._stream.flush()

    def log(self, text: str, level: str = "INFO") -> None:
        """Write a LOG message."""
        self.message({"type": "LOG", "log": {"level": level, "message": text}})

    def status(self, stream: str, status: str) -> None:
        """Write a stream status: STARTED, RUNNING, COMPLETE or INCOMPLETE."""
        detail = {"stream_descriptor": {"name": stream}, "status": status}
        self._trace({"type": "STREAM_STATUS", "stream_status": detail})

    def error(self, message: str, kind: str = "config_error", detail: str = "") -> None:
        """Write a TRACE ERROR; `kind` is config_error, transient_error or system_error."""
        error = {"message": message, "failure_type": kind}
        if detail:
            error["internal_message"] = detail
        self._trace({"type": "ERROR", "error": error})

    def _trace(self, trace: Message) -> None:
        stamped = {"emitted_at": time.time() * 1000, **trace}
        self.message({"type": "TRACE", "trace": stamped})

    def state(self, stream: str, state: dict[str, Any], count: int) -> None:
        """Write a STREAM state that acknowledges `count` records since the last one."""
        self.message(
            {
                "type": "STATE",
                "state": {
                    "type": "STREAM",
                    "stream": {"stream_descriptor": {"name": stream}, "stream_state": state},
                    "sourceStats": {"recordCount": float(count)},
                },
            }
        )

    def records(self, stream: str, lines: Iterable[bytes]) -> None:
        """Write records that are JSON already."""
        now = int(time.time() * 1000)
        head = orjson.dumps({"stream": stream, "emitted_at": now})[:-1]
        before = b'{"type":"RECORD","record":' + head + b',"data":'
        body = b"".join([before + line + b"}}\n" for line in lines])
        self._stream.write(body)
        self._stream.flush()
