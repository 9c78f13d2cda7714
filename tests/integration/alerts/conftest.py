"""An office in which alerts arrive: Slack, Teams and a mail server, over real sockets."""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.alerts.delivery import Pass, PassResult
from connectors.alerts.mail import MailChannel
from connectors.alerts.slack import SlackChannel
from connectors.alerts.teams import TeamsChannel
from connectors.sandbox.common.serving import listen
from connectors.sandbox.slack.app import build as build_slack
from connectors.sandbox.slack.workspace import Workspace
from connectors.sandbox.teams.app import build as build_teams
from connectors.sandbox.teams.tenant import Tenant
from tests.integration.standins import Standin, running
from warehouse.alert_settings import AlertSettings
from warehouse.database import Role, Warehouse
from warehouse.settings import Settings

NOON = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 6, 30)
TEAM = {"name": "team", "channel": "slack", "to": "#customers"}
OWNER = {"name": "owner", "channel": "slack", "to": "owner", "otherwise": "#customers"}
TEAMS = {"name": "teams", "channel": "teams"}
MAIL = {"name": "mail", "channel": "email", "to": "cs@copilot.example"}
COLUMNS = {
    "alert_id": "text", "as_of_date": "date", "account_id": "text", "account_name": "text",
    "segment": "text", "csm_name": "text", "csm_email": "text", "rule": "text",
    "rule_label": "text", "severity": "text", "state": "text", "opened_at": "date",
    "closed_at": "date", "detail": "text", "report_url": "text",
}  # fmt: skip


class Postbox:
    """What a mail server took, and how it is to answer."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.cuts = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if self.cuts:
            assert server.transport is not None
            server.transport.abort()
        return self.answer


@dataclass
class MailServer:
    """A running mail server that wants TLS and a login."""

    environment: dict[str, str]
    box: Postbox


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, file


@pytest.fixture
def mail_server(authority: tuple[trustme.CA, Path]) -> Iterator[MailServer]:
    def login(
        server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = data == LoginPassword(b"copilot", b"right")
        return AuthResult(success=is_right, handled=False)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority[0].issue_cert("localhost").configure_cert(context)
    box = Postbox()
    with listen(0) as free:
        port = free.getsockname()[1]
    controller = Controller(
        box, "127.0.0.1", port, tls_context=context, require_starttls=True, authenticator=login,
        auth_required=True,
    )  # fmt: skip
    controller.start()
    environment = {
        "SMTP_HOST": "localhost", "SMTP_PORT": str(port),
        "SMTP_FROM": "Copilot <bot@copilot.example>",
        "SMTP_USERNAME": "copilot", "SMTP_PASSWORD": "right", "SMTP_CA_FILE": str(authority[1]),
    }  # fmt: skip
    yield MailServer(environment, box)
    controller.stop()


@dataclass
class Office:
    """The warehouse's alerts, the channels, and the time."""

    warehouse: Warehouse
    workspace: Workspace
    slack: Standin
    tenant: Tenant
    teams: Standin
    mail: MailServer
    now: dt.datetime = NOON
    settings: dict[str, Any] = field(default_factory=dict)
    openers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    timezone: str = "UTC"
    budget_seconds: float = 600

    def __post_init__(self) -> None:
        self.environment = {
            "SLACK_BOT_TOKEN": self.workspace.credentials["bot_token"],
            "SLACK_API_URL": f"{self.slack.url}/api/",
            "TEAMS_WEBHOOK_URL": self.teams.url + self.tenant.webhook_path,
            **self.mail.environment,
        }
        environment = self.environment
        self.openers = {
            "slack": lambda: SlackChannel(environment, pace=0, timeout=2, sleep=lambda _: None),
            "teams": lambda: TeamsChannel(environment, pace=0, sleep=lambda _: None),
            "email": lambda: MailChannel(environment, timeout=30),
        }

    def alerts(self, *rows: dict[str, Any], as_of: dt.date = DAY) -> None:
        """Put these alerts into the outbound table, in place of what was there."""
        usual = {
            "account_id": "a1", "account_name": "Acme", "segment": "Enterprise",
            "csm_name": "Ann Lee", "csm_email": "ann@copilot.example", "rule": "severe_ticket",
            "rule_label": "An urgent ticket is open", "severity": "high", "state": "open",
            "opened_at": dt.date(2026, 6, 29), "detail": "2 urgent tickets open",
            "report_url": "https://reports.example/accounts/a1", "as_of_date": as_of,
        }  # fmt: skip
        table = f'"{self.warehouse.schema("publish")}".sync_alert'
        with self.warehouse.connect(Role.TRANSFORMER) as connection:
            columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            connection.execute(f"create table if not exists {table} ({columns})".encode())
            connection.execute(f"delete from {table}".encode())
            for row in rows:
                whole = usual | {"alert_id": "alert-1"} | row
                names, marks = ", ".join(whole), ", ".join(["%s"] * len(whole))
                connection.execute(
                    f"insert into {table} ({names}) values ({marks})".encode(),
                    list(whole.values()),
                )

    def run(self, *routes: dict[str, Any], **settings: Any) -> PassResult:
        """Do a pass with these routes."""
        return Pass(
            self.warehouse,
            Settings(
                company_name="Test company (synthetic)",
                sources=["app"],
                reporting_timezone=self.timezone,
                alerts=AlertSettings(**({"routes": routes} | settings)),
            ),
            self.openers,
            clock=lambda: self.now,
            budget_seconds=self.budget_seconds,
        ).run()

    def begin(self, *routes: dict[str, Any], **settings: Any) -> None:
        """Do the first pass ever, on which what stands open is told as a digest."""
        self.alerts({"alert_id": "old", "account_id": "a0", "state": "closed"})
        self.run(*routes, **settings)

    def in_slack(self, channel: str = "#customers") -> list[str]:
        """Return the titles of what was posted to a conversation, in order."""
        wanted = self.workspace.channel(channel)["id"]
        rows = [one for one in self.workspace.each("messages") if one["channel"] == wanted]
        return [one["text"] for one in rows]

    def in_teams(self) -> list[str]:
        """Return the titles of the cards, in order."""
        cards = [one["card"] for one in self.tenant.each("cards")]
        return [card["body"][0]["inlines"][0]["text"] for card in cards]

    def in_mail(self) -> list[str]:
        """Return the subjects, in order."""
        return [str(mail["Subject"]) for mail in self.mail.box.mails]

    def everything_sent(self) -> str:
        """Return all that has left the house, as one text."""
        posted = [str(one) for one in self.workspace.each("messages")]
        cards = [str(one) for one in self.tenant.each("cards")]
        mails = []
        for mail in self.mail.box.mails:
            parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
            mails.append("\n".join([str(mail["Subject"]), *parts]))
        return "\n".join([*posted, *cards, *mails])

    def ledger(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the messages, in the order in which they came."""
        table = f'"{self.warehouse.schema("ops")}".alert_message'
        with self.warehouse.connect() as connection:
            names = ", ".join(columns)
            query = f"select {names} from {table} order by position"
            return connection.execute(query.encode()).fetchall()

    def states(self) -> list[str]:
        """Return the states of all messages."""
        return [row[0] for row in self.ledger("state")]

    def ended(
        self, run_id: str, status: str, hours: float = 0, *, as_of: dt.date = DAY - dt.timedelta(1)
    ) -> None:
        """Write down a run that ended so many hours after noon."""
        at = NOON + dt.timedelta(hours=hours)
        table = f'"{self.warehouse.schema("ops")}".run'
        with self.warehouse.connect() as connection:
            connection.execute(
                f"insert into {table} (run_id, as_of_date, started_at, finished_at, status,"
                " message) values (%s, %s, %s, %s, %s, 'dbt_foundation')".encode(),
                (run_id, as_of, at, at, status),
            )

    def forget(self) -> None:
        """Begin anew: nothing was ever said."""
        ops = self.warehouse.schema("ops")
        with self.warehouse.connect() as connection:
            for table in ("alert_message", "alert_state", "alert_mute", "run", "task"):
                connection.execute(f'delete from "{ops}".{table}'.encode())
        self.workspace.records["messages"].clear()
        self.slack.forget()

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**span)


@pytest.fixture
def office(warehouse: Warehouse, mail_server: MailServer) -> Iterator[Office]:
    workspace, tenant = Workspace(), Tenant()
    with running(build_slack(workspace)) as slack, running(build_teams(tenant)) as teams:
        slack.admin("POST", "settings", {"burst": 1000, "messages_per_second": 1000})
        teams.admin("POST", "settings", {"requests_per_second": 1000})
        workspace.seed("channels", {"id": "C0CUSTOMERS", "name": "customers", "is_member": True})
        workspace.seed("channels", {"id": "C0ONDUTY000", "name": "on-duty", "is_member": True})
        workspace.seed(
            "users",
            {"id": "U0ANN000000", "name": "ann", "profile": {"email": "ann@copilot.example"}},
        )
        opened = Office(warehouse, workspace, slack, tenant, teams, mail_server)
        yield opened
        opened.forget()
