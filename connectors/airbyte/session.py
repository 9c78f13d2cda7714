"""One session on an Airbyte server: how a request is made, and how its answer is read.

airbyte-api turns answers into classes of its own and refuses those that it does not know: a masked
configuration, a status of a newer server. So the JSON itself is read.
"""

import functools
import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx
from airbyte_api import AirbyteAPI, errors, models

from connectors.airbyte.transport import TOKEN_PATH, Patience, PatientClient, UnsureError
from warehouse.errors import CopilotError
from warehouse.settings import AirbyteSettings

Document = dict[str, Any]
PAGE = 100
_PUBLIC, _CONFIGURATION = "/api/public/v1", "/api/v1"


class RefusedError(CopilotError):
    """The server understood a request and did not carry it out.

    Parameters
    ----------
    status : int
        HTTP status.
    reason : str
        The server's own words.
    """

    def __init__(self, status: int, reason: str, doing: str) -> None:
        super().__init__(
            f"The Airbyte server refused to {doing} ({status}): {reason}",
            "Mend what it says, then run the command again; what is done stays done.",
        )
        self.status = status
        self.reason = reason


class _Answer(Protocol):
    raw_response: httpx.Response


class Session:
    """A session with the client's credentials; access tokens are fetched when needed.

    Parameters
    ----------
    settings : AirbyteSettings
        Where the server is.
    environment : mapping
        Holds AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET.
    patience : Patience
        How often a request is tried again.

    Raises
    ------
    CopilotError
        A credential is missing.
    """

    def __init__(
        self,
        settings: AirbyteSettings,
        environment: Mapping[str, str],
        patience: Patience | None = None,
    ) -> None:
        self._base = public_api(settings.url or "")
        names = ("AIRBYTE_CLIENT_ID", "AIRBYTE_CLIENT_SECRET")
        missing = [name for name in names if not environment.get(name, "").strip()]
        if missing:
            raise CopilotError(
                f"{' and '.join(missing)} not set, so the Airbyte server cannot be used.",
                "Make an application in Airbyte under Settings, Applications, and set both.",
            )
        self._id, self._secret = (environment[name].strip() for name in names)
        self._http = PatientClient(patience or Patience())
        self.api = AirbyteAPI(
            server_url=self._base,
            client=self._http,
            security=models.Security(
                client_credentials=models.SchemeClientCredentials(
                    client_id=self._id,
                    client_secret=self._secret,
                    token_url=self._base + TOKEN_PATH,
                )
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def configuration(self, path: str, body: Document) -> Document | None:
        """Call the configuration API; None where the server has none."""
        if not self._base.endswith(_PUBLIC):
            return None
        token = self._http.post(
            self._base + TOKEN_PATH,
            json={"client_id": self._id, "client_secret": self._secret},
        ).json()["access_token"]
        answer = self._http.post(
            f"{self._base.removesuffix(_PUBLIC)}{_CONFIGURATION}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        )
        if answer.status_code in (403, 404, 405):
            return None
        if not answer.is_success:
            raise RefusedError(answer.status_code, _reason(answer), f"do {path}")
        return dict(answer.json())

    def pages(self, doing: str, listing: Callable[[int], _Answer]) -> list[Document]:
        """Return all rows of a list, which is asked for page by page."""
        rows: list[Document] = []
        while True:
            offset = len(rows)
            found = self.ask(doing, functools.partial(listing, offset))["data"]
            rows += found
            if len(found) < PAGE:
                return rows

    def create(
        self, doing: str, send: Callable[[], _Answer], find: Callable[[], Document | None]
    ) -> Document:
        """Make something; after a request without an answer, look whether it was made."""
        try:
            return self.one(doing, send)
        except UnsureError:
            found = find()
            return found if found is not None else self.one(doing, send)

    def one(self, doing: str, send: Callable[[], _Answer]) -> Document:
        """Make a request whose answer is an object."""
        return dict(self.ask(doing, send))

    def ask(self, doing: str, send: Callable[[], _Answer]) -> Any:
        """Make a request, with a fresh token if the old one has expired.

        Raises
        ------
        RefusedError
            The server refuses it; its own words are in the message.
        TransientError
            The server does not answer.
        """
        try:
            return self._read(doing, send)
        except RefusedError as error:
            if error.status != 401:
                raise
            return self._read(doing, send)  # the token had expired; airbyte-api fetches another

    def _read(self, doing: str, send: Callable[[], _Answer]) -> Any:
        try:
            with warnings.catch_warnings():  # pydantic would show the configuration's secrets
                warnings.filterwarnings("ignore", message="Pydantic serializer warnings")
                raw = send().raw_response
        except errors.ResponseValidationError as error:
            raw = error.raw_response
        except errors.SDKError as error:
            if error.raw_response.is_success:
                raise self._not_airbyte(error.raw_response) from error
            raise RefusedError(error.status_code, _reason(error.raw_response), doing) from error
        try:
            return raw.json()
        except json.JSONDecodeError as error:
            raise self._not_airbyte(raw) from error

    def _not_airbyte(self, response: httpx.Response) -> CopilotError:
        return CopilotError(
            f"{response.request.url.copy_with(query=None)} does not answer as Airbyte's API does.",
            "Set airbyte.url to the server's address, such as http://localhost:8000.",
        )


def public_api(url: str) -> str:
    """Return the base of the public API: the address itself if it ends in a version."""
    bare = url.rstrip("/")
    return bare if bare.endswith("/v1") else bare + _PUBLIC


def _reason(response: httpx.Response) -> str:
    """Return the server's words: of a problem document, or else the status."""
    try:
        body = response.json()
    except ValueError:
        return response.reason_phrase or "no reason given"
    if not isinstance(body, dict):
        return "no reason given"
    data = body.get("data")
    said = data.get("message") if isinstance(data, dict) else None
    return str(said or body.get("detail") or body.get("message") or "no reason given").strip()
