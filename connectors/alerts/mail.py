"""E-mail: SMTP with TLS, each message as text and as HTML."""

import contextlib
import html
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, localtime

from connectors.alerts.channel import (
    NO_OWNER,
    Address,
    NoReadBackError,
    NotSentError,
    UnknownOutcomeError,
)
from connectors.alerts.message import Message
from warehouse.alert_settings import OWNER
from warehouse.errors import CopilotError

_TIMEOUT_SECONDS = 20.0
_TLS_PORT = 465
_MOST_ITEMS = 200
_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+")  # one address, as every server takes it
_NAMES = ("SMTP_HOST", "SMTP_FROM")


class MailChannel:
    """Sends by one SMTP server, always encrypted.

    Parameters
    ----------
    environment : mapping
        ``SMTP_HOST``, ``SMTP_FROM``; ``SMTP_PORT`` (587: STARTTLS; 465: TLS from the start),
        ``SMTP_USERNAME``, ``SMTP_PASSWORD``, ``SMTP_CA_FILE`` (a certificate authority of one's
        own).

    Raises
    ------
    CopilotError
        No server or no sender is named.
    """

    name = "email"

    def __init__(
        self, environment: Mapping[str, str], *, timeout: float = _TIMEOUT_SECONDS
    ) -> None:
        missing = [name for name in _NAMES if not environment.get(name, "").strip()]
        if missing:
            raise CopilotError(
                f"{', '.join(missing)} not set, so no e-mail can be sent.",
                "Set them in the environment.",
            )
        self._host = environment["SMTP_HOST"].strip()
        self._sender = environment["SMTP_FROM"].strip()
        self._port = _port(environment.get("SMTP_PORT", ""))
        self._login = (environment.get("SMTP_USERNAME", ""), environment.get("SMTP_PASSWORD", ""))
        self._ca_file = environment.get("SMTP_CA_FILE", "").strip() or None
        self._timeout = timeout

    def send(self, message_id: str, address: Address, message: Message) -> str:
        """Send one mail to one address; return its Message-ID."""
        recipient = self._recipient(address)
        mail = self.mail_of(message_id, recipient, message)
        with self._session() as session:
            self._envelope(session, recipient)
            self._hand_over(session, mail)
        return str(mail["Message-ID"])

    def find(self, message_id: str, address: Address, since: float) -> str | None:
        """Raise: a mail that was handed over cannot be asked for."""
        raise NoReadBackError("E-mail cannot be read back.")

    def check(self) -> str:
        """Log in and out again; return in words what answered."""
        with self._session():
            return f"{self._host}:{self._port} takes mail over TLS"

    def mail_of(self, message_id: str, recipient: str, message: Message) -> EmailMessage:
        """Return the mail: the same words as text and as HTML."""
        shown = message.first(_MOST_ITEMS)
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = recipient
        mail["Subject"] = shown.title
        mail["Date"] = format_datetime(localtime())
        # The same for each try, so that a mailbox can tell a second copy.
        domain = self._sender.rpartition("@")[2].strip("> ") or "localhost"
        mail["Message-ID"] = f"<{message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text_of(shown))
        mail.add_alternative(html_of(shown), subtype="html")
        return mail

    def _recipient(self, address: Address) -> str:
        for recipient in (address.owner if address.to == OWNER else address.to, address.otherwise):
            if recipient is not None and _ADDRESS.fullmatch(recipient):
                return recipient
        raise NotSentError(*NO_OWNER)

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Yield an encrypted session, logged in; how it ends tells nothing of the mail."""
        session = self._opened()
        try:
            yield session
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                session.quit()
            session.close()

    def _opened(self) -> smtplib.SMTP:
        session: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context(cafile=self._ca_file)
            if self._port == _TLS_PORT:
                session = smtplib.SMTP_SSL(
                    self._host, self._port, timeout=self._timeout, context=context
                )
            else:
                session = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
                session.starttls(context=context)
            if self._login[0]:
                session.login(*self._login)
        except (smtplib.SMTPException, OSError) as error:
            if session is not None:
                session.close()
            raise _no_session(self._host, self._port, error) from None
        return session

    def _hand_over(self, session: smtplib.SMTP, mail: EmailMessage) -> None:
        try:
            code, _ = session.data(mail.as_bytes(policy=SMTP_POLICY))
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, "the mail") from None
        except (smtplib.SMTPException, OSError) as error:
            raise UnknownOutcomeError(
                f"The mail server broke off while it took the mail ({type(error).__name__})."
            ) from None
        if code != 250:
            raise _refused(code, "the mail")

    def _envelope(self, session: smtplib.SMTP, recipient: str) -> None:
        """Say from whom and to whom; a refusal here means that nothing has been sent."""
        try:
            session.ehlo_or_helo_if_needed()
            code, _ = session.mail(self._sender.rpartition("<")[2].rstrip("> "))
            if code != 250:
                raise _refused(code, "the sender SMTP_FROM")
            code, _ = session.rcpt(recipient)
            if code not in {250, 251}:
                raise _refused(code, "the recipient")
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(
                f"The mail server broke off before the mail ({type(error).__name__})."
            ) from None


def _port(given: str) -> int:
    if not given.strip():
        return 587
    if not given.strip().isdigit():
        raise CopilotError("SMTP_PORT is not a number.", "587 for STARTTLS, 465 for TLS.")
    return int(given)


def _refused(code: int, what: str) -> NotSentError:
    """Return a refusal by its code; the server's own words may name addresses."""
    return NotSentError(f"The mail server refused {what} (SMTP {code}).")


def _no_session(host: str, port: int, error: Exception) -> NotSentError:
    where = f"{host}:{port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return NotSentError(
            f"{where} refused the login (SMTP {error.smtp_code}).",
            "Are SMTP_USERNAME and SMTP_PASSWORD right?",
            stops_channel=True,
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSentError(
            f"{where} shows a certificate that cannot be trusted: {error.verify_message}.",
            "Name your authority's certificate in SMTP_CA_FILE.",
            stops_channel=True,
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NotSentError(
            f"{where} does not offer TLS or the login.",
            "Mail is never sent unencrypted; use a port that offers STARTTLS, or 465.",
            stops_channel=True,
        )
    return NotSentError(
        f"{where} cannot be reached ({type(error).__name__}).",
        "Are SMTP_HOST and SMTP_PORT right, and is the way open?",
        stops_channel=True,
    )


def text_of(message: Message) -> str:
    """Return the mail as plain text."""
    parts = []
    for item in message.items:
        lines = [item.title, item.text, *([item.url] if item.url else [])]
        parts.append("\n".join(lines))
    parts += [part for part in (message.rest, message.footer) if part]
    return "\n\n".join(parts) + "\n"


def html_of(message: Message) -> str:
    """Return the mail as HTML; every name is escaped, and no picture or script is in it."""
    rows = []
    for item in message.items:
        link = (
            f'<br><a href="{html.escape(item.url, quote=True)}">Open the report</a>'
            if item.url
            else ""
        )
        rows.append(f"<p><b>{html.escape(item.title)}</b><br>{html.escape(item.text)}{link}</p>")
    ends = [f"<p>{html.escape(part)}</p>" for part in (message.rest, message.footer) if part]
    body = "\n".join([f"<h2>{html.escape(message.title)}</h2>", *rows, *ends])
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>'
