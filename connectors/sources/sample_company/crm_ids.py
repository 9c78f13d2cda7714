"""Account ids as the company's CRM writes them, in the systems that name its accounts."""

import re

_ACCOUNT = re.compile(rb'"001cs000(\d{7})[A-P]AA"')
_METADATA_KEY = b'"salesforce_account_id"'
_KEYS = {"hubspot": b'"hubspot_company_id"', "pipedrive": b'"pipedrive_organization_id"'}
_FIRST = {"hubspot": 18_100_000_001, "pipedrive": 1}
_STEP = {"hubspot": 37, "pipedrive": 1}


def crm_account_id(salesforce_id: str, crm: str) -> str:
    """Return the id that an account of the synthetic company has in a CRM, as text."""
    if crm == "salesforce":
        return salesforce_id
    return str(_FIRST[crm] + _STEP[crm] * int(salesforce_id[8:15]))


def rewrite_account_ids(line: bytes, crm: str) -> bytes:
    """Put a CRM's account ids, as JSON strings, in the place of Salesforce's."""
    if crm == "salesforce":
        return line
    first, step = _FIRST[crm], _STEP[crm]
    named = line.replace(_METADATA_KEY, _KEYS[crm])
    return _ACCOUNT.sub(lambda found: b'"%d"' % (first + step * int(found[1])), named)
