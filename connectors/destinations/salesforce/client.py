"""Salesforce through simple-salesforce, with its refusals in words that tell what to do."""

import base64
import dataclasses
import datetime as dt
import email.utils
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError
from simple_salesforce.login import SalesforceLogin, token_login
from simple_salesforce.util import call_salesforce

from connectors.destinations.common.crm import CrmRefusalError, CrmUnreachableError, Quota
from connectors.destinations.common.transport import (
    LoopbackAdapter,
    RetryingSession,
    RetryPolicy,
    is_loopback,
    may_pass,
)
from warehouse.errors import CopilotError

API_VERSION = "59.0"
BATCH_SIZE = 200
READ_SIZE = 2000
_LIMIT = re.compile(r"api-usage=(\d+)/(\d+)")
_ID = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")
_CREDENTIALS_HINT = (
    "Check SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET (or SALESFORCE_USERNAME,"
    " SALESFORCE_PASSWORD and SALESFORCE_SECURITY_TOKEN); README.md says where they come from."
)
T = TypeVar("T")


LABEL = "Salesforce"
_RUN_ENDERS = frozenset({"REQUEST_LIMIT_EXCEEDED", "INVALID_SESSION_ID", "API_DISABLED_FOR_ORG"})


class SalesforceClient:
    """The few calls that the destination makes.

    Parameters
    ----------
    environment : mapping
        Holds SALESFORCE_INSTANCE_URL, and either SALESFORCE_CLIENT_ID with
        SALESFORCE_CLIENT_SECRET or SALESFORCE_USERNAME with SALESFORCE_PASSWORD and
        SALESFORCE_SECURITY_TOKEN.
    instance_url : str, optional
        Used where the environment names none.
    policy : RetryPolicy, optional
        Time limits and retries.

    Raises
    ------
    CopilotError
        A variable is missing, the credentials are wrong, or there is no answer.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        instance_url: str | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._environment = os.environ if environment is None else environment
        self.instance_url = _instance_url(self._environment, instance_url)
        self.session = RetryingSession(policy or RetryPolicy(), _is_transient)
        self.session.hooks["response"].append(self._note_limit)
        self.log_ins = 0
        self.told_at = dt.datetime.now(dt.UTC)
        self._quota: Quota | None = None
        if self.instance_url.startswith("http://"):
            self.session.trust_env = False
            secure = "https" + self.instance_url.removeprefix("http")
            self.session.mount(secure, LoopbackAdapter())
        self._api = self._log_in()

    # -- calls -------------------------------------------------------------------------------

    def describe(self, object_name: str) -> dict[str, dict[str, Any]]:
        """Return the object's fields, as this user may see them, by name."""
        answer = self._call(lambda: getattr(self._api, object_name).describe())
        return {field["name"]: dict(field) for field in answer["fields"]}

    def query(self, soql: str, *, include_deleted: bool = False) -> list[dict[str, Any]]:
        """Return all records of a query, through all its pages."""
        answer = self._call(lambda: self._api.query_all(soql, include_deleted=include_deleted))
        return [_plain(record) for record in answer["records"]]

    def read(
        self, object_name: str, ids: Sequence[str], fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return the records of up to 2,000 Ids that are there and not deleted."""
        body = {"ids": list(ids), "fields": ["Id", *fields]}
        path = f"composite/sobjects/{object_name}"
        answer = self._call(lambda: self._api.restful(path, method="POST", json=body))
        return [_plain(record) for record in answer if record is not None]

    def update(
        self, object_name: str, records: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Update up to 200 records, each for itself; return their results in the same order.

        Raises
        ------
        CrmRefusalError
            The whole request was refused.
        CrmUnreachableError
            There was no usable answer.
        """
        return self._collection("PATCH", object_name, records)

    def create(
        self, object_name: str, records: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Create up to 200 records; return their results in the same order."""
        return self._collection("POST", object_name, records)

    def create_once(
        self, object_name: str, records: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Create up to 200 records by a request that is sent once, whatever becomes of it."""
        usual = self.session.policy
        self.session.policy = dataclasses.replace(usual, attempts=1)
        try:
            return self.create(object_name, records)
        finally:
            self.session.policy = usual

    def upsert(
        self, object_name: str, field: str, records: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Create up to 200 records, or update those that have the value of an external id."""
        return self._collection("PATCH", object_name, records, f"/{object_name}/{field}")

    def custom_fields(self, object_name: str) -> set[str]:
        """Return the names of the object's custom fields, seen by this user or not."""
        soql = (
            "SELECT DeveloperName, NamespacePrefix FROM CustomField"  # noqa: S608
            f" WHERE TableEnumOrId = '{object_name}'"
        )
        answer = self._call(
            lambda: self._api.restful("tooling/query", params={"q": soql}, method="GET")
        )
        return {
            f"{record['DeveloperName']}__c"
            for record in answer["records"]
            if not record["NamespacePrefix"]
        }

    def create_field(self, object_name: str, name: str, metadata: Mapping[str, Any]) -> bool:
        """Make a custom field; return False if it was there already."""
        body = {"FullName": f"{object_name}.{name}", "Metadata": dict(metadata)}
        try:
            self._call(
                lambda: self._api.restful("tooling/sobjects/CustomField", method="POST", json=body)
            )
        except CrmRefusalError as error:
            if error.code == "DUPLICATE_DEVELOPER_NAME":
                return False
            raise
        return True

    def call(self, method: str, path: str, **how: Any) -> Any:
        """Return the JSON answer of any address of the API."""
        return self._call(lambda: self._api.restful(path, method=method, **how))

    def text(self, method: str, path: str, body: str | None = None) -> str:
        """Send CSV, or fetch it; return the answer's text."""

        def act() -> str:
            headers = {
                "Authorization": f"Bearer {self._api.session_id}",
                "Content-Type": "text/csv; charset=UTF-8",
            }
            data = None if body is None else body.encode()
            answer = call_salesforce(
                f"{self._api.base_url}{path}", method, self.session, headers, data=data
            )
            answer.encoding = "utf-8"
            return str(answer.text)

        return self._call(act)

    def quota(self) -> Quota | None:
        """Return the org's limit of calls, as the last answer told it (``Sforce-Limit-Info``)."""
        return self._quota

    def failure(self, status: int, content: Any) -> CrmRefusalError | CrmUnreachableError:
        """Return what an answer with an HTTP status of 400 and more means to the publishing."""
        code, words = _words(status, content)
        if status >= 500 or status == 429:
            return CrmUnreachableError(
                f"Salesforce at {self.instance_url} keeps answering {status}: {words}",
                "Try again later; https://status.salesforce.com tells of outages.",
            )
        return _refusal(code, words)

    def user_id(self) -> str:
        """Return the Id of the user that this session acts as."""
        return str(self._call(lambda: self._api.oauth2("userinfo"))["user_id"])

    # -- how -----------------------------------------------------------------------------------

    def _collection(
        self, method: str, object_name: str, records: Sequence[Mapping[str, Any]], path: str = ""
    ) -> list[dict[str, Any]]:
        body = collection(object_name, records)
        answer = self._call(
            lambda: self._api.restful(f"composite/sobjects{path}", method=method, json=body)
        )
        return results_of(answer, len(records))

    def _call(self, act: Callable[[], T]) -> T:
        """Call, and once more with a fresh session where the old one has ended."""
        try:
            return self._translated(act)
        except CrmRefusalError as error:
            if error.code != "INVALID_SESSION_ID":
                raise
        self._api = self._log_in()
        return self._translated(act)

    def _translated(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except SalesforceError as error:
            raise self.failure(error.status, error.content) from error
        except (requests.RequestException, ValueError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> CrmUnreachableError:
        kind = "no answer in time" if isinstance(error, requests.Timeout) else "no usable answer"
        return CrmUnreachableError(
            f"There is {kind} from Salesforce at {self.instance_url} ({type(error).__name__}).",
            "Is SALESFORCE_INSTANCE_URL right, and the network up? Run it again: what was applied"
            " is read back first.",
        )

    def _note_limit(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        if "Date" in answer.headers:
            self.told_at = email.utils.parsedate_to_datetime(answer.headers["Date"])
        told = _LIMIT.search(answer.headers.get("Sforce-Limit-Info", ""))
        if told is not None:
            used, limit = int(told[1]), int(told[2])
            self._quota = Quota(limit, max(0, limit - used), "calls")

    def _log_in(self) -> Salesforce:
        self.log_ins += 1
        secure = self.instance_url.replace("http://", "https://", 1)
        try:
            token, instance = self._token(secure)
        except SalesforceAuthenticationFailed as error:
            raise CopilotError(
                f"Salesforce at {self.instance_url} does not let the copilot in:"
                f" {error.code}: {error.auth_message}",
                _CREDENTIALS_HINT,
            ) from error
        except (requests.RequestException, ValueError) as error:
            raise self._unreachable(error) from error
        return Salesforce(
            session_id=token,
            instance_url=f"https://{instance}",
            session=self.session,
            version=API_VERSION,
            object_pairs_hook=None,  # plain dicts; any function here would be called for each
        )

    def _token(self, secure_url: str) -> tuple[str, str]:
        environment = self._environment
        client_id = environment.get("SALESFORCE_CLIENT_ID", "")
        client_secret = environment.get("SALESFORCE_CLIENT_SECRET", "")
        if client_id and client_secret:
            pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
            granted: tuple[str, str] = token_login(
                f"{secure_url}/services/oauth2/token",
                {"grant_type": "client_credentials"},
                str(urlsplit(secure_url).hostname),
                client_id,
                {"Authorization": f"Basic {pair}"},
                None,
                self.session,
            )
            return granted
        username = environment.get("SALESFORCE_USERNAME", "")
        password = environment.get("SALESFORCE_PASSWORD", "")
        if not (username and password):
            raise CopilotError(
                "There are no credentials for Salesforce in the environment.", _CREDENTIALS_HINT
            )
        opened: tuple[str, str] = SalesforceLogin(
            username=username,
            password=password,
            security_token=environment.get("SALESFORCE_SECURITY_TOKEN", ""),
            scratch_url=secure_url,
            sf_version=API_VERSION,
            session=self.session,
        )
        return opened


def collection(object_name: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body of a request for up to 200 records, each of which stands for itself."""
    typed = [{"attributes": {"type": object_name}, **record} for record in records]
    return {"allOrNone": False, "records": typed}


def results_of(answer: Any, sent: int) -> list[dict[str, Any]]:
    """Return the results of a collection, one a record that was sent.

    Raises
    ------
    CrmUnreachableError
        The answer is for another number of records.
    """
    if not isinstance(answer, list) or len(answer) != sent:
        raise CrmUnreachableError(
            f"Salesforce answered for another number of records than the {sent} sent.",
            "Run it again: what was applied is read back first.",
        )
    return [dict(result) for result in answer]


def is_record_id(value: object) -> bool:
    """Say whether a value has the shape of a Salesforce Id (15 or 18 letters and digits)."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def refusal_words(result: Mapping[str, Any]) -> str:
    """Return Salesforce's own words on one refused record of the set-up."""
    return "; ".join(
        f"{error.get('statusCode')}: {error.get('message')}" for error in result["errors"]
    )


def _instance_url(environment: Mapping[str, str], fallback: str | None) -> str:
    url = (environment.get("SALESFORCE_INSTANCE_URL") or fallback or "").strip().rstrip("/")
    if not url:
        raise CopilotError(
            "It is not known where Salesforce is.",
            "Set SALESFORCE_INSTANCE_URL (https://yourdomain.my.salesforce.com),"
            " or salesforce.instance_url in copilot.yml.",
        )
    if not url.startswith(("https://", "http://")):
        url = f"https://{url}"
    if url.startswith("http://") and not is_loopback(url):
        raise CopilotError(
            f"{url} is not an https address.",
            "Only a stand-in on this machine may be reached without TLS.",
        )
    return url


def _refusal(code: str, words: str) -> CrmRefusalError:
    return CrmRefusalError(
        LABEL,
        code,
        words,
        _hint(code),
        ends_run=code in _RUN_ENDERS,
        is_quota=code == "REQUEST_LIMIT_EXCEEDED",
    )


def _is_transient(answer: requests.Response) -> bool:
    if "/services/Soap/" in str(answer.url):  # a wrong password is a 500 there
        return False
    is_crowded = answer.status_code == 403 and "ConcurrentRequests" in answer.text
    return is_crowded or may_pass(answer)


def _words(status: int, content: Any) -> tuple[str, str]:
    """Return Salesforce's code and sentence."""
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict):
        code = first.get("errorCode") or first.get("error") or str(status)
        return str(code), str(first.get("message") or first.get("error_description") or "")
    return str(status), str(first)[:500]


def _hint(code: str) -> str:
    return {
        "INVALID_SESSION_ID": _CREDENTIALS_HINT,
        "REQUEST_LIMIT_EXCEEDED": "The org's calls of the day are used up; what is left goes with"
        " the next run after the limit renews.",
        "INSUFFICIENT_ACCESS": "Give the integration user the permissions that README.md lists.",
        "API_DISABLED_FOR_ORG": "This edition of Salesforce has no API; see README.md.",
    }.get(code, "Salesforce's own words say what is wrong.")


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes"}
