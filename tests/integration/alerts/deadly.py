"""A process that is killed at a request."""

from typing import Any

from connectors.alerts.channel import Address
from connectors.alerts.message import Message


class KilledError(BaseException):
    """The process ends here."""


class Deadly:
    """A channel at whose n-th request the process is killed, before or after it is carried out."""

    def __init__(self, channel: Any, fuse: list[int], *, after: bool) -> None:
        self._channel, self._fuse, self._after = channel, fuse, after

    def send(self, message_id: str, address: Address, message: Message) -> str:
        self._fuse[0] -= 1
        if self._fuse[0] == 0 and not self._after:
            raise KilledError
        reference: str = self._channel.send(message_id, address, message)
        if self._fuse[0] == 0:
            raise KilledError
        return reference

    def check(self) -> str:
        return ""

    def find(self, message_id: str, address: Address, since: float) -> str | None:
        found: str | None = self._channel.find(message_id, address, since)
        return found
