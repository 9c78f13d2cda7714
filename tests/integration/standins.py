"""How tests talk to a vendor's stand-in: over HTTP, as its clients and its administrator do."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from starlette.types import ASGIApp

from connectors.sandbox.common.serving import serving
from connectors.sandbox.common.vendor import ADMIN


@dataclass
class Standin:
    """A running stand-in.

    Parameters
    ----------
    url : str
        Where it is reached.
    http : requests.Session
        Carries whatever credentials the test gives it.
    """

    url: str
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False

    def admin(self, method: str, what: str, payload: Any = None) -> Any:
        """Call an address of the administration."""
        answer = self.http.request(method, f"{self.url}{ADMIN}/{what}", json=payload, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def seed(self, collection: str, *records: dict[str, Any]) -> None:
        """Put records in as they are."""
        lines = [json.dumps({"object": collection, "record": record}) for record in records]
        data = "\n".join(lines).encode()
        answer = self.http.post(f"{self.url}{ADMIN}/seed", data=data, timeout=10)
        assert answer.status_code == 200, answer.text

    def fault(self, path: str, **settings: Any) -> None:
        """Plan a fault."""
        self.admin("POST", "faults", {"path": path, **settings})

    def faults_left(self) -> list[dict[str, Any]]:
        """Return the faults that no request has met yet."""
        left: list[dict[str, Any]] = self.admin("GET", "faults")
        return left

    def forget(self) -> None:
        """Forget faults and the requests seen."""
        self.admin("DELETE", "faults")

    def calls(self, ending: str, method: str = "GET") -> int:
        """Count the requests to addresses with this ending."""
        seen: dict[str, int] = self.admin("GET", "requests")
        wanted = f"{method} "
        return sum(n for key, n in seen.items() if key.startswith(wanted) and key.endswith(ending))

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Call the vendor's API and return its JSON."""
        answer = self.http.request(method, f"{self.url}{path}", timeout=10, **more)
        assert answer.ok, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@contextlib.contextmanager
def running(app: ASGIApp) -> Iterator[Standin]:
    """Serve a stand-in while the block runs."""
    with serving(app) as url:
        standin = Standin(url)
        yield standin
        standin.http.close()
