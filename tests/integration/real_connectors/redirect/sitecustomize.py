"""Sends a connector's calls to local stand-ins: Python imports this file by itself at start-up.

STANDINS maps a pattern of host names to an address on this machine. ``https://HOST/path`` goes to
``ADDRESS/HOST/path``, in clear, while the connector goes on to believe in its own address. Any
other host outside of this machine is refused at once, so that no test ever calls a real vendor.
"""

import json
import os
import re
import urllib.parse

import requests
from requests.adapters import HTTPAdapter

_STANDINS = json.loads(os.environ.get("STANDINS", "{}"))
_LOCAL = {"127.0.0.1", "localhost"}
_send = HTTPAdapter.send


def _target(url):
    parts = urllib.parse.urlsplit(url)
    for pattern, address in _STANDINS.items():
        if re.fullmatch(pattern, parts.hostname or ""):
            query = f"?{parts.query}" if parts.query else ""
            return f"{address}/{parts.hostname}{parts.path}{query}"
    return url if parts.hostname in _LOCAL else None


def _redirected(self, request, *args, **kwargs):
    target = _target(request.url)
    if target is None:
        raise requests.exceptions.ConnectionError(f"no stand-in for {request.url}", request=request)
    sent = request.copy()
    sent.url = target
    kwargs["proxies"] = {}
    response = _send(self, sent, *args, **kwargs)
    response.request, response.url = request, request.url
    return response


HTTPAdapter.send = _redirected
