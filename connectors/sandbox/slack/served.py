"""How Slack's stand-in is opened for the process that serves it."""

from connectors.sandbox.common.served import opener
from connectors.sandbox.slack.app import build
from connectors.sandbox.slack.workspace import Workspace

new_credentials = Workspace.new_credentials
open_standin = opener(Workspace, build)
