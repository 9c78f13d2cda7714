"""How HubSpot's stand-in is opened for the process that serves it."""

from connectors.sandbox.common.served import opener
from connectors.sandbox.hubspot.app import build
from connectors.sandbox.hubspot.portal import Portal

new_credentials = Portal.new_credentials
open_standin = opener(Portal, build)
