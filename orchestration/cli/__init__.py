"""The `copilot` command."""
