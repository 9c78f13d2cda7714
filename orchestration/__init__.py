"""Dagster assets, resources and the command line; nothing else imports this package."""
