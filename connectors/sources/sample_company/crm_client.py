"""Small clients of the CRM stand-ins, enough to fill them and to read records page by page."""

import time
from collections.abc import Iterator
from typing import Any

import requests

from connectors.retry_after import seconds_asked
from warehouse.errors import CopilotError

API = "/services/data/v62.0"
_TIMEOUT = (10, 120)
_TRIES = 4


class StandinClient:
    """Reads, and seeds, a CRM's stand-in.

    Parameters
    ----------
    url : str
        Base URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def seed(self, body: bytes) -> None:
        """Put records into the stand-in as they are, one JSON object a line."""
        answer = self._send("POST", "/__sandbox__/seed", data=body)
        if answer.status_code != 200:
            what = f"The CRM at {self.url} did not take the synthetic records: {reason(answer)}."
            hint = "Only the CRM stand-in can be filled; a real org is read with its own connector."
            raise CopilotError(what, hint)

    def get(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at an address.

        Raises
        ------
        CopilotError
            The stand-in does not answer, or not with one.
        """
        answer = self._send("GET", path, params=params)
        if answer.status_code != 200:
            what = f"The CRM at {self.url} answered {path} with {reason(answer)}."
            raise CopilotError(what, "Run the sync again; see the stand-in's log if it persists.")
        body: dict[str, Any] = answer.json()
        return body

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Send a request, again after 429, 5xx or a lost connection."""
        problem, asked = "", None
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(0.5 * 2**attempt if asked is None else asked)
            try:
                answer = self._session.request(
                    method, self.url + path, timeout=_TIMEOUT, **arguments
                )
            except (requests.ConnectionError, requests.Timeout) as error:
                problem, asked = type(error).__name__, None
                continue
            if answer.status_code != 429 and answer.status_code < 500:
                return answer
            problem, asked = reason(answer), seconds_asked(answer.headers.get("Retry-After"))
        what = f"The CRM at {self.url} does not answer {method} {path} ({problem})."
        raise CopilotError(what, "Is the CRM stand-in running? `python -m connectors.sandbox`")


class CrmClient(StandinClient):
    """Reads, and seeds, Salesforce's stand-in.

    Parameters
    ----------
    url : str
        Base URL.
    client_id, client_secret : str
        For the client-credentials grant. Neither is ever logged.
    """

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        super().__init__(url)
        self._client_id, self._client_secret = client_id, client_secret

    def login(self) -> None:
        """Get an access token.

        Raises
        ------
        CopilotError
            If the CRM cannot be reached or refuses the credentials.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer = self._send("POST", "/services/oauth2/token", data=form)
        if answer.status_code != 200:
            what = f"The CRM at {self.url} refused the client credentials: {reason(answer)}."
            raise CopilotError(what, "Check client_id and client_secret of the source.")
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def describe(self, name: str) -> list[dict[str, Any]]:
        """Return an object's fields as its describe call lists them."""
        fields: list[dict[str, Any]] = self.get(f"{API}/sobjects/{name}/describe")["fields"]
        return fields

    def count(self, name: str) -> int:
        """Return how many records an object has, deleted ones included."""
        soql = f"SELECT COUNT() FROM {name}"  # noqa: S608  the name of a stream
        answer = self.get(f"{API}/queryAll", params={"q": soql})
        return int(answer["totalSize"])

    def query(self, soql: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the records of a query page by page, deleted ones included."""
        page = self.get(f"{API}/queryAll", params={"q": soql})
        yield page["records"]
        while not page["done"]:
            page = self.get(page["nextRecordsUrl"])
            yield page["records"]

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Send a request, with a fresh session where the old one has ended."""
        answer = super()._send(method, path, **arguments)
        if answer.status_code == 401 and method == "GET":
            self.login()
            answer = super()._send(method, path, **arguments)
        return answer


def reason(answer: requests.Response) -> str:
    """Return an answer's status and first words."""
    return f"{answer.status_code} {answer.text[:300]}".strip()
