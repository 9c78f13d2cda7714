"""What a channel can do, and in which three ways it may fail to."""

from dataclasses import dataclass
from typing import Protocol

from connectors.alerts.message import Message
from connectors.retry_after import seconds_asked
from warehouse.errors import CopilotError


class NotSentError(CopilotError):
    """The message has certainly not gone out.

    Parameters
    ----------
    what, hint : str
        What happened, and what to do; without secrets and addresses.
    wait_seconds : float or None
        How long the vendor asks to wait.
    stops_channel : bool
        No other message makes sense on this channel now.
    """

    def __init__(
        self,
        what: str,
        hint: str = "",
        *,
        wait_seconds: float | None = None,
        stops_channel: bool = False,
    ) -> None:
        super().__init__(what, hint)
        self.wait_seconds = wait_seconds
        self.stops_channel = stops_channel


class UnknownOutcomeError(CopilotError):
    """There was no usable answer: the message may have gone out."""


class NoReadBackError(CopilotError):
    """The channel cannot tell what it has sent, now or later."""


def wait_before_next(retry_after: str | None) -> float:
    """Return how long a vendor asks to wait by its ``Retry-After``; a second if it does not say."""
    asked = seconds_asked(retry_after)
    return 1.0 if asked is None else asked


NO_OWNER = (
    "The account has no owner whom this channel knows.",
    "Name an owner with an address in the CRM, or `otherwise` in the route.",
)


@dataclass(frozen=True)
class Address:
    """To whom a message goes.

    Parameters
    ----------
    to : str
        What the route says, ``owner`` included.
    owner : str or None
        The owner's e-mail address, where the route goes to the owner; it finds them, and is in
        no message.
    otherwise : str or None
        Where it goes if there is no owner, or the channel does not know them.
    """

    to: str
    owner: str | None = None
    otherwise: str | None = None

    def __repr__(self) -> str:
        """Show where it goes; no person's address."""
        return f"Address(to={self.to!r})"


class Channel(Protocol):
    """One channel; it waits between messages as the vendor asks."""

    name: str

    def send(self, message_id: str, address: Address, message: Message) -> str:
        """Send once, without trying again where the outcome is unknown; return its reference.

        Raises
        ------
        NotSentError, UnknownOutcomeError
            It has not gone out, or nobody knows.
        """

    def check(self) -> str:
        """Return in words with what the channel works.

        Raises
        ------
        NotSentError
            It does not.
        """

    def find(self, message_id: str, address: Address, since: float) -> str | None:
        """Return the reference of a message sent after ``since`` (Unix time); None if not there.

        Raises
        ------
        NoReadBackError
            The channel cannot tell.
        """
