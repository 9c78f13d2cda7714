"""Alerts to Slack, Microsoft Teams and e-mail: what changed, to whom it goes, what became of it."""
