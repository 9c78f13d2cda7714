"""How Teams's stand-in is opened for the process that serves it."""

from connectors.sandbox.common.served import opener
from connectors.sandbox.teams.app import build
from connectors.sandbox.teams.tenant import Tenant

new_credentials = Tenant.new_credentials
open_standin = opener(Tenant, build)
