"""The systems that the copilot reads from."""
