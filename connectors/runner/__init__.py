"""The Airbyte-protocol runner for one machine."""
