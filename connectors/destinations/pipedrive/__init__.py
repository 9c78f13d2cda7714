"""Pipedrive: organisations' custom fields and activities, through version 2 of its API."""
