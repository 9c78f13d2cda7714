"""Drives a real Airbyte server: what it holds for the copilot, and its syncs."""
