"""How Pipedrive's stand-in is opened for the process that serves it."""

from connectors.sandbox.common.served import opener
from connectors.sandbox.pipedrive.app import build
from connectors.sandbox.pipedrive.company import Company

new_credentials = Company.new_credentials
open_standin = opener(Company, build)
