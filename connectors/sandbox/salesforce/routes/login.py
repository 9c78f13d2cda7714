"""OAuth 2.0 tokens and the SOAP login that username-and-password clients use."""

import base64
import binascii
import hmac
import html
import re
import time
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.salesforce.api import Answer, ApiRoute, Call, Org, json_response
from connectors.sandbox.salesforce.store import (
    INTEGRATION_USER_ID,
    INTEGRATION_USERNAME,
    ORGANIZATION_ID,
)

_SOAP_OK = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\
<soapenv:Body><loginResponse><result><metadataServerUrl>{base}/services/Soap/m/{version}/{org}\
</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>true</sandbox>\
<serverUrl>{base}/services/Soap/u/{version}/{org}</serverUrl><sessionId>{session}</sessionId>\
<userId>{user}</userId><userInfo><organizationId>{org}</organizationId>\
<organizationName>Sandbox (synthetic data)</organizationName><userEmail>{email}</userEmail>\
<userFullName>Integration User</userFullName><userId>{user}</userId>\
<userLanguage>en_US</userLanguage><userLocale>en_US</userLocale><userName>{email}</userName>\
<userTimeZone>GMT</userTimeZone><userType>Standard</userType></userInfo></result>\
</loginResponse></soapenv:Body></soapenv:Envelope>"""
_SOAP_BYE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns="urn:partner.soap.sforce.com"><soapenv:Body><logoutResponse/></soapenv:Body>\
</soapenv:Envelope>"""
_SOAP_FAULT = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:sf="urn:fault.partner.soap.sforce.com" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>\
<faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring><detail>\
<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>\
<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>\
</soapenv:Body></soapenv:Envelope>"""


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _refuse(code: str, message: str) -> Response:
    return json_response({"error": code, "error_description": message}, 400)


async def token(request: Request) -> Response:
    """Answer ``POST /services/oauth2/token``: three of OAuth's grants."""
    raw = (await request.body()).decode("utf-8", "replace")
    form = {key: values[0] for key, values in parse_qs(raw, keep_blank_values=True).items()}
    return await run_in_threadpool(_token, request, form)


def _token(request: Request, form: dict[str, str]) -> Response:
    org: Org = request.app.state.org
    client_id, client_secret = _client(request, form)
    if not _equal(client_id, org.credentials["client_id"]):
        return _refuse("invalid_client_id", "client identifier invalid")
    if not _equal(client_secret, org.credentials["client_secret"]):
        return _refuse("invalid_client", "invalid client credentials")
    grant = form.get("grant_type")
    more: dict[str, str] = {}
    if grant == "password":
        if not _right_password(org, form.get("username", ""), form.get("password", "")):
            return _refuse("invalid_grant", "authentication failure")
    elif grant == "refresh_token":
        if not org.has_grant(form.get("refresh_token", "")):
            return _refuse("invalid_grant", "expired access/refresh token")
        if org.rotates_refresh_tokens:
            more = {"refresh_token": org.rotate_grant(form["refresh_token"])}
    elif grant != "client_credentials":
        return _refuse("unsupported_grant_type", "grant type not supported")
    return json_response(
        {
            "access_token": org.new_session(),
            **more,
            "instance_url": org.base_url,
            "id": f"{org.base_url}/id/{ORGANIZATION_ID}/{INTEGRATION_USER_ID}",
            "token_type": "Bearer",
            "scope": "refresh_token api" if grant == "refresh_token" else "api",
            "issued_at": str(int(time.time() * 1000)),
        }
    )


def _right_password(org: Org, username: str, password: str) -> bool:
    return _equal(username, org.credentials["username"]) and _equal(
        password, org.credentials["password"]
    )


async def soap(request: Request) -> Response:
    """Answer the partner API's ``login`` and ``logout`` calls."""
    text = (await request.body()).decode("utf-8", "replace")
    act = _soap_logout if re.search(r"<(?:\w+:)?logout[\s/>]", text) else _soap_login
    return await run_in_threadpool(act, request, text)


async def revoke(request: Request) -> Response:
    """Answer ``POST /services/oauth2/revoke``: end the session of a token."""
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    org: Org = request.app.state.org
    await run_in_threadpool(org.store.close_session, form.get("token", [""])[0])
    return Response()


def _soap_logout(request: Request, text: str) -> Response:
    org: Org = request.app.state.org
    org.store.close_session(_element(text, "sessionId"))
    return Response(_SOAP_BYE, media_type="text/xml;charset=UTF-8")


def _element(text: str, name: str) -> str:
    match = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return html.unescape(match[1]).strip() if match else ""


def _soap_login(request: Request, text: str) -> Response:
    org: Org = request.app.state.org
    if not re.search(r"<(?:\w+:)?login[\s>]", text):
        fault = _SOAP_FAULT.format(
            code="UNKNOWN_EXCEPTION", text="This stand-in knows only login and logout."
        )
        return Response(fault, status_code=500, media_type="text/xml;charset=UTF-8")
    if not _right_password(org, _element(text, "username"), _element(text, "password")):
        fault = _SOAP_FAULT.format(
            code="INVALID_LOGIN",
            text="INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
        )
        return Response(fault, status_code=500, media_type="text/xml;charset=UTF-8")
    answer = _SOAP_OK.format(
        base=escape(org.base_url),
        version=escape(request.path_params["version"]),
        org=ORGANIZATION_ID,
        user=INTEGRATION_USER_ID,
        email=INTEGRATION_USERNAME,
        session=escape(org.new_session()),
    )
    return Response(answer, media_type="text/xml;charset=UTF-8")


def _identity(call: Call) -> Answer:
    return Answer(
        {
            "id": f"{call.org.base_url}/id/{ORGANIZATION_ID}/{INTEGRATION_USER_ID}",
            "user_id": INTEGRATION_USER_ID,
            "organization_id": ORGANIZATION_ID,
            "username": INTEGRATION_USERNAME,
            "preferred_username": INTEGRATION_USERNAME,
            "display_name": "Integration User",
            "email": INTEGRATION_USERNAME,
            "user_type": "STANDARD",
            "active": True,
        }
    )


ROUTES = [
    Route("/services/oauth2/token", token, methods=["POST"]),
    Route("/services/Soap/u/{version}", soap, methods=["POST"]),
    Route("/services/Soap/u/{version}/{org}", soap, methods=["POST"]),
    Route("/services/oauth2/revoke", revoke, methods=["POST"]),
    ApiRoute("/services/oauth2/userinfo", {"GET": _identity}),
    ApiRoute("/id/{org}/{user}", {"GET": _identity}),
]
